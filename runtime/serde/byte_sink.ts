/**
 * Where encoders write: a byte array that grows, and a position in it.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { isWellFormed, writeUtf8 } from "./utf8.ts";

const FIRST_BYTES = 256;
/** A sink never grows beyond this. */
const MAX_BYTES = 2 ** 30;
/** Texts up to this length have a length prefix of one byte if they are ASCII. */
const SHORT = 63;

const number = new DataView(new ArrayBuffer(8));
const numberBytes = new Uint8Array(number.buffer);

/**
 * A growing byte array. Integers with a size in their name are big-endian (Kafka's), the others are
 * Avro's: zigzag varints, little-endian floats. What stands in `bytes` before `position` has been
 * written; `bytes` is replaced when it grows, so take it after writing.
 */
export class ByteSink {
  bytes = new Uint8Array(FIRST_BYTES);
  position = 0;

  /** A copy of what has been written from `start` on. */
  take(start = 0): Uint8Array {
    return this.bytes.slice(start, this.position);
  }

  /** Makes room for `byteCount` more. @throws {MillraceError} RECORD_TOO_LARGE beyond 1 GiB */
  reserve(byteCount: number): void {
    const needed = this.position + byteCount;
    if (needed <= this.bytes.length) return;
    if (needed > MAX_BYTES) {
      throw new MillraceError(
        "RECORD_TOO_LARGE",
        `Cannot encode a record of ${needed} bytes: the limit is ${MAX_BYTES}`,
      );
    }
    const grown = new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, 2 * this.bytes.length)));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
  }

  writeByte(byte: number): void {
    if (this.position === this.bytes.length) this.reserve(1);
    this.bytes[this.position++] = byte;
  }

  /** Raw bytes, no length before them. */
  writeBytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.reserve(end - start);
    this.bytes.set(bytes.subarray(start, end), this.position);
    this.position += end - start;
  }

  /** Raw UTF-8, no length before it. @returns false, nothing written, when it has no form in UTF-8 */
  writeUtf8(text: string): boolean {
    if (!isWellFormed(text)) return false;
    this.reserve(3 * text.length);
    this.position += writeUtf8(text, this.bytes, this.position);
    return true;
  }

  writeInt32(value: number): void {
    this.reserve(4);
    const { bytes } = this;
    bytes[this.position++] = value >>> 24;
    bytes[this.position++] = value >>> 16;
    bytes[this.position++] = value >>> 8;
    bytes[this.position++] = value;
  }

  /** @param value a safe integer */
  writeInt64(value: number): void {
    this.writeInt32(Math.floor(value / 2 ** 32));
    this.writeInt32(value | 0);
  }

  writeFloat64(value: number): void {
    number.setFloat64(0, value);
    this.writeBytes(numberBytes);
  }

  /** Avro int and long. @param value a safe integer */
  writeLong(value: number): void {
    this.reserve(10);
    const { bytes } = this;
    let position = this.position;
    let rest: number;
    if (value >= -0x40000000 && value < 0x40000000) {
      rest = ((value << 1) ^ (value >> 31)) >>> 0;
    } else {
      // Zigzag in halves, because 2 · value may not be exact: the low 28 bits, then the others.
      const magnitude = value < 0 ? -(value + 1) : value;
      let low = (magnitude % 2 ** 27) * 2 + (value < 0 ? 1 : 0);
      for (let n = 0; n < 4; n++) {
        bytes[position++] = (low & 127) | 128;
        low >>>= 7;
      }
      rest = Math.floor(magnitude / 2 ** 27);
    }
    while (rest > 127) {
      bytes[position++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[position++] = rest;
    this.position = position;
  }

  writeFloat(value: number): void {
    number.setFloat32(0, value, true);
    this.writeBytes(numberBytes, 0, 4);
  }

  writeDouble(value: number): void {
    number.setFloat64(0, value, true);
    this.writeBytes(numberBytes);
  }

  /** Avro bytes: the length and the bytes. */
  writeLengthAndBytes(bytes: Uint8Array): void {
    this.writeLong(bytes.length);
    this.writeBytes(bytes);
  }

  /** Avro string. @returns false, nothing written, when it has no form in UTF-8 */
  writeString(text: string): boolean {
    const { length } = text;
    if (length <= SHORT) {
      this.reserve(length + 1);
      const { bytes, position } = this;
      let i = 0;
      for (; i < length; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 127) break;
        bytes[position + 1 + i] = unit;
      }
      if (i === length) {
        bytes[position] = length << 1;
        this.position = position + 1 + length;
        return true;
      }
    }
    if (!isWellFormed(text)) return false;
    this.reserve(3 * length + 10);
    // The length comes first but is known last: guess its size, move the text if that was wrong.
    const start = this.position;
    this.writeLong(length);
    const guess = this.position;
    const written = writeUtf8(text, this.bytes, guess);
    this.position = start;
    this.writeLong(written);
    if (this.position !== guess) this.bytes.copyWithin(this.position, guess, guess + written);
    this.position += written;
    return true;
  }
}
