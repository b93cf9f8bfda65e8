/**
 * What a task has seen of each writer of a repartition partition, so that it drops repetitions.
 *
 * @module
 */

import type { SeenEntry } from "../state/mod.ts";
import type { Identity } from "./identity.ts";

/** `[offset, emit index]` */
type Record = [offset: number, emitIndex: number];

interface Final {
  endMs: number;
  key: Uint8Array;
  startMs: number;
  emitIndex: number;
}

/** Inputs of one subtopology, and partitions of one topic, at most: both are part of one number. */
const INPUTS = 32;
const PARTITIONS = 2 ** 17;

/** Highest identity of each writer's input and partition, for one input partition. */
export class Seen {
  readonly #records = new Map<number, Record>();
  readonly #finals = new Map<number, Final>();
  /** Records of one writer mostly come one after the other. */
  #lastName = -1;
  #last: Record = [-1, -1];

  /** Notes the identity. @returns false when it, or a later one of its writer, was seen before */
  note(identity: Identity): boolean {
    return identity.form === "final" ? this.#noteFinal(identity) : this.#noteRecord(identity);
  }

  #noteRecord({ writer, input, partition, offset, emitIndex }: Identity): boolean {
    const name = nameOf(writer, input, partition);
    if (name !== this.#lastName) {
      let highest = this.#records.get(name);
      if (highest === undefined) {
        highest = [-1, -1];
        this.#records.set(name, highest);
      }
      this.#lastName = name;
      this.#last = highest;
    }
    const highest = this.#last;
    if (offset < highest[0] || (offset === highest[0] && emitIndex <= highest[1])) return false;
    highest[0] = offset;
    highest[1] = emitIndex;
    return true;
  }

  #noteFinal(identity: Identity): boolean {
    const name = nameOf(identity.writer, 0, identity.partition);
    const { windowEndMs: endMs, windowStartMs: startMs, emitIndex } = identity;
    const key = identity.bytes.subarray(identity.keyStart, identity.keyEnd);
    const highest = this.#finals.get(name);
    if (highest === undefined) {
      this.#finals.set(name, { endMs, key: key.slice(), startMs, emitIndex });
      return true;
    }
    const difference =
      endMs - highest.endMs ||
      compareBytes(key, highest.key) ||
      startMs - highest.startMs ||
      emitIndex - highest.emitIndex;
    if (difference <= 0) return false;
    highest.endMs = endMs;
    highest.key = key.slice();
    highest.startMs = startMs;
    highest.emitIndex = emitIndex;
    return true;
  }

  snapshot(): SeenEntry {
    const records: { [name: string]: readonly [number, number] } = {};
    for (const [name, [offset, emitIndex]] of this.#records) {
      records[showName(name)] = [offset, emitIndex];
    }
    const finals: { [name: string]: readonly [number, string, number, number] } = {};
    for (const [name, { endMs, key, startMs, emitIndex }] of this.#finals) {
      finals[showName(name)] = [endMs, toHex(key), startMs, emitIndex];
    }
    return { records, finals };
  }

  restore({ records, finals }: SeenEntry): void {
    this.#records.clear();
    this.#finals.clear();
    this.#lastName = -1;
    for (const [name, [offset, emitIndex]] of Object.entries(records)) {
      this.#records.set(parseName(name), [offset, emitIndex]);
    }
    for (const [name, [endMs, key, startMs, emitIndex]] of Object.entries(finals)) {
      this.#finals.set(parseName(name), { endMs, key: fromHex(key), startMs, emitIndex });
    }
  }
}

function nameOf(writer: number, input: number, partition: number): number {
  return (writer * INPUTS + input) * PARTITIONS + partition;
}

/** `<writer>/<input>/<partition>` */
function showName(name: number): string {
  const side = Math.floor(name / PARTITIONS);
  return `${Math.floor(side / INPUTS)}/${side % INPUTS}/${name % PARTITIONS}`;
}

function parseName(text: string): number {
  const [writer, input, partition] = text.split("/").map(Number) as [number, number, number];
  return nameOf(writer, input, partition);
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = left[i]! - right[i]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(i * 2, i * 2 + 2), 16),
  );
}
