/**
 * What a record carries through a repartition topic: whose it is, and its writer's stream time.
 *
 * The first header of every data record there is named `m` and holds 26 bytes:
 *
 *     float64BE T_p of the causing record, int64BE offset of the source record,
 *     int32BE emit index, int32BE source partition, int16BE input number in the writer's plan
 *
 * The identity only rises per writer's input partition, so a receiver that keeps the highest drops
 * what an at-least-once writer repeats after a crash.
 *
 * @module
 */

import { readInt64, writeInt64 } from "../wire/mod.ts";

export const IDENTITY_HEADER = "m";
/** `m` as a record header entry: varint name length, name, varint value length, value. */
export const IDENTITY_ENTRY_BYTES = 29;
const VALUE_BYTES = 26;
const NAME_CODE = 0x6d;
const MARKER_CODE = 0x77;

/** First header of a record in a repartition topic. */
export type RepartitionHeader = "data" | "marker" | "foreign";

/** Tells data from markers by the first header entry. */
export function headerKind(bytes: Uint8Array, start: number, end: number): RepartitionHeader {
  if (end - start < 3 || bytes[start] !== 2) return "foreign";
  const name = bytes[start + 1];
  if (name === MARKER_CODE) return "marker";
  if (
    name === NAME_CODE &&
    bytes[start + 2] === VALUE_BYTES * 2 &&
    end - start >= IDENTITY_ENTRY_BYTES
  )
    return "data";
  return "foreign";
}

/** Reads and writes the header in place, holding the last one read. */
export class Identity {
  streamTimeMs = 0;
  offset = 0;
  emitIndex = 0;
  partition = 0;
  input = 0;

  read(bytes: Uint8Array, start: number): void {
    const view = viewOf(bytes);
    const at = start + 3;
    this.streamTimeMs = view.getFloat64(at);
    this.offset = readInt64(bytes, at + 8);
    this.emitIndex = view.getInt32(at + 16);
    this.partition = view.getInt32(at + 20);
    this.input = view.getInt16(at + 24);
  }
}

/** Writes the header entry. @returns the position behind it */
export function writeIdentity(
  bytes: Uint8Array,
  at: number,
  streamTimeMs: number,
  offset: number,
  emitIndex: number,
  partition: number,
  input: number,
): number {
  const view = viewOf(bytes);
  bytes[at] = 2;
  bytes[at + 1] = NAME_CODE;
  bytes[at + 2] = VALUE_BYTES * 2;
  view.setFloat64(at + 3, streamTimeMs);
  writeInt64(bytes, at + 11, offset);
  view.setInt32(at + 19, emitIndex);
  view.setInt32(at + 23, partition);
  view.setInt16(at + 27, input);
  return at + IDENTITY_ENTRY_BYTES;
}

let viewed: Uint8Array | undefined;
let view: DataView;

/** One DataView per buffer in use, not per record. */
function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return view;
}

/** Highest identity seen of each (writer's input, writer's partition), for one input partition. */
export class Seen {
  readonly #highest = new Map<number, [number, number]>();

  /** Notes the identity. @returns false when it, or a later one of its writer, was seen before */
  note(identity: Identity): boolean {
    const key = identity.input * 2 ** 32 + identity.partition;
    const highest = this.#highest.get(key);
    if (highest === undefined) {
      this.#highest.set(key, [identity.offset, identity.emitIndex]);
      return true;
    }
    if (
      identity.offset < highest[0] ||
      (identity.offset === highest[0] && identity.emitIndex <= highest[1])
    ) {
      return false;
    }
    highest[0] = identity.offset;
    highest[1] = identity.emitIndex;
    return true;
  }

  snapshot(): Record<string, readonly [number, number]> {
    const all: Record<string, readonly [number, number]> = {};
    for (const [key, [offset, emit]] of this.#highest) {
      all[`${Math.floor(key / 2 ** 32)}/${key % 2 ** 32}`] = [offset, emit];
    }
    return all;
  }

  restore(all: Readonly<Record<string, readonly [number, number]>>): void {
    this.#highest.clear();
    for (const [name, [offset, emit]] of Object.entries(all)) {
      const [input, partition] = name.split("/").map(Number) as [number, number];
      this.#highest.set(input * 2 ** 32 + partition, [offset, emit]);
    }
  }
}
