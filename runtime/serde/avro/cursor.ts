/**
 * Reads Avro's primitives from a range of a byte array; every read is checked against its end.
 *
 *     int, long   zigzag, base 128, least significant group first; at most 5 and 10 bytes
 *     float       4 bytes, little-endian          double   8 bytes
 *     string      long length ++ UTF-8            bytes    long length ++ bytes
 *     array, map  blocks: long count ++ items; count < 0: its absolute value, then a long size in bytes;
 *                 a count of 0 ends it
 *     union       long index ++ value             enum     int index
 *
 * @module
 */

import { isUtf8, readUtf8 } from "../utf8.ts";
import { MAX_EMPTY_ITEMS } from "./limits.ts";
import { Malformed } from "./malformed.ts";

const number = new DataView(new ArrayBuffer(8));
const numberBytes = new Uint8Array(number.buffer);

export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;
  /** Records that contain themselves around this place. */
  depth = 0;
  /** Items without bytes that this value may still have. */
  emptyItems = MAX_EMPTY_ITEMS;

  /** Stands on the first byte of a value. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.depth = 0;
    this.emptyItems = MAX_EMPTY_ITEMS;
  }

  /** Drops the reference to the bytes, so that a finished batch can be collected. */
  release(): void {
    this.bytes = NOTHING;
  }

  finish(): void {
    const rest = this.end - this.position;
    if (rest > 0) throw new Malformed(`${rest} bytes are left after its end`);
  }

  skip(byteCount: number): number {
    const start = this.position;
    if (byteCount > this.end - start) throw new Malformed("the bytes end within it");
    this.position = start + byteCount;
    return start;
  }

  boolean(): boolean {
    const byte = this.bytes[this.skip(1)]!;
    if (byte > 1) throw new Malformed(`${byte} is not a boolean`);
    return byte === 1;
  }

  int(): number {
    const { bytes } = this;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[this.skip(1)]!;
      if (shift === 28 && byte > 15) throw new Malformed("the int has more than 32 bits");
      value |= (byte & 127) << shift;
      if (byte < 128) return (value >>> 1) ^ -(value & 1);
    }
  }

  /** @throws {Malformed} LONG_UNSAFE outside ±(2^53−1) */
  long(): number {
    const value = this.wideLong();
    if (Number.isSafeInteger(value)) return value;
    throw new Malformed(
      `the long ${this.#exactly()} is outside ±(2^53−1), where numbers are not exact`,
      "LONG_UNSAFE",
    );
  }

  #wideStart = 0;

  /** Rounded where it is not safe. */
  wideLong(): number {
    const { bytes } = this;
    this.#wideStart = this.position;
    // Groups of 28 bits: 4 bytes, 4 bytes, 2 bytes.
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[this.skip(1)]!;
      low |= (byte & 127) << shift;
      if (byte < 128) return (low >>> 1) ^ -(low & 1);
    }
    let middle = 0;
    let high = 0;
    for (let shift = 28; ; shift += 7) {
      const byte = bytes[this.skip(1)]!;
      if (shift === 63 && byte > 1) throw new Malformed("the long has more than 64 bits");
      if (shift < 56) middle |= (byte & 127) << (shift - 28);
      else high |= (byte & 127) << (shift - 56);
      if (byte < 128) break;
    }
    const magnitude = high * 2 ** 55 + middle * 2 ** 27 + (low >>> 1);
    return (low & 1) === 0 ? magnitude : -magnitude - 1;
  }

  #exactly(): bigint {
    let value = 0n;
    let shift = 0n;
    for (let i = this.#wideStart; i < this.position; i++, shift += 7n) {
      value |= BigInt(this.bytes[i]! & 127) << shift;
    }
    return (value >> 1n) ^ -(value & 1n);
  }

  float(): number {
    const start = this.skip(4);
    for (let i = 0; i < 4; i++) numberBytes[i] = this.bytes[start + i]!;
    return number.getFloat32(0, true);
  }

  double(): number {
    const start = this.skip(8);
    for (let i = 0; i < 8; i++) numberBytes[i] = this.bytes[start + i]!;
    return number.getFloat64(0, true);
  }

  /** Reads a length and skips as much. @returns where it began; it ends at `position` */
  lengthPrefixed(): number {
    const length = this.wideLong();
    if (length < 0) throw new Malformed(`its length is ${length}`);
    if (length > this.end - this.position) {
      throw new Malformed(
        `its length is ${length} bytes, and ${this.end - this.position} are there`,
      );
    }
    return this.skip(length);
  }

  /** A copy. */
  copy(start: number): Uint8Array {
    // A Buffer's own slice would share the memory.
    return Uint8Array.prototype.slice.call(this.bytes, start, this.position);
  }

  string(): string {
    const start = this.lengthPrefixed();
    const text = readUtf8(this.bytes, start, this.position);
    if (text === undefined) throw new Malformed("its bytes are not UTF-8");
    return text;
  }

  skipString(): void {
    const start = this.lengthPrefixed();
    if (!isUtf8(this.bytes, start, this.position)) throw new Malformed("its bytes are not UTF-8");
  }

  /** Index of a union or an enum. */
  index(value: number, count: number, what: string): number {
    if (value >= 0 && value < count) return value;
    throw new Malformed(`${value} is not the index of a ${what}, there are ${count}`);
  }

  /** Where the current block of an array must end; −1: not said. */
  blockEnd = -1;

  /**
   * Number of items of the next block, 0 after the last one; sets `blockEnd`.
   *
   * @param minBytes fewest bytes that an item can have
   */
  block(minBytes: number): number {
    let count = this.wideLong();
    this.blockEnd = -1;
    if (count < 0) {
      count = -count;
      const size = this.wideLong();
      if (size < 0 || size > this.end - this.position) {
        throw new Malformed(`a block has ${size} bytes, and ${this.end - this.position} are there`);
      }
      this.blockEnd = this.position + size;
    }
    if (minBytes > 0) {
      if (count * minBytes > this.end - this.position) {
        throw new Malformed(
          `a block has ${count} items, and ${this.end - this.position} bytes are there`,
        );
      }
    } else if ((this.emptyItems -= count) < 0) {
      throw new Malformed(`it has more than ${MAX_EMPTY_ITEMS} items without bytes`);
    }
    return count;
  }

  /** @param blockEnd as it was when the block began: items may have blocks of their own */
  checkBlockEnd(blockEnd: number): void {
    if (blockEnd >= 0 && this.position !== blockEnd) {
      throw new Malformed("a block does not have the size that it says");
    }
  }
}

const NOTHING = new Uint8Array(0);
