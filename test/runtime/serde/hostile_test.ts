import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { createDecoder, createProjection } from "../../../runtime/serde/mod.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";
import { compileGenerated } from "./_projections.ts";

const bytesOf = (hex: string) =>
  Uint8Array.from(hex.split(" ").filter(Boolean), (byte) => Number.parseInt(byte, 16));

/** The error of all three readers, which must be the same. */
function refusal(schema: unknown, bytes: Uint8Array): MillraceError {
  const type = parseAvroSchema(schema);
  const errors = [
    () => createDecoder(type)(bytes, 0, bytes.length),
    () => createProjection({ writer: type, paths: [] })(bytes, 0, bytes.length, []),
    () => compileGenerated(type, [])(bytes, 0, bytes.length),
    () => compileGenerated(type, [[]])(bytes, 0, bytes.length),
  ].map((run) => {
    try {
      run();
    } catch (error) {
      if (error instanceof MillraceError) return error;
      throw error;
    }
    throw new Error(`accepted ${bytes.slice(0, 20)}`);
  });
  for (const error of errors) {
    expect([error.code, error.message]).toEqual([errors[0]!.code, errors[0]!.message]);
  }
  return errors[0]!;
}

const field = (type: unknown) => ({ type: "record", name: "R", fields: [{ name: "f", type }] });

describe("bytes that nobody should have sent", () => {
  test("seven bytes that announce 2^31 strings are refused before anything is allocated", () => {
    const error = refusal({ type: "array", items: "string" }, bytesOf("fe ff ff ff 0f 02 41"));
    expect(error.code).toBe("UNDECODABLE");
    expect(error.message).toBe(
      "Cannot decode value: a block has 2147483647 items, and 2 bytes are there",
    );
  });

  test("six bytes that announce ten million items are refused at once", () => {
    const started = performance.now();
    const error = refusal({ type: "array", items: "boolean" }, bytesOf("80 da c4 09 01 00"));
    expect(error.message).toMatch(/10000000 items/);
    expect(performance.now() - started).toBeLessThan(200);
  });

  test("2^25 nulls are refused, and so are as many in many blocks or many arrays", () => {
    const nulls = { type: "array", items: "null" };
    expect(refusal(nulls, bytesOf("80 80 80 20 00")).message).toMatch(
      /more than 65536 items without bytes/,
    );
    const block = bytesOf("80 80 08");
    const blocks = new Uint8Array(2 * block.length + 1);
    blocks.set(block);
    blocks.set(block, block.length);
    expect(refusal(nulls, blocks).message).toMatch(/65536/);
    const arrays = bytesOf("04 80 80 08 00 80 80 08 00 00");
    expect(refusal({ type: "array", items: nulls }, arrays).message).toMatch(/65536/);
    const two = {
      type: "record",
      name: "Two",
      fields: [
        { name: "a", type: nulls },
        { name: "b", type: { type: "array", items: { type: "record", name: "E", fields: [] } } },
      ],
    };
    expect(refusal(two, bytesOf("80 80 08 00 80 80 08 00")).message).toMatch(/value\.b: .*65536/);
  });

  test("65,536 nulls are taken, for each value anew", () => {
    const type = parseAvroSchema(field({ type: "array", items: "null" }));
    const bytes = bytesOf("80 80 08 00");
    const decode = createDecoder(type);
    const generated = compileGenerated(type, [["f"]]);
    for (let n = 0; n < 2; n++) {
      expect((decode(bytes, 0, 4) as { f: unknown[] }).f).toHaveLength(65_536);
      expect(generated(bytes, 0, 4)[0]).toHaveLength(65_536);
    }
  });

  test("a record that contains itself 200,000 times is refused without a stack overflow", () => {
    const node = {
      type: "record",
      name: "Node",
      fields: [{ name: "next", type: ["null", "Node"] }],
    };
    const error = refusal(node, new Uint8Array(200_000).fill(2));
    expect(error.code).toBe("UNDECODABLE");
    expect(error.message).toMatch(/value\.next\.next.*…: it contains itself more than 256 levels/);
    const type = parseAvroSchema(node);
    const deep = new Uint8Array(256).fill(2);
    deep[255] = 0;
    expect(() => createDecoder(type)(deep, 0, 256)).not.toThrow();
  });

  test("a map key __proto__ stays a key", () => {
    const type = parseAvroSchema({ type: "map", values: field("int") });
    const bytes = bytesOf("02 12 5f 5f 70 72 6f 74 6f 5f 5f 0e 00");
    const map = createDecoder(type)(bytes, 0, bytes.length) as Map<string, unknown>;
    expect([...map]).toEqual([["__proto__", { f: 7 }]]);
  });

  test("fields named like methods of objects are fields", () => {
    const type = parseAvroSchema({
      type: "record",
      name: "R",
      fields: ["constructor", "toString", "hasOwnProperty"].map((name) => ({ name, type: "int" })),
    });
    const bytes = bytesOf("02 04 06");
    const expected = { constructor: 1, toString: 2, hasOwnProperty: 3 };
    expect({ ...(createDecoder(type)(bytes, 0, 3) as object) }).toEqual(expected);
    expect(compileGenerated(type, [["toString"]])(bytes, 0, 3)).toEqual([2]);
  });

  test("bytes after the end are refused", () => {
    expect(refusal(field("int"), bytesOf("02 00")).message).toBe(
      "Cannot decode value: 1 bytes are left after its end",
    );
  });

  test.each<[string, unknown, string, string]>([
    [
      "a string longer than what is there",
      "string",
      "06 41 41",
      "its length is 3 bytes, and 2 are there",
    ],
    ["a negative length", "bytes", "01", "its length is -1"],
    ["a length of 2^62", "bytes", "80 80 80 80 80 80 80 80 80 01", "and 0 are there"],
    ["a string that is not UTF-8", "string", "02 ff", "not UTF-8"],
    ["half a surrogate pair", "string", "06 ed a0 80", "not UTF-8"],
    ["an overlong form", "string", "04 c0 80", "not UTF-8"],
    [
      "an enum index that is too large",
      { type: "enum", name: "E", symbols: ["A"] },
      "02",
      "1 is not the index of a symbol",
    ],
    [
      "a negative enum index",
      { type: "enum", name: "E", symbols: ["A"] },
      "01",
      "-1 is not the index",
    ],
    ["a union index that is too large", ["null", "int"], "04", "2 is not the index of a branch"],
    ["a negative union index", ["null", "int"], "01", "-1 is not the index"],
    ["a boolean of 2", "boolean", "02", "2 is not a boolean"],
    ["an int of six bytes", "int", "80 80 80 80 80 00", "more than 32 bits"],
    ["an int of 33 bits", "int", "80 80 80 80 10", "more than 32 bits"],
    ["a long of eleven bytes", "long", "80 80 80 80 80 80 80 80 80 80 00", "more than 64 bits"],
    ["a long of 65 bits", "long", "80 80 80 80 80 80 80 80 80 02", "more than 64 bits"],
    ["a double of seven bytes", "double", "00 00 00 00 00 00 00", "end within it"],
    ["a fixed that is cut", { type: "fixed", name: "F", size: 3 }, "01 02", "end within it"],
    [
      "a block larger than what is there",
      { type: "array", items: "int" },
      "01 7e 02 00",
      "a block has 63 bytes",
    ],
    [
      "a block of a negative size",
      { type: "array", items: "int" },
      "01 01 02 00",
      "a block has -1 bytes",
    ],
    [
      "a block smaller than it says",
      { type: "array", items: "int" },
      "01 04 02 00",
      "not have the size",
    ],
    [
      "a map entry without its value",
      { type: "map", values: "int" },
      "02 02 61",
      "the bytes end within it",
    ],
  ])("%s is refused", (_name, type, hex, message) => {
    const error = refusal(field(type), bytesOf(hex));
    expect(error.code).toBe("UNDECODABLE");
    expect(error.message).toMatch(/^Cannot decode value\.f/);
    expect(error.message).toContain(message);
  });

  test("longs are taken up to ±(2^53−1), and beyond that never rounded", () => {
    const type = parseAvroSchema(field("long"));
    const take = (hex: string) => {
      const bytes = bytesOf(hex);
      const [value] = compileGenerated(type, [["f"]])(bytes, 0, bytes.length);
      expect(createDecoder(type)(bytes, 0, bytes.length)).toEqual({ f: value });
      return value;
    };
    expect(take("fe ff ff ff ff ff ff 1f")).toBe(Number.MAX_SAFE_INTEGER);
    expect(take("fd ff ff ff ff ff ff 1f")).toBe(-Number.MAX_SAFE_INTEGER);
    for (const [hex, value] of [
      ["80 80 80 80 80 80 80 20", "9007199254740992"],
      ["82 80 80 80 80 80 80 20", "9007199254740993"],
      ["ff ff ff ff ff ff ff 1f", "-9007199254740992"],
      ["fe ff ff ff ff ff ff ff ff 01", "9223372036854775807"],
      ["ff ff ff ff ff ff ff ff ff 01", "-9223372036854775808"],
    ] as const) {
      const error = refusal(field("long"), bytesOf(hex));
      expect(error.code).toBe("LONG_UNSAFE");
      expect(error.message).toContain(`Cannot decode value.f: the long ${value} is outside`);
    }
  });

  test("numbers in more bytes than they need are taken, as Java does", () => {
    const type = parseAvroSchema({
      type: "record",
      name: "R",
      fields: [
        { name: "a", type: "int" },
        { name: "b", type: ["null", "string"] },
        { name: "c", type: { type: "enum", name: "E", symbols: ["A", "B"] } },
      ],
    });
    const bytes = bytesOf("82 80 00 82 00 82 00 41 82 80 80 00");
    const expected = { a: 1, b: "A", c: "B" };
    expect(createDecoder(type)(bytes, 0, bytes.length)).toEqual(expected);
    const paths = [["a"], ["b"], ["c"]];
    expect(compileGenerated(type, paths)(bytes, 0, bytes.length)).toEqual([1, "A", "B"]);
  });

  test("a block may say its size", () => {
    const type = parseAvroSchema(field({ type: "array", items: "int" }));
    const bytes = bytesOf("03 04 02 04 02 06 00");
    expect(createDecoder(type)(bytes, 0, bytes.length)).toEqual({ f: [1, 2, 3] });
  });
});
