import { describe, expect, test } from "vitest";
import {
  avroOfType,
  checkExpression,
  describeType,
  type ExpressionType,
  parseAvroSchema,
  typeOfAvro,
  UnsupportedTypeError,
} from "../../../../topology/language/mod.ts";

const typed = (schema: unknown): ExpressionType =>
  typeOfAvro(parseAvroSchema(JSON.stringify(schema)));
const record = (name: string, fields: Record<string, unknown>) => ({
  type: "record",
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});

describe("types of Avro", () => {
  test.each<[unknown, string]>([
    ["int", "int"],
    ["long", "int"],
    ["float", "double"],
    ["double", "double"],
    ["string", "string"],
    ["boolean", "bool"],
    ["bytes", "bytes"],
    ["null", "null"],
    [{ type: "fixed", name: "F", size: 4 }, "bytes"],
    [{ type: "enum", name: "a.b.E", symbols: ["X"] }, "enum E"],
    [{ type: "array", items: "long" }, "list(int)"],
    [{ type: "map", values: ["null", "string"] }, "map(string, string or null)"],
    [["null", "int"], "int or null"],
    [["int", "null"], "int or null"],
    [["int"], "int"],
    [["null"], "null"],
    [{ type: "long", logicalType: "timestamp-millis" }, "int"],
    [{ type: "long", logicalType: "timestamp-micros" }, "int"],
    [{ type: "int", logicalType: "date" }, "int"],
    [{ type: "string", logicalType: "uuid" }, "string"],
    [["int", "string"], "unsupported"],
    [["null", "int", "string"], "unsupported"],
    [{ type: "bytes", logicalType: "decimal", precision: 9, scale: 2 }, "decimal(9, 2)"],
    [{ type: "bytes", logicalType: "decimal", precision: 9 }, "decimal(9, 0)"],
    [{ type: "bytes", logicalType: "decimal", precision: 2, scale: 3 }, "bytes"],
    [{ type: "bytes", logicalType: "decimal" }, "bytes"],
    [{ type: "bytes", logicalType: "decimal", precision: 2000, scale: 2 }, "unsupported"],
    [
      [
        "null",
        { type: "fixed", name: "D", size: 4, logicalType: "decimal", precision: 9, scale: 2 },
      ],
      "decimal(9, 2) or null",
    ],
    [{ type: "fixed", name: "U", size: 16, logicalType: "uuid" }, "uuid"],
    [{ type: "fixed", name: "U", size: 12, logicalType: "uuid" }, "bytes"],
    [{ type: "int", logicalType: "time-millis" }, "int"],
    [{ type: "long", logicalType: "time-micros" }, "int"],
    [{ type: "long", logicalType: "local-timestamp-millis" }, "int"],
    [{ type: "long", logicalType: "local-timestamp-micros" }, "int"],
    [["int", "long"], "int"],
    [["null", "float", "double"], "double or null"],
    [["string", { type: "enum", name: "E", symbols: ["X"] }], "string"],
    [["int", "double"], "unsupported"],
    [[record("A", { x: "int" }), record("B", { x: "int" })], "unsupported"],
    [{ type: "fixed", name: "D", size: 12, logicalType: "duration" }, "unsupported"],
    [record("a.R", { x: "int" }), "record R"],
  ])("%j is %s", (schema, type) => {
    expect(describeType(typed(schema))).toBe(type);
  });

  test("a record may be looked into once more where it holds itself, and no further", () => {
    const value = typed(record("Node", { name: "string", parent: ["null", "Node"] }));
    const faults = (text: string) =>
      checkExpression(text, new Map([["value", value]])).faults.map(
        ({ code, message }) => `${code} ${message}`,
      );
    expect(faults("value.parent != null && value.parent.name == 'x'")).toEqual([]);
    expect(faults("value.parent != null && value.parent.parent != null")).toEqual([
      "NOT_BUILT value.parent.parent cannot be used in expressions yet: it is the third Node inside one another",
    ]);
  });

  test("siblings of one record type are no nesting", () => {
    const value = typed(record("Pair", { a: record("P", { x: "int" }), b: "P", c: "P", d: "P" }));
    const { faults } = checkExpression("value.d.x", new Map([["value", value]]));
    expect(faults).toEqual([]);
  });

  test("a schema whose records multiply costs no more than its bound", () => {
    // 40 levels of 3 fields each: 3^40 fields if nobody stops.
    let inner: unknown = "int";
    for (let level = 0; level < 40; level++) {
      inner = record(`R${level}`, {
        a: inner,
        b: level === 0 ? "int" : `R${level - 1}`,
        c: level === 0 ? "int" : `R${level - 1}`,
      });
    }
    const schema = parseAvroSchema(JSON.stringify(inner));
    const began = performance.now();
    const type = typeOfAvro(schema);
    expect(performance.now() - began).toBeLessThan(200);
    expect(JSON.stringify(type)).toContain("more than 10000 parts");
  });
});

describe("schemas of types", () => {
  test("what is written is read back as the same type", () => {
    const type: ExpressionType = {
      kind: "record",
      name: "app.Result",
      fields: [
        { name: "n", type: { kind: "int" } },
        { name: "d", type: { kind: "double" } },
        { name: "ok", type: { kind: "bool" } },
        { name: "raw", type: { kind: "bytes" } },
        { name: "gender", type: { kind: "enum", name: "app.Gender", symbols: ["A", "B"] } },
        { name: "note", type: { kind: "nullable", type: { kind: "string" } } },
        { name: "list", type: { kind: "list", element: { kind: "map", value: { kind: "int" } } } },
        {
          name: "inner",
          type: {
            kind: "record",
            name: "app.Inner",
            fields: [{ name: "x", type: { kind: "int" } }],
          },
        },
      ],
    };
    expect(typeOfAvro(avroOfType(type))).toEqual(type);
  });

  test("an int is a long, null comes first in a union", () => {
    expect(avroOfType({ kind: "nullable", type: { kind: "int" } })).toEqual({
      kind: "union",
      branches: [{ kind: "null" }, { kind: "long" }],
    });
  });

  test("what expressions cannot use has no schema", () => {
    expect(() => avroOfType({ kind: "unsupported", reason: "it is a decimal" })).toThrow(
      UnsupportedTypeError,
    );
  });
});
