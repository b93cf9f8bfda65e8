import { gunzip } from "../compression.ts";
import { readInt16, readInt32, readInt64 } from "../int64.ts";
import { VarintReader } from "../varint.ts";
import { WireError } from "../wire_error.ts";
import { batchSize, compressionOf, isCrcValid } from "./batch_info.ts";
import * as layout from "./layout.ts";
import { HeaderCursor } from "./record_headers.ts";

/** All optional. */
export interface RecordCursorOptions {
  /** Check each batch's CRC-32C. @default true */
  readonly checkCrc?: boolean;
  /** Most bytes that one compressed batch may inflate to. @default 67,108,864 (64 MiB) */
  readonly maxInflatedBytes?: number;
}

/** What every record has at least: seven fields of one byte each. */
const MIN_RECORD_BYTES = 7;

/**
 * Reads the records of v2 batches without an object per record: two nested loops that move integer
 * fields.
 *
 * ```ts
 * cursor.reset(bytes);
 * cursor.skipTo(position);
 * while (cursor.nextBatch()) {
 *   if (cursor.isControl) continue;
 *   while (cursor.nextRecord()) use(cursor.buffer, cursor.valueStart, cursor.valueEnd);
 * }
 * ```
 *
 * When `nextRecord` has returned true the record is well formed to its last header. After an error
 * the cursor must be reset before it is used again.
 */
export class RecordCursor {
  // Of the batch.
  baseOffset = 0;
  /** The next offset to fetch is one more, also when compaction has removed the last records. */
  lastOffset = -1;
  /** Unix epoch ms. */
  baseTimestamp = 0;
  maxTimestamp = 0;
  producerId = -1;
  producerEpoch = -1;
  baseSequence = -1;
  leaderEpoch = -1;
  recordCount = 0;
  isControl = false;
  isTransactional = false;
  isLogAppendTime = false;
  compression: layout.Compression = "none";

  // Of the record. Positions index `buffer`; start and end are -1 for null.
  offset = -1;
  /** Unix epoch ms: the producer's, or the broker's under log append time. */
  timestamp = 0;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  headersStart = 0;
  headersEnd = 0;
  headerCount = 0;
  /** The bytes given to `reset`, or those that the batch inflated to: valid until the next batch. */
  buffer: Uint8Array = new Uint8Array(0);

  readonly #checkCrc: boolean;
  readonly #maxInflatedBytes: number;
  readonly #reader = new VarintReader();
  readonly #headers = new HeaderCursor();
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where the next batch begins. */
  #nextBatchAt = 0;
  #end = 0;
  #recordsLeft = 0;
  #recordAt = 0;
  #recordsEnd = 0;
  #fromOffset = 0;

  constructor(options: RecordCursorOptions = {}) {
    this.#checkCrc = options.checkCrc ?? true;
    this.#maxInflatedBytes = options.maxInflatedBytes ?? 64 * 1024 * 1024;
  }

  /** Bytes before this position belong to batches that `nextBatch` has entered or skipped. */
  get position(): number {
    return this.#nextBatchAt;
  }

  /** Begins before the first batch of `bytes[start..end)`, which stay the caller's, unchanged. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#bytes = bytes;
    this.#nextBatchAt = start;
    this.#end = end;
    this.#recordsLeft = this.#recordAt = this.#recordsEnd = 0;
    this.#fromOffset = 0;
  }

  /**
   * From here on passes over what lies before `offset`: whole batches unread and unchecked, then
   * records one by one. A fetch may begin before the offset that was asked for.
   */
  skipTo(offset: number): void {
    this.#fromOffset = offset;
  }

  /**
   * Enters the next batch, whether or not the records of the present one were read.
   *
   * @returns false when no whole batch is left
   * @throws {WireError} CORRUPT, MALFORMED, UNSUPPORTED_MAGIC, UNSUPPORTED_COMPRESSION, TOO_LARGE,
   * UNSAFE_INT64
   */
  nextBatch(): boolean {
    const bytes = this.#bytes;
    for (;;) {
      const at = this.#nextBatchAt;
      const size = batchSize(bytes, at, this.#end);
      if (size === 0) {
        this.#recordsLeft = 0;
        this.#recordAt = this.#recordsEnd = 0;
        return false;
      }
      const baseOffset = readInt64(bytes, at);
      const lastOffset = baseOffset + readInt32(bytes, at + layout.LAST_OFFSET_DELTA_AT);
      this.#nextBatchAt = at + size;
      if (lastOffset < this.#fromOffset) continue;
      if (this.#checkCrc && !isCrcValid(bytes, at)) {
        throw new WireError("CORRUPT", `Record batch at offset ${baseOffset}: CRC mismatch`, at);
      }
      this.baseOffset = baseOffset;
      this.lastOffset = lastOffset;
      if (lastOffset < baseOffset) throw this.#malformed("last offset is before the first", at);
      this.#enter(at, size);
      return true;
    }
  }

  #enter(at: number, size: number): void {
    const bytes = this.#bytes;
    const attributes = readInt16(bytes, at + layout.ATTRIBUTES_AT);
    this.isLogAppendTime = (attributes & layout.LOG_APPEND_TIME_BIT) !== 0;
    this.isTransactional = (attributes & layout.TRANSACTIONAL_BIT) !== 0;
    this.isControl = (attributes & layout.CONTROL_BIT) !== 0;
    this.compression = compressionOf(attributes, at);
    this.leaderEpoch = readInt32(bytes, at + layout.LEADER_EPOCH_AT);
    this.baseTimestamp = readInt64(bytes, at + layout.BASE_TIMESTAMP_AT);
    this.maxTimestamp = readInt64(bytes, at + layout.MAX_TIMESTAMP_AT);
    this.producerId = readInt64(bytes, at + layout.PRODUCER_ID_AT);
    this.producerEpoch = readInt16(bytes, at + layout.PRODUCER_EPOCH_AT);
    this.baseSequence = readInt32(bytes, at + layout.BASE_SEQUENCE_AT);
    this.recordCount = readInt32(bytes, at + layout.RECORD_COUNT_AT);
    switch (this.compression) {
      case "none":
        this.#records(bytes, at + layout.RECORDS_AT, at + size);
        break;
      case "gzip": {
        const from = at + layout.RECORDS_AT;
        const inflated = gunzip(bytes, from, at + size, this.#maxInflatedBytes);
        this.#records(inflated, 0, inflated.length);
        break;
      }
      default:
        throw new WireError(
          "UNSUPPORTED_COMPRESSION",
          `Record batch at offset ${this.baseOffset} is compressed with ${this.compression}; only gzip is read`,
          at,
        );
    }
    // Also the bound on a loop over `recordCount` that a caller may write.
    if (
      this.recordCount < 0 ||
      this.recordCount * MIN_RECORD_BYTES > this.#recordsEnd - this.#recordAt
    ) {
      throw this.#malformed(`${this.recordCount} records cannot be in so few bytes`, at);
    }
  }

  #records(buffer: Uint8Array, start: number, end: number): void {
    this.buffer = buffer;
    this.#reader.bytes = buffer;
    this.#recordAt = start;
    this.#recordsEnd = end;
    this.#recordsLeft = this.recordCount;
  }

  /**
   * Moves to the next record of the batch.
   *
   * @returns false after the last one
   * @throws {WireError} MALFORMED, TRUNCATED, UNSAFE_INT64
   */
  nextRecord(): boolean {
    while (this.#recordsLeft > 0) {
      this.#recordsLeft--;
      this.#readRecord();
      if (this.offset >= this.#fromOffset) return true;
    }
    if (this.#recordAt === this.#recordsEnd) return false;
    throw this.#malformed("bytes are left after the last record", this.#recordAt);
  }

  #readRecord(): void {
    const reader = this.#reader;
    reader.at = this.#recordAt;
    reader.end = this.#recordsEnd;
    const length = reader.varint();
    const start = reader.at;
    const end = start + length;
    if (length < MIN_RECORD_BYTES - 1 || end > this.#recordsEnd) {
      throw this.#malformed(`record has length ${length}`, this.#recordAt);
    }
    reader.end = end;
    reader.at = start + 1; // attributes: none are defined
    const timestampDelta = reader.varlong();
    const offsetDelta = reader.varint();
    const keyLength = reader.varint();
    let at = reader.at;
    if (keyLength < 0) {
      this.keyStart = this.keyEnd = -1;
    } else {
      this.keyStart = at;
      this.keyEnd = at += keyLength;
      reader.at = at;
    }
    const valueLength = reader.varint();
    at = reader.at;
    if (valueLength < 0) {
      this.valueStart = this.valueEnd = -1;
    } else {
      this.valueStart = at;
      this.valueEnd = at += valueLength;
      reader.at = at;
    }
    const headerCount = reader.varint();
    at = reader.at;
    if (keyLength < -1 || valueLength < -1 || headerCount < 0 || offsetDelta < 0) {
      throw this.#malformed("record has a negative length", start);
    }
    this.headersStart = at;
    this.headersEnd = end;
    this.headerCount = headerCount;
    if (headerCount > 0) this.#checkHeaders();
    else if (at !== end) throw this.#malformed("bytes are left in a record", at);
    this.offset = this.baseOffset + offsetDelta;
    if (this.offset > this.lastOffset)
      throw this.#malformed("record is past the last offset", start);
    this.timestamp = this.isLogAppendTime ? this.maxTimestamp : this.baseTimestamp + timestampDelta;
    this.#recordAt = end;
  }

  /** So that a record's headers can be copied into another batch as they are. */
  #checkHeaders(): void {
    const headers = this.headers();
    while (headers.next());
  }

  /** The current record's headers; the same object every time, good until the next record. */
  headers(): HeaderCursor {
    this.#headers.reset(this.buffer, this.headersStart, this.headersEnd, this.headerCount);
    return this.#headers;
  }

  #malformed(what: string, at: number): WireError {
    return new WireError("MALFORMED", `Record batch at offset ${this.baseOffset}: ${what}`, at);
  }
}
