/**
 * The order of records where it matters: event time, then where the record was first read (topic,
 * partition, offset), then which of the records that a stage made of it. It does not depend on when
 * a record arrives, so a result is the same after restarts, retries and whatever the batches were.
 *
 * Results of a window stage have no offset: they are ordered by event time, start of their window,
 * base key bytes, emit. What two ways have made of one record is told apart by the way at last.
 *
 * @module
 */

import type { AvroRecord } from "../../../topology/language/mod.ts";
import type { Identity } from "../identity.ts";

/** A place in that order: one scratch per stage, copied where it is kept. */
export interface SourceOrder {
  readonly atMs: number;
  /** Number of its topic among those that records come from here, in order of their names. */
  readonly topic: number;
  readonly partition: number;
  /** Of a result: the start of its window, ms. */
  readonly offset: number;
  /** Of a result: its base key; else empty. */
  readonly key: Uint8Array;
  readonly emit: number;
  /** Id of the subtopology that sent it. */
  readonly writer: number;
}

/** Below 0 when `a` comes first. */
export function compareOrder(a: SourceOrder, b: SourceOrder): number {
  return (
    a.atMs - b.atMs ||
    a.topic - b.topic ||
    a.partition - b.partition ||
    a.offset - b.offset ||
    compareKeys(a.key, b.key) ||
    a.emit - b.emit ||
    a.writer - b.writer
  );
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let n = 0; n < length; n++) if (a[n] !== b[n]) return a[n]! - b[n]!;
  return a.length - b.length;
}

/** What stays when the record has gone. */
export function keepOrder(order: SourceOrder): SourceOrder {
  const { atMs, topic, partition, offset, key, emit, writer } = order;
  // A Buffer's own slice would share the memory.
  const kept = key.length === 0 ? EMPTY_KEY : Uint8Array.prototype.slice.call(key);
  return { atMs, topic, partition, offset, key: kept, emit, writer };
}

/** What it takes in the changelog, at most. */
export function storedOrderBytes({ key }: SourceOrder): number {
  return 48 + key.length;
}

const EMPTY_KEY: Uint8Array = new Uint8Array(0);

/** Where a task is in what it sends on: how its receivers would tell one record from another. */
export interface Forwarding {
  readonly writer: number;
  readonly partition: number;
  /** Of the record that is worked on, or has caused a result. */
  readonly offset: number;
  /** Of the result that is sent on. */
  readonly windowStartMs: number;
  readonly resultKey: Uint8Array;
  /** Counts what is made of one record or result. */
  nextEmit(): number;
}

/** Set by generated code for each record. */
export class CurrentOrder implements SourceOrder {
  atMs = 0;
  topic = 0;
  partition = 0;
  offset = -1;
  key: Uint8Array = EMPTY_KEY;
  emit = 0;
  writer = 0;

  /** A record as its source has it: those that a stage makes of it come one after the other. */
  ofRecord(atMs: number, topic: number, partition: number, offset: number): void {
    const isNext = offset === this.offset && partition === this.partition && topic === this.topic;
    this.#of(atMs, topic, partition, offset, isNext ? this.emit + 1 : 0, 0);
  }

  /** What has come through a repartition topic. */
  ofIdentity(atMs: number, identity: Identity, topic: number): void {
    const { writer, partition, emitIndex } = identity;
    if (identity.form === "final") {
      this.#of(atMs, 0, 0, identity.windowStartMs, emitIndex, writer);
      this.key = identity.bytes.subarray(identity.keyStart, identity.keyEnd);
    } else {
      this.#of(atMs, topic, partition, identity.offset, emitIndex, writer);
    }
  }

  /** A record that would go through a repartition topic next. */
  ofForwarded(atMs: number, topic: number, forward: Forwarding): void {
    const { partition, offset, writer } = forward;
    this.#of(atMs, topic, partition, offset, forward.nextEmit(), writer);
  }

  /** The same of the final result of a window. */
  ofFinal(atMs: number, _topic: number, forward: Forwarding): void {
    this.#of(atMs, 0, 0, forward.windowStartMs, forward.nextEmit(), forward.writer);
    this.key = forward.resultKey;
  }

  #of(
    atMs: number,
    topic: number,
    partition: number,
    offset: number,
    emit: number,
    writer: number,
  ): void {
    this.atMs = atMs;
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.key = EMPTY_KEY;
    this.emit = emit;
    this.writer = writer;
  }
}

/** In the changelog. */
export const ORDER_SCHEMA: AvroRecord = {
  kind: "record",
  name: "Order",
  fields: [
    { name: "atMs", type: { kind: "long" }, hasDefault: false },
    { name: "topic", type: { kind: "int" }, hasDefault: false },
    { name: "partition", type: { kind: "int" }, hasDefault: false },
    { name: "offset", type: { kind: "long" }, hasDefault: false },
    { name: "key", type: { kind: "bytes" }, hasDefault: false },
    { name: "emit", type: { kind: "int" }, hasDefault: false },
    { name: "writer", type: { kind: "int" }, hasDefault: false },
  ],
};
