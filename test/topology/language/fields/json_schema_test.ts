import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { formatReference, jsonSchema, OBJECTS } from "../../../../topology/language/mod.ts";
import { EXAMPLES } from "../../../support/examples.ts";
import { compileSchema, faultsOf } from "./_schemas.ts";
import { typeChecks } from "./_type_checks.ts";

const FOLDER = fileURLToPath(new URL("../../../../topology/", import.meta.url));
const read = (name: string) => readFileSync(FOLDER + name, "utf8");

describe("the files made from the field specs", () => {
  test.each([
    ["topology.schema.json", () => `${JSON.stringify(jsonSchema("Topology"), null, 2)}\n`],
    ["test.schema.json", () => `${JSON.stringify(jsonSchema("TestFile"), null, 2)}\n`],
    ["reference.md", formatReference],
  ])("%s is as `npm run generate` writes it", (name, make) => {
    expect(read(name)).toBe(make());
  });
});

test("the types of the object form are those of the field specs, which tsc finds", async () => {
  // Another text fails here until `vitest -u` has written it, and then `tsc` says what differs.
  await expect(typeChecks()).toMatchFileSnapshot("./_model_types.ts");
});

describe("the JSON Schema", () => {
  const definitions = compileSchema("Topology");

  test.each(EXAMPLES)("is named by %s, which it accepts", (name) => {
    expect(read(name).split("\n")[0]).toBe(
      "# yaml-language-server: $schema=./topology.schema.json",
    );
    expect(faultsOf(definitions, read(name))).toEqual([]);
  });

  test("accepts a file of tests", () => {
    const file = "definition: a.yaml\ntests: [{ name: it waits, steps: [{ wait: 1s }] }]";
    const tests = compileSchema("TestFile");
    expect(faultsOf(tests, file)).toEqual([]);
    expect(faultsOf(tests, file.replace("1s", "1"))).toContain("/tests/0/steps/0/wait type");
  });

  test("has every field that is built, with its words, and a default only where it is a value", () => {
    const { definitions: named, properties } = jsonSchema("Topology") as {
      properties: Record<string, unknown>;
      definitions: Record<string, { properties: Record<string, Record<string, unknown>> }>;
    };
    const stream = named["Stream"]!.properties;
    expect(stream["idle"]).toMatchObject({ default: "5s" });
    expect(stream["idle"]!["description"]).toContain("Silence after which");
    expect(stream["topic"]).not.toHaveProperty("default");
    expect(stream["topic"]!["description"]).toContain("Default: the stream's name.");
    // Not built: an editor must not offer it.
    expect(named["Chart"]!.properties).not.toHaveProperty("x");
    expect(properties).toHaveProperty("tables");
  });

  test("gives defaults that it accepts itself", () => {
    const schema = jsonSchema("Topology") as {
      definitions: Record<string, { properties?: Record<string, { default?: unknown }> }>;
    };
    const ajv = new Ajv({ strictTypes: false, strictRequired: false });
    let seen = 0;
    for (const { properties = {} } of Object.values(schema.definitions)) {
      for (const [key, { default: preset, ...field }] of Object.entries(properties)) {
        if (preset === undefined) continue;
        seen++;
        const validate = ajv.compile({ ...field, definitions: schema.definitions });
        expect(validate(preset), `${key}: ${String(preset)}`).toBe(true);
      }
    }
    expect(seen).toBeGreaterThan(10);
  });
});

describe("examples of fields", () => {
  const schemas = ["Topology", "TestFile"].map((root) => jsonSchema(root as "Topology")) as {
    properties: Record<string, object>;
    definitions: Record<string, { properties?: Record<string, object> }>;
  }[];
  const ajv = new Ajv({ strictTypes: false, strictRequired: false });
  const fields = [...OBJECTS].flatMap(([name, { fields: specs }]) =>
    Object.entries(specs).map(([key, { example }]) => [`${name}.${key}`, example] as const),
  );

  test.each(fields)("%s: %s", (field, example) => {
    const [name, key] = field.split(".") as [string, string];
    const [definition, tests] = schemas as [(typeof schemas)[0], (typeof schemas)[0]];
    const place =
      name === "Topology" ? definition : name === "TestFile" ? tests : definition.definitions[name];
    const schema = place?.properties?.[key];
    // What is not built has an example, and no schema.
    if (schema === undefined) return expect(example).not.toBe("");
    const validate = ajv.compile({
      ...schema,
      definitions: { ...tests.definitions, ...definition.definitions },
    });
    validate(parse(example));
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe("what is wrong with a definition", () => {
  const definitions = compileSchema("Topology");
  const WRONG: readonly (readonly [string, string, string])[] = [
    ["an unknown key", "topolgy: x", " additionalProperties"],
    ["no name", "streams: {}", " required"],
    ["a name in capitals", "topology: Orders", "/topology pattern"],
    ["a null", "streams: { s: { topic: null } }", "/streams/s/topic type"],
    ["a number for a duration", "streams: { s: { idle: 5 } }", "/streams/s/idle type"],
    ["no time at all", "streams: { s: { idle: 0s } }", "/streams/s/idle pattern"],
    ["a word of no meaning", "streams: { s: { start: now } }", "/streams/s/start enum"],
    [
      "too many partitions",
      "streams: { s: { create: { partitions: 1000000 } } }",
      "/streams/s/create/partitions maximum",
    ],
    ["an empty pipeline", "pipelines: { p: [] }", "/pipelines/p minItems"],
    ["two stages in one", "pipelines: { p: [{ source: s, sink: t }] }", "/pipelines/p/0 oneOf"],
    ["no stage at all", "pipelines: { p: [{ id: x }] }", "/pipelines/p/0 oneOf"],
    ["an empty expression", "pipelines: { p: [{ filter: '' }] }", "/pipelines/p/0/filter pattern"],
    [
      "a list for an expression",
      "pipelines: { p: [{ filter: [a] }] }",
      "/pipelines/p/0/filter type",
    ],
    [
      "no grace",
      "pipelines: { p: [{ windowedReduce: { window: { tumbling: 1s }, value: { n: count() }, emit: final } }] }",
      "/pipelines/p/0/windowedReduce/window required",
    ],
    [
      "hops without a distance",
      "pipelines: { p: [{ windowedReduce: { window: { hopping: 1s, grace: 0s }, value: { n: count() }, emit: final } }] }",
      "/pipelines/p/0/windowedReduce/window dependencies",
    ],
    [
      "a distance without hops",
      "pipelines: { p: [{ windowedReduce: { window: { tumbling: 1s, every: 1s, grace: 0s }, value: { n: count() }, emit: final } }] }",
      "/pipelines/p/0/windowedReduce/window dependencies",
    ],
    [
      "what is not built",
      "dashboard: { charts: [{ stream: s, y: 1, x: 2 }] }",
      "/dashboard/charts/0 additionalProperties",
    ],
    [
      "an unknown key of an emit",
      "pipelines: { p: [{ map: { vlaue: 1 } }] }",
      "/pipelines/p/0/map additionalProperties",
    ],
    [
      "records that are not sent",
      "tests: [{ name: t, steps: [{ records: [] }] }]",
      "/tests/0/steps/0 oneOf",
    ],
    [
      "half a window",
      "tests: [{ name: t, steps: [{ expect: { s: [{ window: [0s] }] } }] }]",
      "/tests/0/steps/0/expect/s/0/window minItems",
    ],
  ];

  test.each(WRONG)("%s is told at its place", (_, text, fault) => {
    expect(faultsOf(definitions, text)).toContain(fault);
  });
});
