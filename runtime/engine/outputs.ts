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
/** Bytes a record needs beside key, value and headers, at most. */
const RECORD_OVERHEAD_BYTES = 64;

const NO_BYTES = new Uint8Array(0);

/** What waits for one partition. */
export class PartitionOutput {
  readonly topic: string;
  readonly partition: number;
  readonly #builder = new BatchBuilder({ initialBytes: 4096 });
  #full: Uint8Array[] = [];

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Whether `append` takes a record whose key, value and headers are so long together. */
  holds(bytes: number): boolean {
    return bytes + RECORD_OVERHEAD_BYTES <= MAX_BATCH_BYTES;
  }

  /**
   * Adds a record; everything is copied. Starts below 0 mean null.
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
  ): void {
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
    if (builder.sizeBytes + bytes > MAX_BATCH_BYTES && !builder.isEmpty) {
      this.#full.push(builder.finish());
    }
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
  }

  take(): Uint8Array[] {
    const batches = this.#full;
    this.#full = [];
    if (!this.#builder.isEmpty) batches.push(this.#builder.finish());
    return batches;
  }
}

export class Outputs {
  readonly #partitions = new Map<string, PartitionOutput>();

  /** The same object each time, so that a hot loop can hold it. */
  to(topic: string, partition: number): PartitionOutput {
    const name = `${topic}/${partition}`;
    let output = this.#partitions.get(name);
    if (output === undefined) {
      output = new PartitionOutput(topic, partition);
      this.#partitions.set(name, output);
    }
    return output;
  }

  /** Everything that waits; the caller owns it, and it is no longer here. */
  take(): Appended[] {
    const all: Appended[] = [];
    for (const output of this.#partitions.values()) {
      const batches = output.take();
      if (batches.length > 0) {
        all.push({ topic: output.topic, partition: output.partition, batches });
      }
    }
    return all;
  }
}
