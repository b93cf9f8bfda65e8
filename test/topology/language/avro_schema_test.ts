import avsc from "avsc";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AvroRecord,
  AvroSchemaError,
  type AvroUnion,
  formatAvroSchema,
  parseAvroSchema,
  sameAvroType,
} from "../../../topology/language/mod.ts";
import { schemaJson } from "../../runtime/serde/_schemas.ts";

function record(...fields: unknown[]): unknown {
  return { type: "record", name: "R", namespace: "n.s", fields };
}

function refusal(json: unknown): { path: string; message: string } {
  try {
    parseAvroSchema(json);
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    return { path: error.path, message: error.message };
  }
  throw new Error(`accepted ${JSON.stringify(json)}`);
}

describe("parseAvroSchema", () => {
  test("takes a parsed schema or its text", () => {
    expect(parseAvroSchema("long")).toEqual({ kind: "long" });
    expect(parseAvroSchema('"long"')).toEqual({ kind: "long" });
    expect(parseAvroSchema('\uFEFF {"type": "array", "items": "int"}')).toEqual({
      kind: "array",
      items: { kind: "int" },
    });
    expect(refusal('{"type": ').message).toMatch(/not JSON/);
  });

  test("names are full names, relative to the enclosing namespace", () => {
    const type = parseAvroSchema(
      record(
        { name: "a", type: { type: "enum", name: "E", symbols: ["X"] } },
        { name: "b", type: "E" },
        { name: "c", type: "n.s.E" },
        { name: "d", type: { type: "fixed", name: "other.F", size: 2, aliases: ["G", "x.H"] } },
        { name: "e", type: { type: "fixed", name: "N", namespace: "", size: 1 } },
        { name: "f", type: "N" },
      ),
    ) as AvroRecord;
    expect(type.name).toBe("n.s.R");
    const [a, b, c, d, e, f] = type.fields.map((field) => field.type);
    expect(a).toMatchObject({ name: "n.s.E" });
    expect(b).toBe(a);
    expect(c).toBe(a);
    expect(d).toMatchObject({ name: "other.F", aliases: ["other.G", "x.H"] });
    expect(e).toMatchObject({ name: "N" });
    expect(f).toBe(e);
  });

  test("a record may contain itself", () => {
    const type = parseAvroSchema({
      type: "record",
      name: "Node",
      fields: [{ name: "next", type: ["null", "Node"], default: null }],
    }) as AvroRecord;
    expect(type.fields[0]!.type).toMatchObject({ kind: "union" });
    expect((type.fields[0]!.type as AvroUnion).branches[1]).toBe(type);
  });

  test("keeps docs, defaults, aliases and logical types", () => {
    expect(
      parseAvroSchema(
        record({
          name: "at",
          type: { type: "long", logicalType: "timestamp-millis" },
          doc: "event time, ms",
          aliases: ["time"],
          default: 0,
        }),
      ),
    ).toEqual({
      kind: "record",
      name: "n.s.R",
      fields: [
        {
          name: "at",
          type: { kind: "long", logicalType: "timestamp-millis" },
          doc: "event time, ms",
          aliases: ["time"],
          default: 0,
          hasDefault: true,
        },
      ],
    });
    expect(
      parseAvroSchema({ type: "bytes", logicalType: "decimal", precision: 9, scale: 2 }),
    ).toEqual({ kind: "bytes", logicalType: "decimal", precision: 9, scale: 2 });
  });

  test("a default of null is told from no default", () => {
    const type = parseAvroSchema(
      record({ name: "a", type: "null", default: null }, { name: "b", type: "null" }),
    ) as AvroRecord;
    expect(type.fields.map(({ hasDefault }) => hasDefault)).toEqual([true, false]);
  });

  test.each<[string, unknown, string, RegExp]>([
    ["no type", {}, "", /needs a "type"/],
    ["a number", 3, "", /expected a type, got 3/],
    ["an unknown name", "strng", "", /unknown type "strng"/],
    ["a bare complex name", "record", "", /"record" needs an object/],
    [
      "a name used before its definition",
      record(
        { name: "a", type: "E" },
        { name: "b", type: { type: "enum", name: "E", symbols: ["X"] } },
      ),
      "fields[0].type",
      /before it is used/,
    ],
    ["a record without fields", { type: "record", name: "R" }, "", /needs "fields"/],
    ["a type without a name", { type: "record", fields: [] }, "name", /needs a "name"/],
    [
      "a name in Chinese",
      record({ name: "性别", type: "string" }),
      "fields[0].name",
      /"性别" cannot be the name of a field: .*doc/,
    ],
    [
      "a name with code in it",
      record({ name: "a;alert(1)", type: "string" }),
      "fields[0].name",
      /cannot be the name/,
    ],
    [
      "a name that ends in a newline",
      record({ name: "a\n", type: "string" }),
      "fields[0].name",
      /cannot be the name/,
    ],
    [
      "a field __proto__",
      record({ name: "__proto__", type: "string" }),
      "fields[0].name",
      /__proto__/,
    ],
    [
      "a doubled field",
      record({ name: "a", type: "int" }, { name: "a", type: "int" }),
      "fields[1].name",
      /two fields "a"/,
    ],
    ["a field without a type", record({ name: "a" }), "fields[0]", /needs a "type"/],
    [
      "a doubled name",
      record({ name: "a", type: { type: "fixed", name: "R", size: 1 } }),
      "fields[0].type.name",
      /n\.s\.R is defined twice/,
    ],
    ["a primitive's name", { type: "fixed", name: "int", size: 1 }, "name", /primitive/],
    ["a doubled symbol", { type: "enum", name: "E", symbols: ["A", "A"] }, "symbols[1]", /twice/],
    ["a bad symbol", { type: "enum", name: "E", symbols: ["A-B"] }, "symbols[0]", /symbol/],
    ["no symbol", { type: "enum", name: "E", symbols: [] }, "", /at least one/],
    [
      "an enum default that is no symbol",
      { type: "enum", name: "E", symbols: ["A"], default: "B" },
      "default",
      /"B" is not a symbol/,
    ],
    ["a negative size", { type: "fixed", name: "F", size: -1 }, "size", /number of bytes, got -1/],
    ["an empty union", [], "", /at least one/],
    ["a union in a union", ["null", ["int"]], "[1]", /union/],
    [
      "a doubled branch",
      record({ name: "a", type: ["int", { type: "int", logicalType: "date" }] }),
      "fields[0].type[1]",
      /has int twice/,
    ],
    ["an array without items", { type: "array" }, "", /"items"/],
    ["a map without values", { type: "map" }, "", /"values"/],
    [
      "a bad item",
      { type: "map", values: { type: "array", items: "x" } },
      "values.items",
      /unknown type/,
    ],
    [
      "a doubled alias",
      { type: "fixed", name: "F", size: 1, aliases: ["G", "G"] },
      "aliases[1]",
      /twice/,
    ],
    [
      "an int default of 1.5",
      record({ name: "a", type: "int", default: 1.5 }),
      "fields[0].default",
      /32 bits, got 1\.5/,
    ],
    [
      "an int default of 2^31",
      record({ name: "a", type: "int", default: 2 ** 31 }),
      "fields[0].default",
      /32 bits/,
    ],
    [
      "a long default of 2^53",
      record({ name: "a", type: "long", default: 2 ** 53 }),
      "fields[0].default",
      /2\^53/,
    ],
    [
      "a default of another type",
      record({ name: "a", type: ["null", "string"], default: 1 }),
      "fields[0].default",
      /null or string, got 1/,
    ],
    [
      "a default outside the enum",
      record({ name: "a", type: { type: "enum", name: "E", symbols: ["A"] }, default: "B" }),
      "fields[0].default",
      /one of A/,
    ],
    [
      "a bytes default beyond U+00FF",
      record({ name: "a", type: "bytes", default: "Ā" }),
      "fields[0].default",
      /U\+00FF/,
    ],
    [
      "a record default without a field",
      record({
        name: "a",
        type: { type: "record", name: "S", fields: [{ name: "x", type: "int" }] },
        default: {},
      }),
      "fields[0].default",
      /"x" of n\.s\.S is missing/,
    ],
    [
      "an array default with a bad item",
      record({ name: "a", type: { type: "array", items: "int" }, default: [1, "2"] }),
      "fields[0].default",
      /\[1\]: expected/,
    ],
  ])("refuses %s", (_name, json, path, message) => {
    const found = refusal(json);
    expect(found.path).toBe(path);
    expect(found.message).toMatch(message);
  });

  test("types nested without end are refused, not overflowed", () => {
    let json: unknown = "int";
    for (let n = 0; n < 100; n++) json = { type: "array", items: json };
    expect(refusal(json).message).toMatch(/nested deeper than 64/);
  });
});

describe("formatAvroSchema", () => {
  test("defines a named type once and refers to it afterwards", () => {
    const json = {
      type: "record",
      name: "R",
      namespace: "n.s",
      doc: "a record",
      fields: [
        { name: "a", type: { type: "enum", name: "E", symbols: ["X", "Y"], default: "X" } },
        { name: "b", type: { type: "array", items: "E" } },
        { name: "c", type: ["null", "R"], default: null },
        { name: "d", type: { type: "fixed", name: "F", namespace: "o", size: 4 } },
        { name: "e", type: { type: "map", values: "o.F" } },
      ],
    };
    expect(formatAvroSchema(parseAvroSchema(json))).toEqual(json);
  });

  test("what it writes is read back as the same type, by avsc too", () => {
    fc.assert(
      fc.property(schemaJson(), (json) => {
        const type = parseAvroSchema(json);
        const text = JSON.stringify(formatAvroSchema(type));
        const again = parseAvroSchema(text);
        expect(sameAvroType(type, again)).toBe(true);
        expect(JSON.stringify(formatAvroSchema(again))).toBe(text);
        const theirs = (schema: unknown) =>
          avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true }).fingerprint("md5");
        expect(theirs(JSON.parse(text)).equals(theirs(json))).toBe(true);
      }),
    );
  });
});

describe("sameAvroType", () => {
  const base = {
    type: "record",
    name: "R",
    fields: [{ name: "a", type: ["null", "R", "int"], default: null, aliases: ["b"] }],
  };
  test("docs do not count, and cycles end", () => {
    const other = { ...base, doc: "x", fields: [{ ...base.fields[0], doc: "y" }] };
    expect(sameAvroType(parseAvroSchema(base), parseAvroSchema(other))).toBe(true);
  });
  test.each([
    [
      "the name",
      { ...base, name: "S", fields: [{ ...base.fields[0], type: ["null", "S", "int"] }] },
    ],
    ["a type", { ...base, fields: [{ ...base.fields[0], type: ["null", "R", "long"] }] }],
    [
      "the order of a union",
      { ...base, fields: [{ ...base.fields[0], type: ["null", "int", "R"] }] },
    ],
    ["a default", { ...base, fields: [{ ...base.fields[0], default: 1 }] }],
    [
      "the absence of a default",
      { ...base, fields: [{ name: "a", type: ["null", "R", "int"], aliases: ["b"] }] },
    ],
    ["an alias", { ...base, fields: [{ ...base.fields[0], aliases: ["c"] }] }],
    ["a type's alias", { ...base, aliases: ["c"] }],
  ])("%s counts", (_what, other) => {
    expect(sameAvroType(parseAvroSchema(base), parseAvroSchema(other))).toBe(false);
  });
});
