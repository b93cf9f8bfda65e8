import { describe, expect, test } from "vitest";
import { type Diagnostic, planTopology, type Subjects } from "../../../topology/language/mod.ts";

const NEW = '{"type":"record","name":"O","fields":[{"name":"n","type":"long"}]}';
const OLD = '{"type":"record","name":"O","fields":[{"name":"old","type":"string"}]}';

const REGISTRY: Subjects = {
  read: (subject, version) => {
    if (subject === "broken") return '{"type":"nothing"}';
    if (subject !== "orders-value") return undefined;
    return ({ latest: NEW, 1: OLD, 2: NEW } as Record<string, string>)[version];
  },
};

function planOf(source: string, stages: string, out = "{}", subjects: Subjects | null = REGISTRY) {
  return planTopology({
    file: "t.yaml",
    text: `topology: t\nstreams:\n  orders: ${source}\n  out: ${out}\npipelines:\n  p:\n    - source: orders\n${stages}\n    - sink: out\n`,
    files: { read: (path) => (path === "o.avsc" ? NEW : undefined) },
    ...(subjects !== null && { subjects }),
  });
}

function faults(planned: { readonly diagnostics: readonly Diagnostic[] }): string[] {
  return planned.diagnostics.map(
    ({ code, line, column, message, hint }) =>
      `${line}:${column} ${code} ${message}${hint === undefined ? "" : ` | ${hint}`}`,
  );
}

const FILTER_N = "    - filter: value.n > 1";

describe("a schema of the registry", () => {
  test.each([
    ["bare avro is the topic's newest", "{ value: avro }", FILTER_N],
    ["a subject is its newest version", "{ value: { subject: orders-value } }", FILTER_N],
    [
      "a version is pinned",
      "{ value: { subject: orders-value, version: 1 } }",
      "    - filter: value.old != ''",
    ],
    [
      "keys have schemas, too",
      "{ key: { subject: orders-value }, value: string }",
      "    - filter: key.n > 1",
    ],
    [
      "windowed or not, a stream that is written may name one",
      "{ value: { avro: o.avsc } }",
      FILTER_N,
      "{ value: { subject: orders-value, version: 2 } }",
    ],
  ])("%s", (_, source, stages, out?: string) => {
    expect(faults(planOf(source, stages, out))).toEqual([]);
  });

  test("of another topic is found by the topic, not by the stream's name", () => {
    const planned = planOf("{ topic: sales, value: avro }", FILTER_N);
    expect(faults(planned)).toEqual([
      '3:34 MISSING_SUBJECT the registry has no subject "sales-value"',
    ]);
  });

  test.each([
    [
      "{ value: { subject: orders-value, version: 7 } }",
      '3:31 MISSING_SUBJECT the registry has no version 7 of subject "orders-value"',
    ],
    ["{ value: { subject: broken } }", expect.stringContaining("3:31 BAD_SCHEMA broken: ")],
  ])("that is not to be had is refused: %s", (source, fault) => {
    expect(faults(planOf(source, FILTER_N))).toEqual([fault]);
  });

  test("needs a registry", () => {
    const planned = planOf("{ value: { subject: orders-value } }", FILTER_N, "{}", null);
    expect(faults(planned)).toEqual([
      '3:31 NO_REGISTRY the schema of subject "orders-value" is in a registry | say which: --registry http://host:port; or name a file: { avro: <file> }',
    ]);
  });

  test("is not asked for by a definition that names none", () => {
    const asked: string[] = [];
    const subjects: Subjects = { read: (subject) => void asked.push(subject) };
    planOf("{ value: { avro: o.avsc } }", FILTER_N, "{ value: avro }", subjects);
    expect(asked).toEqual([]);
  });
});

describe("untyped json", () => {
  const JSON_SOURCE = "{ value: json }";

  test.each([
    ["is converted", "    - map: { value: { n: int(value.n), who: string(value.who.name) } }"],
    ["is converted by index", `    - map: { value: { n: "double(value['a b'][0])" } }`],
    ["is compared with null", "    - filter: value.n != null && has(value.m) && bool(value.ok)"],
    ["travels whole", "    - map: { value: value.payload }"],
    ["may be null in part", "    - map: { value: 'has(value.a) ? value.a : null' }"],
  ])("%s", (_, stages) => {
    expect(faults(planOf(JSON_SOURCE, stages))).toEqual([]);
  });

  const HINT = "convert: int(value.n); there is int, double, string, bool";
  test.each([
    [
      "    - filter: value.n > 1",
      `8:23 TYPE_MISMATCH > does not take untyped json and int | ${HINT}`,
    ],
    [
      "    - filter: value.n == 1",
      `8:23 TYPE_MISMATCH == cannot compare untyped json with int | ${HINT}`,
    ],
    [
      "    - filter: value.n == value.n",
      `8:23 TYPE_MISMATCH == cannot compare untyped json with untyped json | ${HINT}`,
    ],
    [
      "    - filter: value.n in [1]",
      `8:23 TYPE_MISMATCH a list of int cannot hold untyped json | ${HINT}`,
    ],
    [
      "    - filter: value.n",
      `8:15 TYPE_MISMATCH a condition must be bool, this is untyped json | ${HINT.replace("int(", "bool(")}`,
    ],
    [
      "    - map: { value: -value.n }",
      `8:21 TYPE_MISMATCH - takes a number, this is untyped json | ${HINT}`,
    ],
    [
      "    - map: { value: size(value.n) }",
      `8:21 TYPE_MISMATCH size does not take (untyped json) | ${HINT}`,
    ],
    [
      "    - map: { value: '[value.n]' }",
      `8:23 TYPE_MISMATCH the elements of a list need a type, this is untyped json | ${HINT}`,
    ],
    [
      "    - map: { key: value.n }",
      `8:19 TYPE_MISMATCH a key cannot be untyped json | ${HINT.replace("int(", "string(")}`,
    ],
    [
      "    - map: { value: { n: value.n } }",
      '8:26 TYPE_MISMATCH "n" is untyped json, which has no schema: convert it, as in int(value.n)',
    ],
  ])("is refused with the way to convert it: %s", (stages, fault) => {
    expect(faults(planOf(JSON_SOURCE, stages))).toEqual([fault]);
  });

  test("is not written as Avro", () => {
    const planned = planOf(JSON_SOURCE, "    - map: { value: value.n }", "{ value: avro }");
    expect(faults(planned)).toEqual([
      expect.stringContaining('TYPE_MISMATCH "out" cannot hold untyped json as its value'),
    ]);
  });

  test("takes whatever a stage makes; its readers know no more than json says", () => {
    const text = (filter: string) =>
      `topology: t\nstreams: { s: { value: { avro: o.avsc } }, mid: { value: json }, out: {} }\npipelines:\n  a: [{ source: s }, { sink: mid }]\n  b: [{ source: mid }, { filter: '${filter}' }, { sink: out }]\n`;
    const files = { read: () => NEW };
    const plan = (filter: string) => planTopology({ file: "t.yaml", text: text(filter), files });
    expect(faults(plan("int(value.n) > 1"))).toEqual([]);
    expect(faults(plan("value.n > 1"))).toEqual([expect.stringContaining("TYPE_MISMATCH")]);
  });
});

describe("json checked against a schema", () => {
  test("has the schema's types", () => {
    expect(faults(planOf("{ value: { json: o.avsc } }", FILTER_N))).toEqual([]);
    expect(faults(planOf("{ value: { json: o.avsc } }", "    - filter: value.m > 1"))).toEqual([
      expect.stringContaining("UNKNOWN_FIELD"),
    ]);
  });

  test("is checked where it is written", () => {
    const out = "{ value: { json: o.avsc } }";
    expect(faults(planOf("{ value: string }", "    - map: { value: { n: 1 } }", out))).toEqual([]);
    expect(
      faults(planOf("{ value: string }", "    - map: { value: { n: '''x''' } }", out)),
    ).toEqual([expect.stringContaining("TYPE_MISMATCH")]);
  });
});
