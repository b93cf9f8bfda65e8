import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  readInt64,
  uvarintSize,
  VarintReader,
  varintSize,
  varlongSize,
  WireError,
  writeInt64,
  writeUvarint,
  writeVarint,
  writeVarlong,
} from "../../../runtime/wire/mod.ts";
import { hex, unhex } from "./message_arbitrary.ts";

function reader(bytes: Uint8Array): VarintReader {
  const result = new VarintReader();
  result.reset(bytes);
  return result;
}

function codeThrownBy(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return "nothing";
}

const EDGES = [
  0,
  1,
  63,
  64,
  8191,
  8192,
  2 ** 30 - 1,
  2 ** 30,
  2 ** 34,
  2 ** 48,
  2 ** 52,
  2 ** 53 - 1,
];

describe("variable-length integers", () => {
  test.each([
    [0, "00"],
    [-1, "01"],
    [63, "7e"],
    [-64, "7f"],
    [64, "8001"],
    [2147483647, "feffffff0f"],
    [-2147483648, "ffffffff0f"],
  ])("%d is written as %s", (value, expected) => {
    const bytes = new Uint8Array(5);
    expect(hex(bytes.subarray(0, writeVarint(bytes, 0, value)))).toBe(expected);
    expect(varintSize(value)).toBe(expected.length / 2);
    expect(reader(unhex(expected)).varint()).toBe(value);
    expect(reader(unhex(expected)).varlong()).toBe(value);
  });

  test("long ones are those that BigInt arithmetic gives", () => {
    const values = fc.oneof(
      fc.maxSafeInteger(),
      fc.constantFrom(...EDGES.flatMap((edge) => [edge, -edge, -edge - 1])),
    );
    fc.assert(
      fc.property(values.filter(Number.isSafeInteger), (value) => {
        let zigzag = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
        const expected: number[] = [];
        for (; zigzag > 127n; zigzag >>= 7n) expected.push(Number(zigzag & 127n) | 128);
        expected.push(Number(zigzag));
        const bytes = new Uint8Array(10);
        expect([...bytes.subarray(0, writeVarlong(bytes, 0, value))]).toEqual(expected);
        expect(varlongSize(value)).toBe(expected.length);
        const back = reader(bytes);
        expect(back.varlong()).toBe(value + 0);
        expect(back.at).toBe(expected.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("unsigned ones take all 32 bits", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (value) => {
        const bytes = new Uint8Array(5);
        expect(writeUvarint(bytes, 0, value)).toBe(uvarintSize(value));
        expect(reader(bytes).uvarint()).toBe(value);
      }),
    );
  });

  test("cut, overlong and unsafe ones are refused", () => {
    expect(codeThrownBy(() => reader(unhex("8080")).varint())).toBe("TRUNCATED");
    expect(codeThrownBy(() => reader(unhex("8080")).varlong())).toBe("TRUNCATED");
    expect(codeThrownBy(() => reader(unhex("ffffffff1f")).uvarint())).toBe("MALFORMED");
    expect(codeThrownBy(() => reader(unhex("ffffffffff0f")).uvarint())).toBe("MALFORMED");
    expect(codeThrownBy(() => reader(unhex("ffffffffffffffffff02")).varlong())).toBe("MALFORMED");
    expect(codeThrownBy(() => reader(unhex("ffffffffffffffffff01")).varlong())).toBe(
      "UNSAFE_INT64",
    );
  });
});

describe("64-bit integers", () => {
  test("are those of a DataView", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = new Uint8Array(9);
        writeInt64(bytes, 1, value);
        expect(new DataView(bytes.buffer).getBigInt64(1)).toBe(BigInt(value));
        expect(readInt64(bytes, 1)).toBe(value);
      }),
    );
  });

  test("beyond 2^53 are refused in both directions", () => {
    expect(codeThrownBy(() => writeInt64(new Uint8Array(8), 0, 2 ** 53))).toBe("UNSAFE_INT64");
    expect(codeThrownBy(() => writeInt64(new Uint8Array(8), 0, 0.5))).toBe("UNSAFE_INT64");
    expect(codeThrownBy(() => readInt64(unhex("0020000000000000"), 0))).toBe("UNSAFE_INT64");
    expect(readInt64(unhex("ffe0000000000001"), 0)).toBe(-(2 ** 53) + 1);
  });
});
