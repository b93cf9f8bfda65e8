import { type BatchInfo, batchInfo, isCrcValid, RecordCursor, WireError } from "../../wire/mod.ts";
import { ERROR, type Refusal, refusal } from "../errors.ts";
import type { TopicConfig } from "../topic_config.ts";

/** The smallest record: seven fields of one byte each. */
const MIN_RECORD_BYTES = 7;
const BATCH_HEADER_BYTES = 61;

/**
 * Whether what a producer sent is one well-formed batch that the topic takes. The header and the CRC
 * are checked; records stay unread, except where a compacted topic must see their keys.
 */
export function checkBatch(
  records: Uint8Array | null,
  config: TopicConfig,
  nowMs: number,
): BatchInfo | Refusal {
  if (records === null || records.length === 0) {
    return refusal(ERROR.INVALID_RECORD, "A record batch is missing");
  }
  let info: BatchInfo;
  try {
    info = batchInfo(records);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const code =
      error.code === "TRUNCATED" || error.code === "MALFORMED"
        ? ERROR.CORRUPT_MESSAGE
        : ERROR.INVALID_RECORD;
    return refusal(code, error.message);
  }
  return (
    checkHeader(records, info) ??
    checkTopicLimits(info, config, nowMs) ??
    (config.isCompacted ? checkKeys(records) : undefined) ??
    info
  );
}

export function isRefusal(checked: BatchInfo | Refusal): checked is Refusal {
  return "errorCode" in checked;
}

function checkHeader(records: Uint8Array, info: BatchInfo): Refusal | undefined {
  const invalid = (why: string) => refusal(ERROR.INVALID_RECORD, why);
  if (info.sizeBytes !== records.length) {
    return invalid("A partition takes exactly one record batch per request");
  }
  if (!isCrcValid(records, 0)) return refusal(ERROR.CORRUPT_MESSAGE, "The batch's CRC is wrong");
  const { recordCount, lastOffsetDelta } = info;
  if (recordCount < 1) return invalid(`A batch of ${recordCount} records`);
  if (lastOffsetDelta !== recordCount - 1) {
    return invalid(`A batch of ${recordCount} records ends at offset delta ${lastOffsetDelta}`);
  }
  if (
    info.compression === "none" &&
    recordCount * MIN_RECORD_BYTES > info.sizeBytes - BATCH_HEADER_BYTES
  ) {
    return invalid(`${recordCount} records cannot be in ${info.sizeBytes} bytes`);
  }
  if (info.isControl) return invalid("Clients cannot write control batches");
  if (info.producerId >= 0 && (info.producerEpoch < 0 || info.baseSequence < 0)) {
    return invalid("A producer id without an epoch or a sequence");
  }
  return undefined;
}

function checkTopicLimits(
  info: BatchInfo,
  config: TopicConfig,
  nowMs: number,
): Refusal | undefined {
  if (info.sizeBytes > config.maxMessageBytes) {
    return refusal(
      ERROR.MESSAGE_TOO_LARGE,
      `A batch of ${info.sizeBytes} bytes, max.message.bytes is ${config.maxMessageBytes}`,
    );
  }
  if (config.isLogAppendTime) return undefined;
  const { maxTimestamp } = info;
  // -1 stands for no timestamp at all.
  if (
    maxTimestamp >= 0 &&
    (maxTimestamp - nowMs > config.timestampAfterMaxMs ||
      nowMs - maxTimestamp > config.timestampBeforeMaxMs)
  ) {
    return refusal(
      ERROR.INVALID_TIMESTAMP,
      `Timestamp ${maxTimestamp} is outside what the topic takes at ${nowMs}`,
    );
  }
  return undefined;
}

/** Without a key a record could never be compacted away. */
function checkKeys(records: Uint8Array): Refusal | undefined {
  const cursor = new RecordCursor({ checkCrc: false });
  cursor.reset(records);
  try {
    while (cursor.nextBatch()) {
      while (cursor.nextRecord()) {
        if (cursor.keyStart < 0) {
          return refusal(ERROR.INVALID_RECORD, "A compacted topic takes no record without a key");
        }
      }
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // Codecs that are not read here are taken on trust.
    if (error.code === "UNSUPPORTED_COMPRESSION") return undefined;
    return refusal(ERROR.CORRUPT_MESSAGE, error.message);
  }
  return undefined;
}
