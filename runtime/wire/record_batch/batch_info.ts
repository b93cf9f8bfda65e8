import { crc32c } from "../crc32c.ts";
import { readInt16, readInt32, readInt64, readUint32, writeInt32, writeInt64 } from "../int64.ts";
import { WireError } from "../wire_error.ts";
import * as layout from "./layout.ts";

/** What a batch's fixed part says, records unread. */
export interface BatchInfo {
  /** Index of the batch's first byte. */
  readonly at: number;
  /** Of the whole batch: the next one begins at `at + sizeBytes`. */
  readonly sizeBytes: number;
  readonly baseOffset: number;
  readonly lastOffsetDelta: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  readonly recordCount: number;
  readonly attributes: number;
  readonly compression: layout.Compression;
  readonly isLogAppendTime: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** Unix epoch ms. */
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 for none, as are the next two. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/**
 * Size of the batch that begins at `at`, or 0 when it does not end before `end`: Kafka cuts a fetch
 * at its byte limit, and a cut last batch is not an error.
 *
 * @throws {WireError} MALFORMED when the length is below what every batch has, UNSUPPORTED_MAGIC
 */
export function batchSize(bytes: Uint8Array, at: number, end: number): number {
  if (end - at <= layout.MAGIC_AT) return 0;
  // Older formats keep the magic byte at the same place, so it can be checked before anything else.
  const magic = bytes[at + layout.MAGIC_AT]!;
  if (magic !== 2) {
    throw new WireError(
      "UNSUPPORTED_MAGIC",
      `Record batch has format ${magic}, only 2 is read`,
      at,
    );
  }
  const size = readInt32(bytes, at + layout.BATCH_LENGTH_AT) + layout.LOG_OVERHEAD_BYTES;
  if (size < layout.RECORDS_AT) {
    throw new WireError("MALFORMED", `Record batch announces ${size} bytes in all`, at);
  }
  return size > end - at ? 0 : size;
}

/** Name of a codec. @throws {WireError} MALFORMED for the numbers that stand for nothing */
export function compressionOf(attributes: number, at: number): layout.Compression {
  const compression = layout.COMPRESSIONS[attributes & layout.COMPRESSION_MASK];
  if (compression !== undefined) return compression;
  throw new WireError("MALFORMED", `Compression ${attributes & layout.COMPRESSION_MASK}`, at);
}

/**
 * Reads the fixed part of the batch at `at`. The CRC is not checked: see `isCrcValid`.
 *
 * @throws {WireError} TRUNCATED unless the whole batch ends by `end`; MALFORMED, UNSUPPORTED_MAGIC
 */
export function batchInfo(bytes: Uint8Array, at = 0, end: number = bytes.length): BatchInfo {
  const sizeBytes = batchSize(bytes, at, end);
  if (sizeBytes === 0) throw new WireError("TRUNCATED", "Record batch is cut", at);
  const baseOffset = readInt64(bytes, at);
  const lastOffsetDelta = readInt32(bytes, at + layout.LAST_OFFSET_DELTA_AT);
  const attributes = readInt16(bytes, at + layout.ATTRIBUTES_AT);
  return {
    at,
    sizeBytes,
    baseOffset,
    lastOffsetDelta,
    lastOffset: baseOffset + lastOffsetDelta,
    leaderEpoch: readInt32(bytes, at + layout.LEADER_EPOCH_AT),
    recordCount: readInt32(bytes, at + layout.RECORD_COUNT_AT),
    attributes,
    compression: compressionOf(attributes, at),
    isLogAppendTime: (attributes & layout.LOG_APPEND_TIME_BIT) !== 0,
    isTransactional: (attributes & layout.TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & layout.CONTROL_BIT) !== 0,
    baseTimestamp: readInt64(bytes, at + layout.BASE_TIMESTAMP_AT),
    maxTimestamp: readInt64(bytes, at + layout.MAX_TIMESTAMP_AT),
    producerId: readInt64(bytes, at + layout.PRODUCER_ID_AT),
    producerEpoch: readInt16(bytes, at + layout.PRODUCER_EPOCH_AT),
    baseSequence: readInt32(bytes, at + layout.BASE_SEQUENCE_AT),
  };
}

/**
 * The whole batches of `bytes[start..end)`, in order; a cut last one is left out.
 *
 * @throws {WireError} MALFORMED, UNSUPPORTED_MAGIC
 */
export function* batches(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Generator<BatchInfo, void, undefined> {
  for (let at = start; batchSize(bytes, at, end) > 0; ) {
    const info = batchInfo(bytes, at, end);
    yield info;
    at += info.sizeBytes;
  }
}

/** Whether the batch's bytes are those its writer summed; the batch must be whole (`batchInfo`). */
export function isCrcValid(bytes: Uint8Array, at: number): boolean {
  return readUint32(bytes, at + layout.CRC_AT) === crcOf(bytes, at);
}

/** Gives a batch its place in a log, in place. Offset and epoch are outside the CRC. */
export function setBaseOffset(
  bytes: Uint8Array,
  at: number,
  baseOffset: number,
  leaderEpoch: number,
): void {
  writeInt64(bytes, at, baseOffset);
  writeInt32(bytes, at + layout.LEADER_EPOCH_AT, leaderEpoch);
}

/** Gives every record of a batch the broker's time (Unix epoch ms), in place; the CRC follows. */
export function setLogAppendTime(bytes: Uint8Array, at: number, timestampMs: number): void {
  bytes[at + layout.ATTRIBUTES_AT + 1]! |= layout.LOG_APPEND_TIME_BIT;
  writeInt64(bytes, at + layout.MAX_TIMESTAMP_AT, timestampMs);
  updateCrc(bytes, at);
}

/** Sums the batch at `at` and writes the CRC; its length field must be right. */
export function updateCrc(bytes: Uint8Array, at: number): void {
  writeInt32(bytes, at + layout.CRC_AT, crcOf(bytes, at));
}

function crcOf(bytes: Uint8Array, at: number): number {
  const size = readInt32(bytes, at + layout.BATCH_LENGTH_AT) + layout.LOG_OVERHEAD_BYTES;
  return crc32c(bytes, at + layout.ATTRIBUTES_AT, at + size);
}
