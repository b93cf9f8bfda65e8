import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import {
  ByteSink,
  createDecoder,
  createEncoder,
  fromJson,
  toJson,
} from "../../../runtime/serde/mod.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";

function encoded(json: unknown, value: unknown): number[] {
  const sink = new ByteSink();
  createEncoder(parseAvroSchema(json)).encode(value, sink);
  return [...sink.take()];
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MillraceError && error.code === "UNENCODABLE") return error.message;
    throw error;
  }
  throw new Error("was accepted");
}

const record = (...fields: unknown[]) => ({ type: "record", name: "R", fields });
const gender = { type: "enum", name: "Gender", symbols: ["FEMALE", "MALE"] };

describe("ByteSink", () => {
  test("writes longs as their arithmetic says, over the whole safe range", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const sink = new ByteSink();
        sink.writeLong(value);
        let rest = BigInt(value) * 2n;
        if (value < 0) rest = -rest - 1n;
        const expected: number[] = [];
        for (; rest > 127n; rest >>= 7n) expected.push(Number(rest & 127n) | 128);
        expected.push(Number(rest));
        expect([...sink.take()]).toEqual(expected);
      }),
      {
        examples: [
          0,
          1,
          -1,
          2 ** 30 - 1,
          2 ** 30,
          -(2 ** 30),
          -(2 ** 30) - 1,
          2 ** 53 - 1,
          1 - 2 ** 53,
        ].map((value): [number] => [value]),
      },
    );
  });

  test("writes Kafka's integers big-endian", () => {
    const sink = new ByteSink();
    sink.writeInt32(-2);
    sink.writeInt64(1447171200000);
    sink.writeInt64(-1);
    expect([...sink.take()]).toEqual([
      255, 255, 255, 254, 0, 0, 1, 80, 242, 32, 20, 0, 255, 255, 255, 255, 255, 255, 255, 255,
    ]);
  });

  test("grows, and keeps what it has", () => {
    const sink = new ByteSink();
    for (let n = 0; n < 1000; n++) sink.writeByte(n & 255);
    sink.writeBytes(Uint8Array.of(9, 8, 7, 6), 1, 3);
    expect(sink.position).toBe(1002);
    expect([...sink.take(998)]).toEqual([998 & 255, 999 & 255, 8, 7]);
  });

  test("writes texts of any length as TextEncoder does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.nat(300), (text, before) => {
        const sink = new ByteSink();
        sink.writeBytes(new Uint8Array(before));
        const utf8 = new TextEncoder().encode(text);
        expect(sink.writeString(text)).toBe(true);
        const bytes = sink.take(before);
        expect(createDecoder({ kind: "string" })(bytes, 0, bytes.length)).toBe(text);
        expect(bytes.subarray(-utf8.length || bytes.length)).toEqual(utf8);
      }),
    );
  });

  test("half a surrogate pair is not replaced but refused", () => {
    const sink = new ByteSink();
    expect(sink.writeString("a\ud800")).toBe(false);
    expect(sink.writeString(`${"a".repeat(100)}\udc00`)).toBe(false);
    expect(sink.writeUtf8("\udc00a")).toBe(false);
    expect(sink.position).toBe(0);
  });
});

describe("createEncoder", () => {
  test("writes a record byte for byte", () => {
    const schema = record(
      { name: "id", type: "long" },
      { name: "gender", type: gender },
      { name: "name", type: ["null", "string"], default: null },
      { name: "tags", type: { type: "array", items: "string" } },
      { name: "counts", type: { type: "map", values: "int" } },
      { name: "ok", type: "boolean" },
      { name: "x", type: "float" },
      { name: "y", type: "double" },
      { name: "f", type: { type: "fixed", name: "F", size: 2 } },
      { name: "b", type: "bytes" },
    );
    expect(
      encoded(schema, {
        id: 64,
        gender: "MALE",
        name: "é",
        tags: ["a", ""],
        counts: new Map([["k", -1]]),
        ok: true,
        x: 1,
        y: -2,
        f: Uint8Array.of(1, 2),
        b: Uint8Array.of(3),
      }),
    ).toEqual([
      ...[128, 1],
      ...[2],
      ...[2, 4, 0xc3, 0xa9],
      ...[4, 2, 97, 0, 0],
      ...[2, 2, 107, 1, 0],
      1,
      ...[0, 0, 128, 63],
      ...[0, 0, 0, 0, 0, 0, 0, 192],
      1,
      2,
      ...[2, 3],
    ]);
  });

  test("missing fields take the default of the schema", () => {
    const schema = record(
      { name: "a", type: "int", default: 3 },
      { name: "b", type: ["null", "int"], default: null },
      { name: "c", type: gender, default: "MALE" },
      { name: "d", type: "bytes", default: "\u00ff" },
    );
    expect(encoded(schema, {})).toEqual([6, 0, 2, 2, 255]);
    expect(encoded(schema, { a: undefined, b: 1 })).toEqual([6, 2, 2, 2, 2, 255]);
  });

  test("fields that objects inherit do not count", () => {
    expect(refusal(() => encoded(record({ name: "toString", type: "string" }), {}))).toMatch(
      /value\.toString: it is missing/,
    );
  });

  test.each<[string, unknown, unknown, number[]]>([
    ["the first number type that fits: int", ["null", "int", "double"], 1, [2, 2]],
    [
      "the first number type that fits: double",
      ["null", "int", "double"],
      0.5,
      [4, 0, 0, 0, 0, 0, 0, 224, 63],
    ],
    [
      "a double for what a float would round",
      ["float", "double"],
      0.1,
      [2, 154, 153, 153, 153, 153, 153, 185, 63],
    ],
    ["a float when there is no double", ["int", "float"], 0.1, [2, 205, 204, 204, 61]],
    ["the first text type that fits", [gender, "string"], "x", [2, 2, 120]],
    ["a symbol, when the enum is first", [gender, "string"], "MALE", [0, 2]],
    [
      "a record rather than a map",
      [{ type: "map", values: "int" }, record({ name: "a", type: "int" })],
      { a: 1 },
      [2, 2],
    ],
    [
      "a map for a Map",
      [record({ name: "a", type: "int" }), { type: "map", values: "int" }],
      new Map([["a", 1]]),
      [2, 2, 2, 97, 2, 0],
    ],
    [
      "the record that has just these fields",
      [{ ...record({ name: "b", type: "int", default: 0 }), name: "S" }, record()],
      {},
      [2],
    ],
    ["null for undefined", ["int", "null"], undefined, [2]],
  ])("a union takes %s", (_name, schema, value, bytes) => {
    expect(encoded(schema, value)).toEqual(bytes);
  });

  test.each<[string, unknown, unknown, string]>([
    [
      "text for an int",
      record({ name: "a", type: "int" }),
      { a: "1" },
      'value.a: expected an int, got "1"',
    ],
    ["a fraction for an int", "int", 1.5, "expected an int, got 1.5"],
    ["2^31 for an int", "int", 2 ** 31, "expected an int"],
    ["2^53 for a long", "long", 2 ** 53, "expected a long within ±(2^53−1), got 9007199254740992"],
    ["NaN for a long", "long", Number.NaN, "got NaN"],
    [
      "a missing field",
      record({ name: "a", type: { ...record({ name: "b", type: "int" }), name: "S" } }),
      { a: {} },
      "value.a.b: it is missing and has no default",
    ],
    ["an unknown symbol", gender, "OTHER", 'expected one of FEMALE, MALE, got "OTHER"'],
    [
      "a bad item",
      { type: "array", items: "int" },
      [1, null],
      "value[1]: expected an int, got null",
    ],
    [
      "a bad entry",
      { type: "map", values: "int" },
      new Map([["k", true]]),
      'value["k"]: expected an int, got true',
    ],
    [
      "a fixed of another size",
      { type: "fixed", name: "F", size: 2 },
      Uint8Array.of(1),
      "expected 2 bytes",
    ],
    ["what a union has not", ["null", "int"], "x", 'expected a value of null or int, got "x"'],
    ["a list for a record", record(), [], "expected a record R, got a list"],
    ["half a surrogate pair", "string", "\ud800", "half a surrogate pair"],
  ])("%s is refused", (_name, schema, value, message) => {
    expect(refusal(() => encoded(schema, value))).toContain(message);
  });

  test("after a refusal the sink stands where it stood, and the encoder works on", () => {
    const sink = new ByteSink();
    sink.writeByte(1);
    const node = {
      type: "record",
      name: "Node",
      fields: [
        { name: "v", type: "int" },
        { name: "next", type: ["null", "Node"], default: null },
      ],
    };
    const encoder = createEncoder(parseAvroSchema(node));
    expect(refusal(() => encoder.encode({ v: 1, next: { v: "x" } }, sink))).toContain("value.next");
    expect(sink.position).toBe(1);
    const cycle: Record<string, unknown> = { v: 1 };
    cycle["next"] = cycle;
    expect(refusal(() => encoder.encode(cycle, sink))).toMatch(/nested/);
    encoder.encode({ v: 1 }, sink);
    expect([...sink.take()]).toEqual([1, 2, 0]);
  });
});

describe("fromJson", () => {
  const schema = parseAvroSchema(
    record(
      { name: "id", type: "long" },
      { name: "gender", type: gender },
      { name: "note", type: ["null", "string"], default: null },
      { name: "raw", type: "bytes", default: "" },
      { name: "by", type: { type: "map", values: "int" }, default: {} },
    ),
  );

  test("takes plain values, and defaults for what is missing", () => {
    expect(fromJson({ id: 1, gender: "MALE", raw: "AP8=", by: { a: 1 } }, schema)).toEqual({
      id: 1,
      gender: "MALE",
      note: null,
      raw: Uint8Array.of(0, 255),
      by: new Map([["a", 1]]),
    });
  });

  test("toJson is its inverse", () => {
    const json = { id: 1, gender: "MALE", note: "x", raw: "AP8=", by: { __proto__x: 1 } };
    expect(JSON.parse(JSON.stringify(toJson(fromJson(json, schema))))).toEqual(json);
    const map = toJson(new Map([["__proto__", 1]])) as object;
    expect(Object.keys(map)).toEqual(["__proto__"]);
  });

  test.each<[string, unknown, string]>([
    [
      "an unknown field",
      { id: 1, gender: "MALE", sex: 1 },
      'Cannot take value: record R has no field "sex"',
    ],
    [
      "an unknown symbol",
      { id: 1, gender: "X" },
      'Cannot take value.gender: expected one of FEMALE, MALE, got "X"',
    ],
    ["a missing field", { id: 1 }, "value.gender: it is missing and has no default"],
    [
      "text for a number",
      { id: "1", gender: "MALE" },
      'value.id: expected a whole number within ±(2^53−1), got "1"',
    ],
    [
      "a number for text that may be null",
      { id: 1, gender: "MALE", note: 3 },
      "value.note: expected a string, got 3",
    ],
    [
      "bytes that are not base64",
      { id: 1, gender: "MALE", raw: "?" },
      'value.raw: expected bytes as base64 text, got "?"',
    ],
    [
      "a bad entry of a map",
      { id: 1, gender: "MALE", by: { a: "b" } },
      'value.by["a"]: expected a whole number of 32 bits',
    ],
    ["no object", 3, "expected an object (record R), got 3"],
  ])("%s is refused", (_name, json, message) => {
    expect(refusal(() => fromJson(json, schema))).toContain(message);
  });
});
