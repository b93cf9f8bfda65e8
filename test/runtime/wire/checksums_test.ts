import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  crc32c,
  crc32cImplementation,
  crc32cJs,
  murmur2,
  partitionFor,
} from "../../../runtime/wire/mod.ts";
import { unhex } from "./message_arbitrary.ts";

describe("CRC-32C", () => {
  // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  const known: [Uint8Array, number][] = [
    [new Uint8Array(0), 0],
    [new TextEncoder().encode("123456789"), 0xe3069283],
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(255), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ];

  test.each(known)("%j has its published value", (bytes, expected) => {
    expect(crc32cJs(bytes)).toBe(expected);
    expect(crc32c(bytes)).toBe(expected);
  });

  test("both implementations agree on any part of any bytes, whole or continued", () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 2000 });
    fc.assert(
      fc.property(bytes, fc.nat(2000), fc.nat(2000), fc.nat(2000), (input, a, b, c) => {
        const cuts = [a, b, c].map((cut) => Math.min(cut, input.length)).sort((x, y) => x - y);
        const [start = 0, middle = 0, end = 0] = cuts;
        const whole = crc32cJs(input.slice(start, end));
        expect(crc32c(input, start, end)).toBe(whole);
        expect(crc32c(input, middle, end, crc32cJs(input, start, middle))).toBe(whole);
        expect(crc32cJs(input, middle, end, crc32c(input, start, middle))).toBe(whole);
      }),
    );
  });

  test("the implementation in use is told", () => {
    expect(["native", "js"]).toContain(crc32cImplementation);
  });
});

describe("Murmur2", () => {
  type Vector = [keyHex: string, partitions: number, hash: number, partition: number];
  const file = new URL("./fixtures/partitions.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

  test("keys hash and go where Kafka Streams sent them", () => {
    expect(vectors.length).toBeGreaterThan(100);
    for (const [keyHex, partitions, hash, partition] of vectors) {
      const key = unhex(keyHex);
      expect([keyHex, murmur2(key)]).toEqual([keyHex, hash]);
      const around = new Uint8Array(key.length + 5).fill(0xaa);
      around.set(key, 3);
      expect(partitionFor(around, 3, 3 + key.length, partitions)).toBe(partition);
    }
  });
});
