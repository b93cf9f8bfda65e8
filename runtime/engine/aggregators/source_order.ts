/**
 * The order of records where it matters: event time, then where the record was first read (input,
 * partition, offset), then which of the records that a stage made of it. It does not depend on when
 * a record arrives, so a result is the same after restarts, retries and whatever the batches were.
 *
 * Results of a window stage have no offset: they are ordered by event time, start of their window,
 * base key bytes, emit.
 *
 * @module
 */

import type { AvroRecord } from "../../../topology/language/mod.ts";
import type { Identity } from "../identity.ts";

/** A place in that order: one scratch per stage, copied where it is kept. */
export interface SourceOrder {
  readonly atMs: number;
  /** Number of the input in its subtopology, or the id of the subtopology that sent it. */
  readonly input: number;
  readonly partition: number;
  /** Of a result: the start of its window, ms. */
  readonly offset: number;
  /** Of a result: its base key; else empty. */
  readonly key: Uint8Array;
  readonly emit: number;
}

/** Below 0 when `a` comes first. */
export function compareOrder(a: SourceOrder, b: SourceOrder): number {
  return (
    a.atMs - b.atMs ||
    a.input - b.input ||
    a.partition - b.partition ||
    a.offset - b.offset ||
    compareKeys(a.key, b.key) ||
    a.emit - b.emit
  );
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let n = 0; n < length; n++) if (a[n] !== b[n]) return a[n]! - b[n]!;
  return a.length - b.length;
}

/** What stays when the record has gone. */
export function keepOrder({ atMs, input, partition, offset, key, emit }: SourceOrder): SourceOrder {
  // A Buffer's own slice would share the memory.
  const kept = key.length === 0 ? EMPTY_KEY : Uint8Array.prototype.slice.call(key);
  return { atMs, input, partition, offset, key: kept, emit };
}

/** What it takes in the changelog, at most. */
export function storedOrderBytes({ key }: SourceOrder): number {
  return 40 + key.length;
}

const EMPTY_KEY: Uint8Array = new Uint8Array(0);

/** Set by generated code for each record. */
export class CurrentOrder implements SourceOrder {
  atMs = 0;
  input = 0;
  partition = 0;
  offset = -1;
  key: Uint8Array = EMPTY_KEY;
  emit = 0;

  /** A record as its source has it: those that a stage makes of it come one after the other. */
  ofRecord(atMs: number, input: number, partition: number, offset: number): void {
    const isNext = offset === this.offset && partition === this.partition && input === this.input;
    this.#of(atMs, input, partition, offset, isNext ? this.emit + 1 : 0);
  }

  /** What has come through a repartition topic. */
  ofIdentity(atMs: number, identity: Identity): void {
    const { writer, partition, emitIndex } = identity;
    if (identity.form === "final") {
      this.#of(atMs, writer, 0, identity.windowStartMs, emitIndex);
      this.key = identity.bytes.subarray(identity.keyStart, identity.keyEnd);
    } else {
      this.#of(atMs, writer, partition, identity.offset, emitIndex);
    }
  }

  #of(atMs: number, input: number, partition: number, offset: number, emit: number): void {
    this.atMs = atMs;
    this.input = input;
    this.partition = partition;
    this.offset = offset;
    this.key = EMPTY_KEY;
    this.emit = emit;
  }
}

/** In the changelog. */
export const ORDER_SCHEMA: AvroRecord = {
  kind: "record",
  name: "Order",
  fields: [
    { name: "atMs", type: { kind: "long" }, hasDefault: false },
    { name: "input", type: { kind: "int" }, hasDefault: false },
    { name: "partition", type: { kind: "int" }, hasDefault: false },
    { name: "offset", type: { kind: "long" }, hasDefault: false },
    { name: "key", type: { kind: "bytes" }, hasDefault: false },
    { name: "emit", type: { kind: "int" }, hasDefault: false },
  ],
};
