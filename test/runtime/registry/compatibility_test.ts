import avsc from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { incompatibilities, unreadable } from "../../../runtime/registry/compatibility.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";

const avro = (json: unknown) => parseAvroSchema(json);
const record = (fields: unknown, more: object = {}) =>
  avro({ type: "record", name: "R", fields, ...more });
const reads = (reader: unknown, writer: unknown) =>
  unreadable(avro(reader), avro(writer)).length === 0;

describe("reading data of one schema with another", () => {
  it.each([
    ["int as long, float, double", "int", ["long", "float", "double"], ["string", "boolean"]],
    ["long as float, double", "long", ["float", "double"], ["int"]],
    ["float as double", "float", ["double"], ["long"]],
    ["string as bytes and back", "string", ["bytes"], ["int"]],
    ["bytes as string", "bytes", ["string"], ["long"]],
  ])("promotes %s", (_name, writer, can, cannot) => {
    for (const reader of can) expect([reader, reads(reader, writer)]).toEqual([reader, true]);
    for (const reader of cannot) expect([reader, reads(reader, writer)]).toEqual([reader, false]);
  });

  it("wants a default for a field the writer does not have", () => {
    const writer = record([]);
    expect(unreadable(record([{ name: "a", type: "int", default: 1 }]), writer)).toEqual([]);
    expect(unreadable(record([{ name: "a", type: "int" }]), writer)).toEqual([
      "/fields/a: reader field has no default and the writer has no such field",
    ]);
    expect(unreadable(writer, record([{ name: "a", type: "int" }]))).toEqual([]);
  });

  it("finds a renamed field and a renamed record by the reader's aliases", () => {
    const writer = record([{ name: "old", type: "int" }]);
    expect(unreadable(record([{ name: "new", type: "int", aliases: ["old"] }]), writer)).toEqual(
      [],
    );
    const renamed = avro({
      type: "record",
      name: "S",
      aliases: ["R"],
      fields: [{ name: "old", type: "int" }],
    });
    expect(unreadable(renamed, writer)).toEqual([]);
    expect(unreadable(writer, renamed)).toHaveLength(1);
  });

  it("minds enum symbols unless the reader has a default", () => {
    const symbols = (list: string[], more: object = {}) => ({
      type: "enum",
      name: "E",
      symbols: list,
      ...more,
    });
    expect(reads(symbols(["A", "B"]), symbols(["A"]))).toBe(true);
    expect(reads(symbols(["A"]), symbols(["A", "B"]))).toBe(false);
    expect(reads(symbols(["A"], { default: "A" }), symbols(["A", "B"]))).toBe(true);
  });

  it("looks into unions, arrays, maps and fixed", () => {
    expect(reads(["null", "long"], "int")).toBe(true);
    expect(reads("long", ["null", "int"])).toBe(false);
    expect(reads(["null", "string"], ["null", "int"])).toBe(false);
    expect(reads({ type: "array", items: "long" }, { type: "array", items: "int" })).toBe(true);
    expect(reads({ type: "map", values: "int" }, { type: "map", values: "long" })).toBe(false);
    const fixed = (size: number) => ({ type: "fixed", name: "F", size });
    expect(reads(fixed(4), fixed(4))).toBe(true);
    expect(reads(fixed(4), fixed(5))).toBe(false);
  });

  it("ends on recursive schemas, and still finds what does not fit", () => {
    const list = (value: string) =>
      record([
        { name: "value", type: value },
        { name: "next", type: ["null", "R"], default: null },
      ]);
    expect(unreadable(list("long"), list("int"))).toEqual([]);
    expect(unreadable(list("int"), list("long"))).not.toEqual([]);
  });

  it("asks each level for its directions", () => {
    const old = record([{ name: "a", type: "int" }]);
    const added = record([
      { name: "a", type: "int" },
      { name: "b", type: "int", default: 0 },
    ]);
    const required = record([
      { name: "a", type: "int" },
      { name: "b", type: "int" },
    ]);
    expect(incompatibilities("BACKWARD", added, [old])).toEqual([]);
    expect(incompatibilities("BACKWARD", required, [old])).toHaveLength(1);
    expect(incompatibilities("FORWARD", required, [old])).toEqual([]);
    expect(incompatibilities("FULL", required, [old])).toHaveLength(1);
    expect(incompatibilities("NONE", avro("int"), [old])).toEqual([]);
    expect(incompatibilities("BACKWARD", required, [old, required])).toEqual([]);
    expect(incompatibilities("BACKWARD_TRANSITIVE", required, [old, required])).toHaveLength(1);
  });

  it("agrees with avsc's resolver on random pairs of schemas", () => {
    const primitive = fc.constantFrom(
      "int",
      "long",
      "float",
      "double",
      "string",
      "bytes",
      "boolean",
    );
    const shape = fc.oneof(
      primitive,
      primitive.map((items) => ({ type: "array", items })),
      primitive.map((values) => ({ type: "map", values })),
      primitive.map((type) => ({
        type: "record",
        name: "R",
        fields: [{ name: "a", type }],
      })),
    );
    fc.assert(
      fc.property(shape, shape, (reader, writer) => {
        let oracle = true;
        try {
          const type = avsc.Type.forSchema(reader as avsc.Schema);
          type.createResolver(avsc.Type.forSchema(writer as avsc.Schema));
        } catch {
          oracle = false;
        }
        expect([reader, writer, reads(reader, writer)]).toEqual([reader, writer, oracle]);
      }),
      { numRuns: 500 },
    );
  });
});
