import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeChangelogKey,
  decodeEntry,
  decodeSystem,
  encodeEntry,
  encodeEntryKey,
  encodeSystem,
  encodeSystemKey,
} from "../../../runtime/state/mod.ts";

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

describe("the changelog's wire format", () => {
  it("puts start and bound before the key bytes", () => {
    const bytes = new TextEncoder().encode("xMALE");
    const key = encodeEntryKey(1447171200000, 1447171201000, bytes, 1, 5);
    expect(hex(key)).toBe("020000" + "0150f22014000000" + "0150f22017e8" + "4d414c45");
    expect(decodeChangelogKey(key)).toEqual({
      kind: "entry",
      startMs: 1447171200000,
      boundMs: 1447171201000,
      key: new TextEncoder().encode("MALE"),
    });
  });

  it("writes an entry as Avro, byte for byte", () => {
    const image = { records: 3, maxTimeMs: 64, offsets: [1, -1], accumulators: [1] };
    // version 1, records 3, time 64, block of 2 offsets, end, block of 1 double, end
    expect(hex(encodeEntry(image))).toBe("02068001040201000200000000" + "0000f03f00");
    expect(decodeEntry(encodeEntry(image))).toEqual(image);
  });

  it("writes accumulators that are no numbers behind the others, in version 2", () => {
    const objects = [Uint8Array.of(7, 8), new Uint8Array(0)];
    const image = { records: 3, maxTimeMs: 64, offsets: [1], accumulators: [], objects };
    // version 2, records 3, time 64, block of 1 offset, end, no doubles, block of 2 objects, end
    expect(hex(encodeEntry(image))).toBe("0406800102020000" + "04" + "040708" + "00" + "00");
    expect(decodeEntry(encodeEntry(image))).toEqual(image);
  });

  it("is an entry or a fault, whatever the bytes are", () => {
    const entry = fc.record({
      records: fc.nat(),
      maxTimeMs: fc.nat(),
      offsets: fc.array(fc.integer({ min: -1 }), { maxLength: 3 }),
      accumulators: fc.array(fc.double(), { maxLength: 3 }),
      objects: fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(entry, fc.nat(), fc.nat({ max: 255 }), (image, at, byte) => {
        const bytes = encodeEntry(image);
        expect(decodeEntry(bytes)).toEqual(image);
        const torn = bytes.subarray(0, at % bytes.length);
        expect(() => decodeEntry(torn)).toThrow(expect.objectContaining({ code: "STATE_CORRUPT" }));
        const changed = bytes.with(at % bytes.length, byte);
        try {
          decodeEntry(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: "STATE_CORRUPT" });
        }
      }),
    );
  });

  it("keeps what a task knows beside its entries", () => {
    const entry = {
      version: 2,
      positions: [12, 0],
      watermarkMs: 4000,
      ledger: { per_second: { in: 3, accepted: 2 } },
      seen: [
        { records: { "7/0/3": [11, 0] }, finals: { "9/0/1": [1000, "00ff", 0, 2] } },
        { records: {}, finals: {} },
      ],
    } as const;
    expect(decodeSystem(encodeSystem(entry))).toEqual(entry);
    expect(decodeChangelogKey(encodeSystemKey(1))).toEqual({ kind: "system", slot: 1 });
  });

  it.each([
    ["an empty entry", () => decodeEntry(new Uint8Array(0))],
    ["an entry of another version", () => decodeEntry(Uint8Array.of(6, 2, 2, 0, 0))],
    [
      "a cut entry",
      () =>
        decodeEntry(
          encodeEntry({ records: 1, maxTimeMs: 1, offsets: [1], accumulators: [1, 2] }).subarray(
            0,
            9,
          ),
        ),
    ],
    ["a key of no kind", () => decodeChangelogKey(Uint8Array.of(9, 9))],
    ["a system entry that is no JSON", () => decodeSystem(Uint8Array.of(0x7b))],
  ])("refuses %s with a code", (_name, read) => {
    expect(read).toThrow(expect.objectContaining({ code: "STATE_CORRUPT" }));
  });
});
