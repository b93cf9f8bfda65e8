import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BatchBuilder,
  batches,
  batchInfo,
  controlBatch,
  controlTypeOf,
  decodeHeaders,
  encodeHeaders,
  isCrcValid,
  RecordCursor,
  type RecordCursorOptions,
  type RecordHeader,
  setBaseOffset,
  setLogAppendTime,
  stampProducer,
  WireError,
} from "../../../runtime/wire/mod.ts";
import { hex, unhex } from "./message_arbitrary.ts";

interface TestRecord {
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

const NOTHING = new Uint8Array(0);

function appendTo(builder: BatchBuilder, { timestamp, key, value, headers }: TestRecord): boolean {
  const encoded = encodeHeaders(headers);
  return builder.append(
    timestamp,
    key ?? NOTHING,
    key === null ? -1 : 0,
    key === null ? -1 : key.length,
    value ?? NOTHING,
    value === null ? -1 : 0,
    value === null ? -1 : value.length,
    encoded,
    0,
    encoded.length,
    headers.length,
  );
}

function built(records: readonly TestRecord[], compression: "none" | "gzip" = "none"): Uint8Array {
  const builder = new BatchBuilder({ initialBytes: 64 });
  for (const record of records) appendTo(builder, record);
  return builder.finish({ compression });
}

function allOf(bytes: Uint8Array, from = 0, options?: RecordCursorOptions) {
  const cursor = new RecordCursor(options);
  cursor.reset(bytes);
  cursor.skipTo(from);
  const found: (TestRecord & { offset: number })[] = [];
  while (cursor.nextBatch()) {
    while (cursor.nextRecord()) {
      const { buffer, keyStart, valueStart, headersStart, headersEnd, headerCount } = cursor;
      found.push({
        offset: cursor.offset,
        timestamp: cursor.timestamp,
        key: keyStart < 0 ? null : Uint8Array.from(buffer.subarray(keyStart, cursor.keyEnd)),
        value:
          valueStart < 0 ? null : Uint8Array.from(buffer.subarray(valueStart, cursor.valueEnd)),
        headers: decodeHeaders(buffer, headersStart, headersEnd, headerCount).map(
          ([key, value]) => [key, value && Uint8Array.from(value)] as const,
        ),
      });
    }
  }
  return found;
}

function thrownBy(action: () => unknown): WireError {
  try {
    action();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const plain = (timestamp: number, value = "v"): TestRecord => ({
  timestamp,
  key: null,
  value: new TextEncoder().encode(value),
  headers: [],
});

const blob = fc.option(fc.uint8Array({ maxLength: 200 }), { freq: 5 });
const records = fc.array(
  fc.record({
    timestamp: fc.oneof(fc.nat(), fc.integer({ min: -1, max: 2 ** 45 })),
    key: blob,
    value: blob,
    headers: fc.array(fc.tuple(fc.string({ unit: "grapheme", maxLength: 9 }), blob), {
      maxLength: 3,
    }),
  }),
  { minLength: 1, maxLength: 90 },
);

/**
 * Two records from offset 5: ("k", "v", header a=b) at 1,000 ms, and (null, "") 2^31 ms later. Its CRC
 * comes from a bit-by-bit computation elsewhere.
 */
const LITERAL = unhex(`
  0000000000000005  00000049  00000000  02  17980dce  0000  00000001
  00000000000003e8  00000000800003e8  ffffffffffffffff ffff ffffffff  00000002
  18  00 00 00  02 6b  02 76  02  02 61 02 62
  14  00 8080808010 02  01  00  00`);

describe("a batch written by hand", () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const written: TestRecord[] = [
    { timestamp: 1000, key: text("k"), value: text("v"), headers: [["a", text("b")]] },
    { timestamp: 1000 + 2 ** 31, key: null, value: NOTHING, headers: [] },
  ];

  test("is read field by field", () => {
    expect(allOf(LITERAL)).toEqual(
      written.map((record, index) => ({ ...record, offset: 5 + index })),
    );
    expect(batchInfo(LITERAL)).toMatchObject({ baseOffset: 5, lastOffset: 6, sizeBytes: 85 });
  });

  test("is what the builder writes", () => {
    const batch = built(written);
    setBaseOffset(batch, 0, 5, 0);
    expect(hex(batch)).toBe(hex(LITERAL));
  });
});

describe("batches that were built", () => {
  test("hold the same records in the same order, compressed or not", () => {
    fc.assert(
      fc.property(
        records,
        fc.constantFrom("none" as const, "gzip" as const),
        (input, compression) => {
          const batch = built(input, compression);
          expect(isCrcValid(batch, 0)).toBe(true);
          expect(allOf(batch)).toEqual(input.map((record, offset) => ({ ...record, offset })));
          expect(batchInfo(batch)).toMatchObject({
            sizeBytes: batch.length,
            recordCount: input.length,
            lastOffset: input.length - 1,
            compression,
            baseTimestamp: input[0]?.timestamp,
            maxTimestamp: Math.max(...input.map((record) => record.timestamp)),
            producerId: -1,
          });
        },
      ),
    );
  });

  test("a builder starts afresh after each batch", () => {
    const builder = new BatchBuilder();
    appendTo(builder, plain(9_000_000_000_000));
    const first = builder.finish();
    expect(builder.isEmpty).toBe(true);
    appendTo(builder, plain(1));
    const second = builder.finish();
    expect(allOf(first)[0]?.timestamp).toBe(9_000_000_000_000);
    expect(batchInfo(second).maxTimestamp).toBe(1);
    expect(() => builder.finish()).toThrow(TypeError);
  });

  test("a record that does not fit leaves the batch as it is", () => {
    const builder = new BatchBuilder({ maxBytes: 61 + 9 });
    // length, attributes, two deltas, key -1, value length 1, value, header count
    expect(appendTo(builder, plain(1))).toBe(true);
    expect(builder.sizeBytes).toBe(61 + 8);
    expect(appendTo(builder, plain(1))).toBe(false);
    expect(builder.count).toBe(1);
    expect(allOf(builder.finish())).toHaveLength(1);
    expect(appendTo(builder, plain(1, "vv"))).toBe(true);
    builder.clear();
    expect(thrownBy(() => appendTo(builder, plain(1, "vvv"))).code).toBe("TOO_LARGE");
  });

  test("a stamped batch carries its producer and a valid CRC", () => {
    const batch = built([plain(1)]);
    stampProducer(batch, 4_000_000_000_000, 7, 99, true);
    expect(isCrcValid(batch, 0)).toBe(true);
    expect(batchInfo(batch)).toMatchObject({
      producerId: 4_000_000_000_000,
      producerEpoch: 7,
      baseSequence: 99,
      isTransactional: true,
    });
    stampProducer(batch, -1, -1, -1, false);
    expect(hex(batch)).toBe(hex(built([plain(1)])));
  });

  test("a control batch says how the transaction ended", () => {
    for (const type of ["commit", "abort"] as const) {
      const cursor = new RecordCursor();
      cursor.reset(controlBatch(5, 2, type, 1000, 3));
      expect(cursor.nextBatch() && cursor.nextRecord()).toBe(true);
      expect(cursor).toMatchObject({
        isControl: true,
        isTransactional: true,
        producerId: 5,
        producerEpoch: 2,
        baseSequence: -1,
        timestamp: 1000,
      });
      expect(controlTypeOf(cursor.buffer, cursor.keyStart, cursor.keyEnd)).toBe(type);
      const value = cursor.buffer.subarray(cursor.valueStart, cursor.valueEnd);
      expect(hex(value)).toBe("000000000003");
    }
  });
});

describe("a log of batches", () => {
  function log(): Uint8Array {
    const parts = [10, 13, 20].map((baseOffset) => {
      const batch = built([plain(1), plain(2), plain(3)]);
      setBaseOffset(batch, 0, baseOffset, 4);
      return batch;
    });
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
  const offsets = (found: readonly { offset: number }[]) => found.map(({ offset }) => offset);

  test("setting the offset keeps the CRC valid", () => {
    expect(offsets(allOf(log()))).toEqual([10, 11, 12, 13, 14, 15, 20, 21, 22]);
    expect([...batches(log())].map((info) => [info.baseOffset, info.leaderEpoch])).toEqual([
      [10, 4],
      [13, 4],
      [20, 4],
    ]);
  });

  test("records before the wanted offset are passed over, whole batches unchecked", () => {
    const bytes = log();
    bytes[70]! ^= 1;
    expect(offsets(allOf(bytes, 14))).toEqual([14, 15, 20, 21, 22]);
    expect(offsets(allOf(bytes, 17))).toEqual([20, 21, 22]);
    expect(thrownBy(() => allOf(bytes, 12)).code).toBe("CORRUPT");
    expect(offsets(allOf(bytes, 12, { checkCrc: false }))).toEqual([12, 13, 14, 15, 20, 21, 22]);
  });

  test("a cut last batch is not an error", () => {
    const bytes = log();
    const size = bytes.length / 3;
    for (let cut = 1; cut < size; cut++) {
      expect(allOf(bytes.subarray(0, bytes.length - cut))).toHaveLength(6);
      expect([...batches(bytes.subarray(0, bytes.length - cut))]).toHaveLength(2);
    }
  });

  test("under log append time every record has the broker's time", () => {
    const bytes = log();
    setLogAppendTime(bytes, 0, 777);
    expect(allOf(bytes).map((record) => record.timestamp)).toEqual([
      777, 777, 777, 1, 2, 3, 1, 2, 3,
    ]);
  });
});

describe("batches that cannot be read", () => {
  test("a codec that is not there is named", () => {
    for (const [number, name] of [
      [2, "snappy"],
      [3, "lz4"],
      [4, "zstd"],
    ] as const) {
      const batch = built([plain(1)]);
      batch[22] = number;
      const error = thrownBy(() => allOf(batch, 0, { checkCrc: false }));
      expect(error.code).toBe("UNSUPPORTED_COMPRESSION");
      expect(error.message).toContain(name);
    }
  });

  test("a small batch that inflates without bound is stopped", () => {
    const batch = built([plain(1, "x".repeat(100_000))], "gzip");
    expect(batch.length).toBeLessThan(1000);
    expect(allOf(batch, 0, { maxInflatedBytes: 200_000 })).toHaveLength(1);
    const error = thrownBy(() => allOf(batch, 0, { maxInflatedBytes: 50_000 }));
    expect(error.code).toBe("TOO_LARGE");
  });

  test("an older format is refused", () => {
    const batch = built([plain(1)]);
    batch[16] = 1;
    expect(thrownBy(() => allOf(batch)).code).toBe("UNSUPPORTED_MAGIC");
  });

  // Changes to LITERAL at a byte, and what must be said of them. CRC checking is off: a writer that is
  // wrong sums its bytes all the same.
  test.each([
    ["an offset past the batch's last", 81, "04", "record is past the last offset"],
    ["an offset before the batch's first", 81, "01", "record has a negative length"],
    ["a last offset before the first", 23, "ffffffff", "last offset is before the first"],
    ["more records than there can be", 57, "00000004", "4 records cannot be in so few bytes"],
    ["a negative record count", 57, "ffffffff", "-1 records cannot be in so few bytes"],
    ["fewer records than there are", 57, "00000001", "bytes are left after the last record"],
    ["a record longer than the batch", 74, "16", "record has length 11"],
    ["a record of length 0", 61, "00", "record has length 0"],
    ["a key longer than its record", 65, "20", "Varint is cut"],
    ["a key of length -2", 65, "03", "record has a negative length"],
    ["a header key of length -1", 70, "01", "Header key has length -1"],
    ["a header value longer than its record", 72, "7e", "Header value has length 63"],
    ["fewer headers than bytes for them", 69, "00", "bytes are left in a record"],
    ["more headers than bytes for them", 69, "04", "Varint is cut"],
  ] as const)("%s is refused", (_, at, bytes, said) => {
    const changed = LITERAL.slice();
    changed.set(unhex(bytes), at);
    const error = thrownBy(() => allOf(changed, 0, { checkCrc: false }));
    expect(error.message).toContain(said);
  });

  test("malformed headers are refused before anyone asks for them, as they may be copied unread", () => {
    const changed = LITERAL.slice();
    changed[72] = 0x7e;
    const cursor = new RecordCursor({ checkCrc: false });
    cursor.reset(changed);
    cursor.nextBatch();
    expect(thrownBy(() => cursor.nextRecord()).code).toBe("MALFORMED");
  });

  test("changed bytes end in a WireError or in records, never in anything else", () => {
    fc.assert(
      fc.property(
        records,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (input, changes, gzip) => {
          const batch = built(input, gzip ? "gzip" : "none");
          for (const [at, byte] of changes) batch[at % batch.length] = byte;
          try {
            allOf(batch, 0, { checkCrc: false, maxInflatedBytes: 1_000_000 });
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("a changed byte behind the CRC does not pass it", () => {
    const batch = built([plain(1), plain(2)]);
    for (let at = 21; at < batch.length; at++) {
      const changed = batch.slice();
      changed[at]! ^= 0x10;
      expect(thrownBy(() => allOf(changed)).code).toBe("CORRUPT");
    }
  });
});
