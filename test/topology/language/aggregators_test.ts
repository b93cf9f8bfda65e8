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
