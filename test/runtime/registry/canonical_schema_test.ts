import { describe, expect, it } from "vitest";
import { canonicalSchema } from "../../../runtime/registry/canonical_schema.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";

const record = (more: object = {}) => ({
  type: "record",
  name: "B",
  namespace: "a",
  fields: [
    { name: "e", type: { type: "enum", name: "E", symbols: ["X"] } },
    { name: "again", type: ["null", "E"], default: null },
    { name: "self", type: { type: "array", items: "B" } },
  ],
  ...more,
});

const CANONICAL = canonicalSchema(record());

describe("the canonical text of a schema", () => {
  it.each<[string, unknown]>([
    ["the order of attributes", Object.fromEntries(Object.entries(record()).reverse())],
    ["a namespace in the name", { ...record(), name: "a.B", namespace: undefined }],
    ["a namespace that a full name overrides", { ...record(), name: "a.B", namespace: "other" }],
    [
      "full names in references",
      record({
        fields: [
          { type: { type: "enum", name: "a.E", symbols: ["X"] }, name: "e" },
          { default: null, name: "again", type: [{ type: "null" }, "a.E"] },
          { name: "self", type: { items: "a.B", type: "array" } },
        ],
      }),
    ],
  ])("is the same whatever %s", (_, schema) => {
    const json: unknown = JSON.parse(JSON.stringify(schema));
    expect(canonicalSchema(json)).toBe(CANONICAL);
  });

  it.each<[string, unknown]>([
    ["a doc", record({ doc: "what it is" })],
    ["an alias", record({ aliases: ["C"] })],
    ["an attribute of somebody's own", record({ owner: "me" })],
    ["another namespace", record({ namespace: "b" })],
    ["another order of fields", record({ fields: record().fields.toReversed() })],
    [
      "a logical type",
      record({ fields: [{ name: "x", type: { type: "int", logicalType: "date" } }] }),
    ],
    ["a default", record({ fields: [{ name: "x", type: "int", default: 1 }] })],
  ])("is another one with %s", (_, schema) => {
    expect(canonicalSchema(schema)).not.toBe(CANONICAL);
  });

  it("tells a type of the namespace around from one of the same name without", () => {
    const nested = (namespace: object) =>
      canonicalSchema(
        record({
          fields: [{ name: "x", type: { type: "fixed", name: "F", size: 1, ...namespace } }],
        }),
      );
    expect(nested({})).toBe(nested({ namespace: "a" }));
    expect(nested({})).not.toBe(nested({ namespace: "" }));
  });

  it("knows a primitive without its object, and aliases by their full names", () => {
    expect(canonicalSchema({ type: { type: "int" } })).toBe('"int"');
    expect(canonicalSchema({ type: "fixed", name: "x.F", size: 1, aliases: ["G"] })).toBe(
      canonicalSchema({ type: "fixed", name: "x.F", size: 1, aliases: ["x.G"] }),
    );
  });

  it("is a schema that means the same, and its own canonical text", () => {
    const again: unknown = JSON.parse(CANONICAL);
    expect(parseAvroSchema(again)).toEqual(parseAvroSchema(record()));
    expect(canonicalSchema(again)).toBe(CANONICAL);
  });
});
