/**
 * Records of fetched batches as objects, for the cold paths.
 *
 * @module
 */

import { RecordCursor } from "../wire/mod.ts";

export interface RawRecord {
  readonly offset: number;
  readonly timestampMs: number;
  /** A copy. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/**
 * The data records of whole v2 batches, in offset order; control records are left out.
 *
 * @param fromOffset Records below it are left out: the first batch may begin before a position.
 * @throws {WireError} for a batch that is damaged
 */
export function* recordsOf(bytes: Uint8Array, fromOffset = 0): Generator<RawRecord> {
  const cursor = new RecordCursor();
  cursor.reset(bytes);
  cursor.skipTo(fromOffset);
  while (cursor.nextBatch()) {
    if (cursor.isControl) continue;
    while (cursor.nextRecord()) {
      yield {
        offset: cursor.offset,
        timestampMs: cursor.timestamp,
        key: copyOf(cursor.buffer, cursor.keyStart, cursor.keyEnd),
        value: copyOf(cursor.buffer, cursor.valueStart, cursor.valueEnd),
      };
    }
  }
}

function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : Uint8Array.prototype.slice.call(bytes, start, end);
}
