import { gzip } from "../compression.ts";
import { writeInt16, writeInt32, writeInt64 } from "../int64.ts";
import { varintSize, varlongSize, writeVarint, writeVarlong } from "../varint.ts";
import { WireError } from "../wire_error.ts";
import { updateCrc } from "./batch_info.ts";
import * as layout from "./layout.ts";

/** All optional. */
export interface BatchBuilderOptions {
  /** First size of the buffer, which doubles as needed. @default 16,384 */
  readonly initialBytes?: number;
  /** Most bytes of a batch before compression. @default 1,048,576 (a little under Kafka's limit) */
  readonly maxBytes?: number;
}

export interface FinishOptions {
  /** @default "none" */
  readonly compression?: "none" | "gzip";
  /** @default false */
  readonly isTransactional?: boolean;
  /** @default false */
  readonly isControl?: boolean;
  /** Memory for the batch, where it is not compressed; at least `sizeBytes` long. @default new memory */
  readonly into?: Uint8Array;
}

/** Up to here a byte loop beats making a view for `set`. */
const MAX_LOOP_COPY_BYTES = 20;

/** Builds record batches one after the other in one growing buffer; nothing is allocated per record. */
export class BatchBuilder {
  readonly #maxBytes: number;
  #slab: Uint8Array;
  #at = layout.RECORDS_AT;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  constructor(options: BatchBuilderOptions = {}) {
    this.#maxBytes = options.maxBytes ?? 1_048_576;
    this.#slab = new Uint8Array(Math.max(options.initialBytes ?? 16_384, layout.RECORDS_AT));
  }

  /** Records appended since the last `finish`. */
  get count(): number {
    return this.#count;
  }

  /** Of the batch as it stands, before compression. */
  get sizeBytes(): number {
    return this.#at;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Forgets what was appended. */
  clear(): void {
    this.#at = layout.RECORDS_AT;
    this.#count = 0;
  }

  /**
   * Copies one record into the batch. Timestamps (Unix epoch ms) may come in any order.
   *
   * @param keyStart -1 for a null key; `valueStart` -1 for a null value
   * @param headers entries of a record as `encodeHeaders` writes them or `RecordCursor` finds them
   * @returns false, with the batch unchanged, when it would grow past `maxBytes`: finish it and
   * append again
   * @throws {WireError} TOO_LARGE when the record alone is over `maxBytes`; UNSAFE_INT64
   */
  append(
    timestamp: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: Uint8Array = EMPTY,
    headersStart = 0,
    headersEnd: number = headers.length,
    headerCount = 0,
  ): boolean {
    const count = this.#count;
    const timestampDelta = count === 0 ? 0 : timestamp - this.#baseTimestamp;
    if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(timestampDelta)) {
      throw new WireError("UNSAFE_INT64", `Cannot append a record: timestamp ${timestamp}`);
    }
    const keyLength = keyStart < 0 ? -1 : keyEnd - keyStart;
    const valueLength = valueStart < 0 ? -1 : valueEnd - valueStart;
    const headersLength = headerCount === 0 ? 0 : headersEnd - headersStart;
    const length =
      1 +
      varlongSize(timestampDelta) +
      varintSize(count) +
      varintSize(keyLength) +
      Math.max(0, keyLength) +
      varintSize(valueLength) +
      Math.max(0, valueLength) +
      varintSize(headerCount) +
      headersLength;
    const size = this.#at + varintSize(length) + length;
    if (size > this.#maxBytes) {
      if (count > 0) return false;
      throw new WireError(
        "TOO_LARGE",
        `Record needs a batch of ${size} bytes, limit ${this.#maxBytes}`,
      );
    }
    if (size > this.#slab.length) this.#grow(size);
    const slab = this.#slab;
    let at = writeVarint(slab, this.#at, length);
    slab[at++] = 0;
    at = writeVarlong(slab, at, timestampDelta);
    at = writeVarint(slab, at, count);
    at = writeVarint(slab, at, keyLength);
    if (keyLength > 0) at = copy(key, keyStart, keyEnd, slab, at);
    at = writeVarint(slab, at, valueLength);
    if (valueLength > 0) at = copy(value, valueStart, valueEnd, slab, at);
    at = writeVarint(slab, at, headerCount);
    if (headersLength > 0) at = copy(headers, headersStart, headersEnd, slab, at);
    if (count === 0) this.#baseTimestamp = this.#maxTimestamp = timestamp;
    else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    this.#at = at;
    this.#count = count + 1;
    return true;
  }

  /**
   * The batch, in memory of its own or in what it is given, with base offset 0, no producer and a valid
   * CRC. The builder is empty afterwards.
   *
   * @throws {TypeError} when nothing was appended: Kafka has no empty batches on the wire
   * @throws {RangeError} when it does not fit into what it is given
   */
  finish(options: FinishOptions = {}): Uint8Array {
    if (this.#count === 0) throw new TypeError("Cannot finish an empty batch");
    let batch: Uint8Array;
    if (options.compression === "gzip") {
      const deflated = gzip(this.#slab.subarray(layout.RECORDS_AT, this.#at));
      batch = new Uint8Array(layout.RECORDS_AT + deflated.length);
      batch.set(deflated, layout.RECORDS_AT);
    } else if (options.into !== undefined) {
      options.into.set(this.#slab.subarray(0, this.#at));
      batch = options.into.subarray(0, this.#at);
    } else {
      batch = this.#slab.slice(0, this.#at);
    }
    const attributes =
      (options.compression === "gzip" ? layout.COMPRESSIONS.indexOf("gzip") : 0) |
      (options.isTransactional ? layout.TRANSACTIONAL_BIT : 0) |
      (options.isControl ? layout.CONTROL_BIT : 0);
    writeInt64(batch, 0, 0);
    writeInt32(batch, layout.BATCH_LENGTH_AT, batch.length - layout.LOG_OVERHEAD_BYTES);
    writeInt32(batch, layout.LEADER_EPOCH_AT, -1);
    batch[layout.MAGIC_AT] = 2;
    writeInt16(batch, layout.ATTRIBUTES_AT, attributes);
    writeInt32(batch, layout.LAST_OFFSET_DELTA_AT, this.#count - 1);
    writeInt64(batch, layout.BASE_TIMESTAMP_AT, this.#baseTimestamp);
    writeInt64(batch, layout.MAX_TIMESTAMP_AT, this.#maxTimestamp);
    writeProducer(batch, -1, -1, -1);
    writeInt32(batch, layout.RECORD_COUNT_AT, this.#count);
    updateCrc(batch, 0);
    this.clear();
    return batch;
  }

  #grow(size: number): void {
    const larger = new Uint8Array(Math.min(Math.max(size, this.#slab.length * 2), this.#maxBytes));
    larger.set(this.#slab.subarray(0, this.#at));
    this.#slab = larger;
  }
}

/**
 * Writes who produced a batch and where it stands in that producer's sequence, in place, and sums it
 * again. A broker refuses sequences that do not follow each other.
 */
export function stampProducer(
  batch: Uint8Array,
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
  isTransactional: boolean,
): void {
  writeProducer(batch, producerId, producerEpoch, baseSequence);
  const low = layout.ATTRIBUTES_AT + 1;
  batch[low] = isTransactional
    ? batch[low]! | layout.TRANSACTIONAL_BIT
    : batch[low]! & ~layout.TRANSACTIONAL_BIT;
  updateCrc(batch, 0);
}

function writeProducer(
  batch: Uint8Array,
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
): void {
  writeInt64(batch, layout.PRODUCER_ID_AT, producerId);
  writeInt16(batch, layout.PRODUCER_EPOCH_AT, producerEpoch);
  writeInt32(batch, layout.BASE_SEQUENCE_AT, baseSequence);
}

const EMPTY = new Uint8Array(0);

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  if (end - start <= MAX_LOOP_COPY_BYTES) {
    while (start < end) to[at++] = from[start++]!;
    return at;
  }
  to.set(from.subarray(start, end), at);
  return at + end - start;
}
