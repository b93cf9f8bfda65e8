/**
 * The key that a record had before its reduce has made another one of it, for the expressions of that
 * reduce. It travels in the second header of the record, which is named `k`.
 *
 * @module
 */

import { writeVarint } from "../wire/mod.ts";

const NAME = 0x6b;

/** Of the header entry, at most. */
export function carriedEntryBytes(keyBytes: number): number {
  return 2 + 5 + Math.max(0, keyBytes);
}

/** Writes the header entry; a start below 0 means null. @returns the position behind it */
export function writeCarriedKey(
  bytes: Uint8Array,
  at: number,
  key: Uint8Array,
  start: number,
  end: number,
): number {
  bytes[at] = 2;
  bytes[at + 1] = NAME;
  const isNull = start < 0;
  const value = writeVarint(bytes, at + 2, isNull ? -1 : end - start);
  if (isNull) return value;
  bytes.set(key.subarray(start, end), value);
  return value + end - start;
}

/** Where the key stands; its positions are -1 for a null one. */
export class CarriedKey {
  bytes: Uint8Array = new Uint8Array(0);
  start = -1;
  end = -1;

  /** @returns the position behind the header entry at `at` */
  read(bytes: Uint8Array, at: number): number {
    let zigzag = 0;
    let position = at + 2;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position++]!;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const length = (zigzag >>> 1) ^ -(zigzag & 1);
    this.bytes = bytes;
    this.start = length < 0 ? -1 : position;
    this.end = length < 0 ? -1 : position + length;
    return Math.max(position, this.end);
  }
}
