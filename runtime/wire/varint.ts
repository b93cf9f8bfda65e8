/**
 * Variable-length integers: seven bits a byte, least significant first, the top bit says that another
 * byte follows. The signed forms are zigzag coded (0, -1, 1, -2 ... become 0, 1, 2, 3 ...).
 *
 *     uvarint = 1..5 bytes, 32 bits       varint = zigzag in a uvarint       varlong = zigzag, 1..10 bytes
 *
 * @module
 */

import { WireError } from "./wire_error.ts";

const TWO_27 = 2 ** 27;
const TWO_30 = 2 ** 30;
const TWO_55 = 2 ** 55;

/** Reads variable-length integers one after the other; `at` is the place of the next one. */
export class VarintReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** One past the last readable byte. */
  end = 0;

  reset(bytes: Uint8Array, at = 0, end: number = bytes.length): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** @throws {WireError} TRUNCATED, or MALFORMED past 32 bits */
  uvarint(): number {
    const bytes = this.bytes;
    const at = this.at;
    // Most lengths take one or two bytes; the loop costs twice as much for them.
    if (at + 1 < this.end) {
      const first = bytes[at]!;
      if (first < 0x80) {
        this.at = at + 1;
        return first;
      }
      const second = bytes[at + 1]!;
      if (second < 0x80) {
        this.at = at + 2;
        return (first & 0x7f) | (second << 7);
      }
    }
    return this.#longUvarint();
  }

  #longUvarint(): number {
    const bytes = this.bytes;
    const from = this.at;
    let at = from;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= this.end) throw new WireError("TRUNCATED", "Varint is cut", from);
      const byte = bytes[at++]!;
      if (byte < 0x80) {
        // The fifth byte has room for four more bits.
        if (shift === 28 && byte > 0x0f) break;
        this.at = at;
        return (value | (byte << shift)) >>> 0;
      }
      value |= (byte & 0x7f) << shift;
    }
    throw new WireError("MALFORMED", "Varint is longer than 32 bits", from);
  }

  /** @throws {WireError} TRUNCATED, or MALFORMED past 32 bits */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** @throws {WireError} TRUNCATED, MALFORMED past 64 bits, UNSAFE_INT64 beyond ±(2^53 - 1) */
  varlong(): number {
    const bytes = this.bytes;
    const from = this.at;
    if (from + 1 < this.end) {
      const first = bytes[from]!;
      const second = bytes[from + 1]!;
      if (first < 0x80) {
        this.at = from + 1;
        return (first >>> 1) ^ -(first & 1);
      }
      if (second < 0x80) {
        this.at = from + 2;
        const value = (first & 0x7f) | (second << 7);
        return (value >>> 1) ^ -(value & 1);
      }
    }
    return this.#longVarlong();
  }

  #longVarlong(): number {
    const bytes = this.bytes;
    const from = this.at;
    let at = from;
    // 64 bits in three parts that bit operations can hold: 28, 28 and 8.
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (at >= this.end) throw new WireError("TRUNCATED", "Varlong is cut", from);
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (index * 7);
      else if (index < 8) middle |= bits << ((index - 4) * 7);
      else high |= bits << ((index - 8) * 7);
      if (byte < 0x80) {
        if (index === 9 && byte > 1) break;
        this.at = at;
        if (index < 4) return (low >>> 1) ^ -(low & 1);
        const half = high * TWO_55 + middle * TWO_27 + (low >>> 1);
        const value = low & 1 ? -half - 1 : half;
        if (Number.isSafeInteger(value)) return value;
        throw new WireError("UNSAFE_INT64", "Varlong is beyond ±(2^53 - 1)", from);
      }
    }
    throw new WireError("MALFORMED", "Varlong is longer than 64 bits", from);
  }
}

/** Bytes that `value`, a 32-bit unsigned integer, takes. */
export function uvarintSize(value: number): number {
  value = value >>> 0;
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Writes the low 32 bits of `value`; the caller has made room. @returns the position after it */
export function writeUvarint(bytes: Uint8Array, at: number, value: number): number {
  value = value >>> 0;
  while (value >= 0x80) {
    bytes[at++] = value | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/** Bytes that `value`, a 32-bit signed integer, takes. */
export function varintSize(value: number): number {
  return uvarintSize((value << 1) ^ (value >> 31));
}

/** Writes a 32-bit signed integer; the caller has made room. @returns the position after it */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  return writeUvarint(bytes, at, (value << 1) ^ (value >> 31));
}

/** Bytes that `value`, an integer within ±(2^53 - 1), takes. */
export function varlongSize(value: number): number {
  if (value < TWO_30 && value >= -TWO_30) return varintSize(value);
  let rest = value < 0 ? -(value + 1) : value;
  // Six bits of magnitude go into the first byte beside the sign, seven into each later one.
  let size = 1;
  for (rest = Math.floor(rest / 64); rest > 0; rest = Math.floor(rest / 128)) size++;
  return size;
}

/**
 * Writes an integer within ±(2^53 - 1); the caller has made room. @returns the position after it
 *
 * @throws {WireError} UNSAFE_INT64
 */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (value < TWO_30 && value >= -TWO_30) return writeVarint(bytes, at, value);
  if (!Number.isSafeInteger(value)) {
    throw new WireError("UNSAFE_INT64", `Cannot write ${value} as a varlong`);
  }
  const sign = value < 0 ? 1 : 0;
  const half = sign ? -(value + 1) : value;
  // The zigzag number is 2 * half + sign, up to 54 bits: its low 28 and the rest.
  let low = (half % TWO_27) * 2 + sign;
  let rest = Math.floor(half / TWO_27);
  for (let index = 0; index < 4; index++) {
    bytes[at++] = low | 0x80;
    low >>>= 7;
  }
  // Here |value| >= 2^30, so at least a fifth byte is needed. `rest` has at most 26 bits.
  while (rest >= 0x80) {
    bytes[at++] = rest | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
