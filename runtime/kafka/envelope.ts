/**
 * The consumer group envelope: what members tell the leader and what the leader answers.
 *
 * The outer form is the standard one of protocol type `consumer`, so that every tool can describe
 * the group; what is ours travels in the user data.
 *
 *     Subscription v1 = version:int16 topics:[string] userData:bytes? ownedPartitions:[topic [int32]]
 *     Assignment   v1 = version:int16 partitions:[topic [int32]] userData:bytes?
 *
 * Arrays and bytes have int32 lengths (-1: null), strings int16 ones; integers are big-endian.
 * Reading stops where the known fields end: newer versions only append.
 *
 * Source: Kafka protocol guide, ConsumerProtocolSubscription and ConsumerProtocolAssignment.
 */

import type { TopicPartition } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";

const VERSION = 1;
const USER_DATA_VERSION = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a member says about itself when it joins. */
export interface MemberSubscription {
  /** See `Subscription.coPartitioned` of the ports. Empty for a member that is not one of ours. */
  readonly coPartitioned: readonly (readonly string[])[];
  /** What it owned before: a hint for stickiness, not a claim. */
  readonly previous: readonly TopicPartition[];
  /** In which generation it owned that; -1 if never. The younger of two hints wins. */
  readonly generation: number;
}

export function encodeSubscription(member: MemberSubscription): Uint8Array {
  const topics = [...new Set(member.coPartitioned.flat())].sort();
  const writer = new Writer();
  writer.int16(VERSION);
  writer.int32(topics.length);
  for (const topic of topics) writer.string(topic);
  writer.bytes(
    encoder.encode(
      JSON.stringify({
        version: USER_DATA_VERSION,
        groups: member.coPartitioned,
        previous: byTopic(member.previous),
        generation: member.generation,
      }),
    ),
  );
  // Everything was given up before joining, so nothing is owned in the sense of this field.
  writer.int32(0);
  return writer.finish();
}

/** @throws {MillraceError} BROKER_REFUSED when the bytes are no subscription */
export function decodeSubscription(bytes: Uint8Array): MemberSubscription {
  const reader = new Reader(bytes, "subscription");
  reader.int16();
  for (let n = reader.int32(); n > 0; n--) reader.string();
  const userData = reader.bytes();
  const nothing: MemberSubscription = { coPartitioned: [], previous: [], generation: -1 };
  if (userData.length === 0) return nothing;
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(userData));
  } catch {
    return nothing;
  }
  const ours = parsed as {
    readonly version?: number;
    readonly groups?: string[][];
    readonly previous?: Record<string, number[]>;
    readonly generation?: number;
  } | null;
  if (typeof ours?.version !== "number" || !Array.isArray(ours.groups)) return nothing;
  return {
    coPartitioned: ours.groups,
    previous: Object.entries(ours.previous ?? {}).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
    generation: ours.generation ?? -1,
  };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Uint8Array {
  const writer = new Writer();
  writer.int16(VERSION);
  const topics = Object.entries(byTopic(partitions));
  writer.int32(topics.length);
  for (const [topic, list] of topics) {
    writer.string(topic);
    writer.int32(list.length);
    for (const partition of list) writer.int32(partition);
  }
  writer.bytes(new Uint8Array(0));
  return writer.finish();
}

/** Empty bytes are an empty assignment: brokers send them to members the leader left out. */
export function decodeAssignment(bytes: Uint8Array): TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new Reader(bytes, "assignment");
  reader.int16();
  const partitions: TopicPartition[] = [];
  for (let n = reader.int32(); n > 0; n--) {
    const topic = reader.string();
    for (let m = reader.int32(); m > 0; m--) partitions.push({ topic, partition: reader.int32() });
  }
  return partitions;
}

function byTopic(partitions: readonly TopicPartition[]): Record<string, number[]> {
  const topics: Record<string, number[]> = {};
  for (const { topic, partition } of partitions) (topics[topic] ??= []).push(partition);
  return topics;
}

class Writer {
  readonly #parts: number[] = [];

  int16(value: number): void {
    this.#parts.push((value >> 8) & 255, value & 255);
  }

  int32(value: number): void {
    this.#parts.push((value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255);
  }

  string(value: string): void {
    const bytes = encoder.encode(value);
    this.int16(bytes.length);
    this.#append(bytes);
  }

  bytes(value: Uint8Array): void {
    this.int32(value.length);
    this.#append(value);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#parts);
  }

  #append(bytes: Uint8Array): void {
    for (const byte of bytes) this.#parts.push(byte);
  }
}

class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  int16(): number {
    return this.#view.getInt16(this.#step(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#step(4));
  }

  string(): string {
    const length = this.int16();
    const start = this.#step(length);
    return decoder.decode(this.#bytes.subarray(start, start + length));
  }

  bytes(): Uint8Array {
    const length = this.int32();
    if (length < 0) return new Uint8Array(0);
    const start = this.#step(length);
    return this.#bytes.subarray(start, start + length);
  }

  #step(length: number): number {
    const start = this.#at;
    if (length < 0 || start + length > this.#bytes.length) {
      throw new MillraceError(
        "BROKER_REFUSED",
        `Cannot read a group member's ${this.#what}: it ends at byte ${this.#bytes.length}`,
      );
    }
    this.#at = start + length;
    return start;
  }
}
