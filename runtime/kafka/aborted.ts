/**
 * Takes the records of aborted transactions out of fetched bytes.
 *
 * Brokers hand readers of committed data everything up to the last stable offset, with a list of
 * aborted transactions; leaving their records out is the reader's work. A batch belongs to one
 * transaction as a whole, so whole batches are blanked: header kept, records gone, which is what
 * compaction leaves behind and every reader has to understand anyway. Offsets thus still advance over
 * them, and nobody downstream needs to know about transactions.
 *
 * The end of an aborted transaction is its control batch, told by the attribute bit. (kafkajs takes
 * any record with the key 00 00 00 00 for the marker, and shows the rest of the transaction.)
 */

import {
  batches,
  controlTypeOf,
  RecordCursor,
  stampProducer,
  writeInt16,
  writeInt32,
} from "../wire/mod.ts";

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

const HEADER_BYTES = 61;
const LOG_OVERHEAD_BYTES = 12;
const BATCH_LENGTH_AT = 8;
const ATTRIBUTES_AT = 21;
const RECORD_COUNT_AT = 57;

/**
 * @param bytes whole batches
 * @param aborted as the broker listed them for these bytes
 * @returns `bytes` itself when nothing had to go, else a copy
 */
export function withoutAborted(
  bytes: Uint8Array,
  aborted: readonly AbortedTransaction[],
): Uint8Array {
  if (aborted.length === 0) return bytes;
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  const cursor = new RecordCursor();
  const kept: Uint8Array[] = [];
  let next = 0;
  let size = 0;
  for (const batch of batches(bytes)) {
    while (next < waiting.length && waiting[next]!.firstOffset <= batch.lastOffset) {
      open.add(waiting[next++]!.producerId);
    }
    let part = bytes.subarray(batch.at, batch.at + batch.sizeBytes);
    if (batch.isControl) {
      cursor.reset(part);
      if (cursor.nextBatch() && cursor.nextRecord() && isAbort(cursor))
        open.delete(batch.producerId);
    } else if (batch.isTransactional && open.has(batch.producerId)) {
      part = blank(part, batch.producerId, batch.producerEpoch, batch.baseSequence);
    }
    kept.push(part);
    size += part.length;
  }
  const result = new Uint8Array(size);
  let at = 0;
  for (const part of kept) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function isAbort(cursor: RecordCursor): boolean {
  return controlTypeOf(cursor.buffer, cursor.keyStart, cursor.keyEnd) === "abort";
}

function blank(batch: Uint8Array, producerId: number, epoch: number, sequence: number): Uint8Array {
  const header = batch.slice(0, HEADER_BYTES);
  writeInt32(header, BATCH_LENGTH_AT, HEADER_BYTES - LOG_OVERHEAD_BYTES);
  // No codec: there is nothing to decompress.
  writeInt16(
    header,
    ATTRIBUTES_AT,
    ((header[ATTRIBUTES_AT]! << 8) | header[ATTRIBUTES_AT + 1]!) & ~7,
  );
  writeInt32(header, RECORD_COUNT_AT, 0);
  stampProducer(header, producerId, epoch, sequence, true);
  return header;
}
