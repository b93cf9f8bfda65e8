/**
 * Single records in and out of record batches, with headers as text.
 *
 * @module
 */

import { type BatchBuilder, encodeHeaders, type HeaderCursor, RecordCursor } from "../wire/mod.ts";

const utf8 = new TextDecoder();
const utf8Encoder = new TextEncoder();

/** Adds one record with text headers to a batch. */
export function appendRecord(
  builder: BatchBuilder,
  timestampMs: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: Readonly<Record<string, string>> = {},
): void {
  const entries = Object.entries(headers);
  const encoded = encodeHeaders(
    entries.map(([name, text]) => [name, utf8Encoder.encode(text)] as const),
  );
  builder.append(
    timestampMs,
    key ?? encoded,
    key === null ? -1 : 0,
    key === null ? -1 : key.length,
    value ?? encoded,
    value === null ? -1 : 0,
    value === null ? -1 : value.length,
    encoded,
    0,
    encoded.length,
    entries.length,
  );
}

export interface ReadRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Records of whole batches from `offset` on; keys and values are views of `bytes`. */
export function* readRecords(bytes: Uint8Array, offset: number): Generator<ReadRecord> {
  const cursor = new RecordCursor();
  cursor.reset(bytes);
  cursor.skipTo(offset);
  while (cursor.nextBatch()) {
    while (cursor.nextRecord()) {
      yield {
        offset: cursor.offset,
        timestampMs: cursor.timestamp,
        key: rangeOf(cursor.buffer, cursor.keyStart, cursor.keyEnd),
        value: rangeOf(cursor.buffer, cursor.valueStart, cursor.valueEnd),
        headers: headersOf(cursor.headers()),
      };
    }
  }
}

function rangeOf(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : bytes.subarray(start, end);
}

function headersOf(header: HeaderCursor): Record<string, string> {
  const headers: Record<string, string> = {};
  while (header.next()) {
    const name = utf8.decode(header.buffer.subarray(header.keyStart, header.keyEnd));
    if (header.valueStart >= 0) {
      headers[name] = utf8.decode(header.buffer.subarray(header.valueStart, header.valueEnd));
    }
  }
  return headers;
}
