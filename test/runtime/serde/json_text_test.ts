import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { ByteSink, createFormat } from "../../../runtime/serde/mod.ts";
import { type Format, parseAvroSchema } from "../../../topology/language/mod.ts";

const UNTYPED: Format = { kind: "json" };
const CHECKED: Format = {
  kind: "json",
  schema: parseAvroSchema({
    type: "record",
    name: "Order",
    fields: [
      { name: "id", type: "long" },
      { name: "price", type: "double", default: 1.5 },
      { name: "lines", type: { type: "array", items: "int" }, default: [] },
      { name: "tags", type: { type: "map", values: "string" }, default: {} },
      { name: "hash", type: "bytes", default: "" },
      { name: "next", type: ["null", "Order"], default: null },
    ],
  }),
};

function decode(format: Format, input: string | Uint8Array): unknown {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  return createFormat(format).decode(bytes, 0, bytes.length);
}

function encode(format: Format, value: unknown): string {
  const sink = new ByteSink();
  createFormat(format).encode(value, sink);
  return new TextDecoder().decode(sink.take());
}

/** `CODE message` of what is thrown; only the project's own errors count. */
function faultOf(run: () => unknown): string {
  try {
    return `no fault: ${String(run())}`;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

describe("untyped json", () => {
  test.each<[string, unknown]>([
    ["9007199254740991", 9007199254740991],
    // Beyond 2^53 there are whole numbers that a double holds exactly.
    ["9007199254740992", 9007199254740992],
    ["-150000000000000000000", -150000000000000000000],
    ["1e300", 1e300],
    ["0.1234567890123456", 0.1234567890123456],
    ['"9007199254740993"', "9007199254740993"],
    ['"\\"9007199254740993"', '"9007199254740993'],
    ["-0", -0],
  ])("%s is read as it is", (text, value) => {
    expect(decode(UNTYPED, text)).toBe(value);
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    [
      "a number that would be rounded",
      '{"a":[-9007199254740993]}',
      /^LONG_UNSAFE .*-9007199254740993/,
    ],
    ["300 digits", "1".repeat(300), /^LONG_UNSAFE /],
    ["a million digits", "1".repeat(1_000_000), /^UNDECODABLE .*largest double/],
    ["brackets without an end", "[".repeat(1_000_000), /^UNDECODABLE .*not JSON/],
    [
      "a million lists in one another",
      "[".repeat(1e6) + "]".repeat(1e6),
      /^UNDECODABLE .*nested|deep/,
    ],
    ["257 levels", "[".repeat(257) + "]".repeat(257), /^UNDECODABLE .*deeper than 256/],
    ["a number beyond all doubles", '{"a":1e999}', /^UNDECODABLE .*largest double/],
    ["NaN", "NaN", /^UNDECODABLE /],
    ["two values", "1 2", /^UNDECODABLE /],
    ["a byte order mark", "\ufeff1", /^UNDECODABLE /],
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xc0, 0x80, 0x22), /^UNDECODABLE .*not UTF-8/],
    [
      "half a surrogate pair in UTF-8",
      Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22),
      /^UNDECODABLE /,
    ],
  ])("%s is refused", (_, input, fault) => {
    expect(faultOf(() => decode(UNTYPED, input))).toMatch(fault);
  });

  test("256 levels are taken", () => {
    expect(faultOf(() => decode(UNTYPED, "[".repeat(256) + "]".repeat(256)))).toMatch(/^no fault/);
  });

  test("maps are written as objects, bytes as base64, −0 as 0", () => {
    const value = { map: new Map([["__proto__", 1]]), bytes: Uint8Array.of(1, 2), zero: -0 };
    expect(encode(UNTYPED, value)).toBe('{"map":{"__proto__":1},"bytes":"AQI=","zero":0}');
  });

  test.each<[unknown, string]>([
    [{ a: [1, Number.NaN] }, "UNENCODABLE Cannot encode value.a[1]: JSON has no NaN"],
    [Number.POSITIVE_INFINITY, "UNENCODABLE Cannot encode value: JSON has no Infinity"],
    [{ a: 1n }, "UNENCODABLE Cannot encode value.a: expected a value that JSON has, got 1"],
  ])("%s is not written", (value, fault) => {
    expect(faultOf(() => encode(UNTYPED, value))).toBe(fault);
  });
});

describe("checked json", () => {
  test("takes defaults, leaves out what the schema does not have, and comes back as it was written", () => {
    const value = {
      id: 7,
      price: 1.5,
      lines: [],
      tags: new Map([["a", "b"]]),
      hash: Uint8Array.of(255),
      next: null,
    };
    expect(decode(CHECKED, '{"id":7,"more":[1],"tags":{"a":"b"},"hash":"/w=="}')).toEqual(value);
    expect(decode(CHECKED, encode(CHECKED, value))).toEqual(value);
  });

  test.each<[string, RegExp]>([
    ["{}", /^UNDECODABLE Cannot decode value\.id: it is missing/],
    ['{"id":"7"}', /^UNDECODABLE Cannot decode value\.id: /],
    ['{"id":7.5}', /^UNDECODABLE Cannot decode value\.id: /],
    ['{"id":9007199254740993}', /^LONG_UNSAFE Cannot decode value\.id: /],
    ['{"id":1,"lines":[1,2147483648]}', /^UNDECODABLE Cannot decode value\.lines\[1\]: /],
    ['{"id":1,"tags":{"a":1}}', /^UNDECODABLE Cannot decode value\.tags\["a"\]: /],
    ['{"id":1,"tags":[]}', /^UNDECODABLE Cannot decode value\.tags: /],
    ['{"id":1,"hash":"é"}', /^UNDECODABLE Cannot decode value\.hash: /],
    ['{"id":1,"next":{}}', /^UNDECODABLE Cannot decode value\.next\.id: /],
    ['{"__proto__":{"id":1}}', /^UNDECODABLE Cannot decode value\.id: /],
    ["[]", /^UNDECODABLE Cannot decode value: /],
    [`${'{"id":1,"next":'.repeat(300)}null${"}".repeat(300)}`, /^UNDECODABLE .*deeper than 256/],
  ])("%s is refused with its place", (text, fault) => {
    expect(faultOf(() => decode(CHECKED, text))).toMatch(fault);
  });

  test("a double may have any number of digits", () => {
    expect(decode(CHECKED, '{"id":1,"price":12345678901234567890}')).toMatchObject({
      price: Number("12345678901234567890"),
    });
  });
});
