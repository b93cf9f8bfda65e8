import { RecordCursor, WireError } from "../../wire/mod.ts";
import type { PartitionLog, StoredBatch } from "./partition_log.ts";

export interface TimestampOffset {
  readonly offset: number;
  /** Unix epoch ms. */
  readonly timestamp: number;
}

/** The first record, by offset, that is at least as late as `timestamp`; undefined when none is. */
export function findTimestamp(log: PartitionLog, timestamp: number): TimestampOffset | undefined {
  for (const batch of log.batches()) {
    if (batch.maxTimestamp < timestamp) continue;
    const found = findInBatch(batch, log.startOffset, (at) => at >= timestamp);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first record with the highest timestamp of all; undefined when there is no record. */
export function findMaxTimestamp(log: PartitionLog): TimestampOffset | undefined {
  let latest: StoredBatch | undefined;
  for (const batch of log.batches()) {
    if (latest === undefined || batch.maxTimestamp > latest.maxTimestamp) latest = batch;
  }
  return latest && findInBatch(latest, log.startOffset, (at) => at >= latest.maxTimestamp);
}

function findInBatch(
  batch: StoredBatch,
  startOffset: number,
  isIt: (timestamp: number) => boolean,
): TimestampOffset | undefined {
  const cursor = new RecordCursor({ checkCrc: false });
  cursor.reset(batch.bytes);
  cursor.skipTo(startOffset);
  try {
    while (cursor.nextBatch()) {
      while (cursor.nextRecord()) {
        if (isIt(cursor.timestamp)) return { offset: cursor.offset, timestamp: cursor.timestamp };
      }
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // Records that cannot be read here: the batch as a whole is as exact as it gets, and never late.
    return {
      offset: Math.max(batch.baseOffset, startOffset),
      timestamp: batch.maxTimestamp,
    };
  }
}
