import fc from "fast-check";
import { expect, test } from "vitest";
import { isUtf8, readUtf8 } from "../../../runtime/serde/utf8.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function reference(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

test("checking agrees with decoding on every sequence of up to three telling bytes", () => {
  const telling = [
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
    0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
  ];
  for (const a of telling)
    for (const b of telling)
      for (const c of telling)
        for (const d of [0x41, 0x80, 0xbf, 0xc0]) {
          const bytes = Uint8Array.of(a, b, c, d);
          const text = reference(bytes);
          if (isUtf8(bytes, 0, 4) !== (text !== undefined) || readUtf8(bytes, 0, 4) !== text) {
            throw new Error(`differs for ${bytes}`);
          }
        }
});

test("reading and checking agree with TextDecoder on whole and damaged texts", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.nat(),
      fc.nat(255),
      fc.boolean(),
      (text, at, byte, hurt) => {
        const utf8 = new TextEncoder().encode(text);
        if (hurt && utf8.length > 0) utf8[at % utf8.length] = byte;
        const bytes = Uint8Array.of(0xff, ...utf8, 0x80);
        const end = 1 + utf8.length;
        const expected = reference(utf8);
        expect(readUtf8(bytes, 1, end)).toBe(expected);
        expect(isUtf8(bytes, 1, end)).toBe(expected !== undefined);
      },
    ),
    { numRuns: 2000 },
  );
});

test("texts seen before are told apart from texts of the same length and hash", () => {
  // "Aa" and "BB" have one hash under any multiplier of 31.
  const encode = (text: string) => new TextEncoder().encode(text);
  for (const text of ["AaAa", "BBBB", "AaBB", "BBAa", "AaAa"]) {
    expect(readUtf8(encode(text), 0, 4)).toBe(text);
  }
});

test("a byte order mark is a character", () => {
  expect(readUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41), 0, 4)).toBe("\uFEFFA");
});
