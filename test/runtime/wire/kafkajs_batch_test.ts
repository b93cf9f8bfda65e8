import { createRequire } from "node:module";
import { expect, test } from "vitest";
import {
  BatchBuilder,
  decodeHeaders,
  encodeHeaders,
  RecordCursor,
} from "../../../runtime/wire/mod.ts";

interface KafkajsEncoder {
  readonly buffer: Uint8Array;
}
interface KafkajsRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, Uint8Array>>;
}

// kafkajs' own codec, which a public broker has accepted for years: an independent second opinion.
const require = createRequire(import.meta.url);
const { RecordBatch } = require("kafkajs/src/protocol/recordBatch/v0") as {
  RecordBatch(fields: object): Promise<KafkajsEncoder>;
};
const encodeRecord = require("kafkajs/src/protocol/recordBatch/record/v0") as (
  fields: object,
) => KafkajsEncoder;
const Long = require("kafkajs/src/utils/long") as { fromValue(value: number): unknown };
const Decoder = require("kafkajs/src/protocol/decoder") as new (bytes: Uint8Array) => object;
const decodeBatch = require("kafkajs/src/protocol/recordBatch/v0/decoder") as (
  decoder: object,
) => Promise<{ maxTimestamp: string; records: KafkajsRecord[] }>;

const text = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);

test.each([
  ["plain", 0],
  ["gzip", 1],
])("batches that kafkajs writes are read: %s", async (_, compression) => {
  const encoded = await RecordBatch({
    compression,
    firstOffset: Long.fromValue(2 ** 40),
    firstTimestamp: 1000,
    maxTimestamp: 5000,
    lastOffsetDelta: 2,
    producerId: Long.fromValue(77),
    producerEpoch: 3,
    firstSequence: 9,
    records: [
      encodeRecord({
        offsetDelta: 0,
        timestampDelta: 0,
        key: "k",
        value: "v",
        headers: { a: "b" },
      }),
      encodeRecord({ offsetDelta: 1, timestampDelta: 4000, key: null, value: "x".repeat(300) }),
      encodeRecord({ offsetDelta: 2, timestampDelta: -1e11, key: "é", value: null }),
    ],
  });
  const cursor = new RecordCursor();
  cursor.reset(encoded.buffer);
  expect(cursor.nextBatch()).toBe(true);
  expect(cursor).toMatchObject({
    producerId: 77,
    producerEpoch: 3,
    baseSequence: 9,
    recordCount: 3,
  });
  const seen: unknown[] = [];
  while (cursor.nextRecord()) {
    const { buffer, headersStart, headersEnd, headerCount } = cursor;
    const part = (from: number, to: number) => (from < 0 ? null : text(buffer.subarray(from, to)));
    const headers = decodeHeaders(buffer, headersStart, headersEnd, headerCount);
    seen.push([
      cursor.offset - 2 ** 40,
      cursor.timestamp,
      part(cursor.keyStart, cursor.keyEnd),
      part(cursor.valueStart, cursor.valueEnd),
      headers.map(([key, value]) => `${key}=${text(value)}`).join(),
    ]);
  }
  expect(seen).toEqual([
    [0, 1000, "k", "v", "a=b"],
    [1, 5000, null, "x".repeat(300), ""],
    [2, 1000 - 1e11, "é", null, ""],
  ]);
});

test.each(["none", "gzip"] as const)(
  "batches that we write kafkajs reads: %s",
  async (compression) => {
    const bytes = new TextEncoder().encode("keyvalue");
    const headers = encodeHeaders([["x", Uint8Array.of(1, 2)]]);
    const builder = new BatchBuilder();
    builder.append(5, bytes, 0, 3, bytes, 3, 8, headers, 0, headers.length, 1);
    builder.append(2 ** 43, bytes, -1, -1, bytes, 0, 8);
    builder.append(-7, bytes, 0, 8, bytes, -1, -1);
    // Its decoder wants a Buffer.
    const decoded = await decodeBatch(new Decoder(Buffer.from(builder.finish({ compression }))));
    expect(decoded.maxTimestamp).toBe(String(2 ** 43));
    const rows = decoded.records.map((one) => [
      one.offset,
      one.timestamp,
      text(one.key),
      text(one.value),
    ]);
    expect(rows).toEqual([
      ["0", "5", "key", "value"],
      ["1", String(2 ** 43), null, "keyvalue"],
      ["2", "-7", "keyvalue", null],
    ]);
    expect([...(decoded.records[0]?.headers["x"] ?? [])]).toEqual([1, 2]);
  },
);
