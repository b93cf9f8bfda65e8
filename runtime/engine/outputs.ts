/**
 * Records on their way out of an instance, as record batches per topic and partition.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { BatchBuilder } from "../wire/mod.ts";
import type { Appended } from "./ports.ts";

/** Batches are closed before they pass this. Kafka's default `max.message.bytes` is 1,048,588. @default 900 kB */
export const MAX_BATCH_BYTES = 900_000;
/** What is written in pieces is written once there are full batches of so many bytes. @default 4 MB */
export const PIECE_BYTES = 4_000_000;
/** Bytes a record needs beside key, value and headers, at most. */
const RECORD_OVERHEAD_BYTES = 64;

const NO_BYTES = new Uint8Array(0);

/**
 * Memory of batches that were written, for the next ones. Left to the garbage collector, what a large
 * commit writes makes the process grow by as much again, and the system allocator may keep that.
 */
class Slabs {
  readonly #free: Uint8Array[] = [];

  /** Of `MAX_BATCH_BYTES`. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(MAX_BATCH_BYTES);
  }

  /** Takes the memory of a batch back, if it came from here and is not more than is kept. */
  give({ buffer }: Uint8Array): void {
    const isOurs = buffer.byteLength === MAX_BATCH_BYTES;
    if (isOurs && this.#free.length * MAX_BATCH_BYTES < PIECE_BYTES) {
      this.#free.push(new Uint8Array(buffer));
    }
  }
}

/** What waits for one partition. */
export class PartitionOutput {
  readonly topic: string;
  readonly partition: number;
  readonly #builder = new BatchBuilder({ initialBytes: 4096 });
  readonly #slabs: Slabs;
  #full: Uint8Array[] = [];

  constructor(topic: string, partition: number, slabs: Slabs) {
    this.topic = topic;
    this.partition = partition;
    this.#slabs = slabs;
  }

  /** Whether `append` takes a record whose key, value and headers are so long together. */
  holds(bytes: number): boolean {
    return bytes + RECORD_OVERHEAD_BYTES <= MAX_BATCH_BYTES;
  }

  /**
   * Adds a record; everything is copied. Starts below 0 mean null.
   * @returns whether there is another full batch now
   * @throws {MillraceError} RECORD_TOO_LARGE when the record alone is more than a batch may hold
   */
  append(
    timestampMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: Uint8Array = NO_BYTES,
    headersStart = 0,
    headersEnd = 0,
    headerCount = 0,
  ): boolean {
    const bytes =
      keyEnd -
      keyStart +
      (valueEnd - valueStart) +
      (headersEnd - headersStart) +
      RECORD_OVERHEAD_BYTES;
    if (bytes > MAX_BATCH_BYTES) {
      throw new MillraceError(
        "RECORD_TOO_LARGE",
        `Cannot write to ${this.topic}: the record needs ${bytes} bytes, the limit is ${MAX_BATCH_BYTES}`,
      );
    }
    const builder = this.#builder;
    const isFull = builder.sizeBytes + bytes > MAX_BATCH_BYTES && !builder.isEmpty;
    if (isFull) this.#full.push(this.#finish());
    builder.append(
      timestampMs,
      key,
      keyStart,
      keyEnd,
      value,
      valueStart,
      valueEnd,
      headers,
      headersStart,
      headersEnd,
      headerCount,
    );
    return isFull;
  }

  get fullBatches(): number {
    return this.#full.length;
  }

  takeFull(): Uint8Array[] {
    const batches = this.#full;
    this.#full = [];
    return batches;
  }

  take(): Uint8Array[] {
    const batches = this.takeFull();
    if (!this.#builder.isEmpty) batches.push(this.#finish());
    return batches;
  }

  /** Batches that would leave most of a slab empty have memory of their own. */
  #finish(): Uint8Array {
    const builder = this.#builder;
    if (builder.sizeBytes < MAX_BATCH_BYTES / 2) return builder.finish();
    return builder.finish({ into: this.#slabs.take() });
  }
}

export class Outputs {
  readonly #partitions = new Map<string, PartitionOutput>();
  readonly #slabs = new Slabs();

  /** The same object each time, so that a hot loop can hold it. */
  to(topic: string, partition: number): PartitionOutput {
    const name = `${topic}/${partition}`;
    let output = this.#partitions.get(name);
    if (output === undefined) {
      output = new PartitionOutput(topic, partition, this.#slabs);
      this.#partitions.set(name, output);
    }
    return output;
  }

  /** Whether what waits in full batches is worth a write. */
  get isPiece(): boolean {
    let batches = 0;
    for (const { fullBatches } of this.#partitions.values()) batches += fullBatches;
    return batches * MAX_BATCH_BYTES >= PIECE_BYTES;
  }

  /** Everything that waits; the caller owns it, and it is no longer here. */
  take(): Appended[] {
    return this.#collect((output) => output.take());
  }

  /** The same of full batches alone. */
  takeFull(): Appended[] {
    return this.#collect((output) => output.takeFull());
  }

  /** Takes back what was taken, once it is written and nobody looks at it any more; not where that failed. */
  give(appended: readonly Appended[]): void {
    for (const { batches } of appended) for (const batch of batches) this.#slabs.give(batch);
  }

  #collect(take: (output: PartitionOutput) => Uint8Array[]): Appended[] {
    const all: Appended[] = [];
    for (const output of this.#partitions.values()) {
      const batches = take(output);
      if (batches.length > 0) {
        all.push({ topic: output.topic, partition: output.partition, batches });
      }
    }
    return all;
  }
}
