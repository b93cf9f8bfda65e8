import { readFileSync } from "node:fs";
import avsc from "avsc";
import { describe, expect, test } from "vitest";
import { AGGREGATORS, formatAvroSchema, planTopology } from "../../../topology/language/mod.ts";

const USER_LOG = readFileSync(new URL("../../../schemas/user_log.avsc", import.meta.url), "utf8");

/** The fields of what is written, as Avro, for results made by `value`. */
function writtenFields(
  value: string,
): readonly { readonly name: string; readonly type: unknown }[] {
  const text = `topology: t
streams: { s: { value: { avro: user_log.avsc } }, out: {} }
pipelines:
  p:
    - source: s
    - map: { key: value.province }
    - windowedReduce:
        window: { tumbling: 1s, grace: 0s }
        value:
${value}
        emit: final
    - sink: out
`;
  const { plan, diagnostics } = planTopology({
    file: "t.yaml",
    text,
    files: { read: () => USER_LOG },
  });
  expect(diagnostics).toEqual([]);
  const format = plan!.streams["out"]!.value;
  if (format.kind !== "avro") throw new Error(`out is ${format.kind}`);
  const schema = formatAvroSchema(format.schema) as avsc.Schema & {
    readonly fields: readonly { readonly name: string; readonly type: unknown }[];
  };
  // What a registry takes: names once, each reference to one that is known.
  expect(() => avsc.Type.forSchema(schema)).not.toThrow();
  return schema.fields;
}

const one = (aggregator: string) =>
  writtenFields(`          r: ${JSON.stringify(aggregator)}`)[0]!.type;

const ACTION = { type: "enum", name: "Action", namespace: "millrace.double11" };

/** Types of the examples' results, by aggregator. */
const RESULTS: Readonly<Record<string, unknown>> = {
  count: "long",
  sum: "long",
  min: "long",
  max: "long",
  avg: "double",
  largest: { type: "array", items: "long" },
  first: ACTION,
  last: "string",
  maxBy: "long",
  minBy: "long",
  collect: { type: "array", items: { type: "map", values: ACTION } },
  mostFrequent: {
    type: "array",
    items: {
      type: "record",
      fields: [
        { name: "value", type: "long" },
        { name: "count", type: "long" },
      ],
    },
  },
  countBy: { type: "map", values: "long" },
  distinct: "long",
};

describe("an aggregator", () => {
  test.each(AGGREGATORS)("$name has an example, whose result is of the type it says", (spec) => {
    expect(spec.example).toMatch(new RegExp(`^${spec.name}\\(`));
    expect([one(spec.example)]).toMatchObject([RESULTS[spec.name]]);
  });

  test("is called by the name of every one in the table, and no other", () => {
    expect(AGGREGATORS.map(({ name }) => name).toSorted()).toEqual(Object.keys(RESULTS).toSorted());
  });
});

describe("the schema of a result", () => {
  test("names a type once that several aggregators make", () => {
    const fields = writtenFields(
      "          a: first(value.action)\n          b: last(value.action)\n          c: 'collect(value, 2)'\n          d: last(value)",
    );
    expect(fields).toMatchObject([
      { type: ACTION },
      { type: "millrace.double11.Action" },
      { type: { type: "array", items: { type: "record", name: "UserLog" } } },
      { type: "millrace.double11.UserLog" },
    ]);
  });

  test("names the records of two lists apart", () => {
    const fields = writtenFields(
      "          items: 'mostFrequent(value.item_id, 2)'\n          provinces: 'mostFrequent(value.province, 2)'",
    );
    const names = fields.map(({ type }) => (type as { items: { name: string } }).items.name);
    expect(new Set(names).size).toBe(2);
  });

  test("is the one of what a reducer of one's own lowers", () => {
    const fields = writtenFields(
      "          mean: { lift: { n: 1, sum: value.day }, combine: { n: a.n + b.n, sum: a.sum + b.sum }, lower: double(a.sum) / double(a.n) }\n" +
        "          both: { lift: { n: 1, sum: value.day }, combine: { n: a.n + b.n, sum: a.sum + b.sum } }",
    );
    expect(fields).toMatchObject([
      { type: "double" },
      { type: { type: "record", fields: [{ name: "n" }, { name: "sum" }] } },
    ]);
  });
});

describe("trying the laws of reducers", () => {
  const definition = (reducers: readonly string[]) => `topology: t
streams: { s: { value: { avro: user_log.avsc } }, out: {} }
pipelines:
  p:
    - source: s
    - windowedReduce:
        key: value.province
        window: { tumbling: 1s, grace: 0s }
        emit: final
        value:
${reducers.map((reducer, n) => `          r${n}: ${reducer}`).join("\n")}
    - sink: out
`;
  const diagnose = (reducers: readonly string[]) =>
    planTopology({ file: "t.yaml", text: definition(reducers), files: { read: () => USER_LOG } })
      .diagnostics;

  test("takes a bounded time, however many there are and whatever they do", () => {
    const digits = "[1,2,3,4,5,6,7,8]";
    const loop = (depth: number): string =>
      depth === 0 ? "0" : `size(${digits}.map(x, ${loop(depth - 1)}))`;
    const hostile = Array.from(
      { length: 700 },
      () => `{ lift: value.day, combine: "a + b + ${loop(6)}" }`,
    );
    const started = performance.now();
    const diagnostics = diagnose(hostile);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(diagnostics).toMatchObject([{ message: expect.stringContaining("at most 64") }]);
  });

  test("finds what depends on the order or the grouping, with the values", () => {
    expect(diagnose(["{ lift: value.day, combine: a * 2 + b }"])).toMatchObject([
      {
        code: "BAD_AGGREGATOR",
        message: expect.stringMatching(
          /^combine\(a, b\) is -?\d+, combine\(b, a\) is -?\d+, for a = /,
        ),
      },
    ]);
    const text = diagnose(["{ lift: value.province, combine: a + b }"]);
    expect(text).toMatchObject([{ hint: expect.stringContaining("ordered: true") }]);
    expect(diagnose(["{ lift: value.province, combine: a + b, ordered: true }"])).toEqual([]);
  });

  test.each([
    "{ lift: value.day, combine: 'a > b ? a : b' }",
    "{ lift: '[value.day]', combine: 'a.filter(x, !(x in b)) + b.filter(x, x in a) + b.filter(x, !(x in a))', ordered: true }",
    "{ lift: { n: double(value.day), of: value.day }, combine: { n: a.n + b.n, of: a.of * b.of }, lower: a.n / double(a.of) }",
    "{ lift: value.gender == 'MALE', combine: a || b }",
    "{ lift: double(value.day) / 3.0, combine: a + b, inverse: a - b }",
  ])("lets %s pass", (reducer) => {
    expect(diagnose([reducer])).toEqual([]);
  });
});
