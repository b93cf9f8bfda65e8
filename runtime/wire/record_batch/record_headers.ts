import { VarintReader, varintSize, writeVarint } from "../varint.ts";
import { WireError } from "../wire_error.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One header of a record. Keys may repeat; order counts. */
export type RecordHeader = readonly [key: string, value: Uint8Array | null];

/** Headers as the entries of a record, without their count, ready for `BatchBuilder.append`. */
export function encodeHeaders(headers: readonly RecordHeader[]): Uint8Array {
  const keys = headers.map(([key]) => encoder.encode(key));
  let size = 0;
  for (const [index, [, value]] of headers.entries()) {
    const keyLength = keys[index]!.length;
    const valueLength = value === null ? -1 : value.length;
    size += varintSize(keyLength) + keyLength + varintSize(valueLength) + Math.max(0, valueLength);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const [index, [, value]] of headers.entries()) {
    const key = keys[index]!;
    at = writeVarint(bytes, at, key.length);
    bytes.set(key, at);
    at = writeVarint(bytes, at + key.length, value === null ? -1 : value.length);
    if (value !== null) bytes.set(value, at);
    at += value === null ? 0 : value.length;
  }
  return bytes;
}

/**
 * Walks the header entries of one record without decoding what is not asked for: `next()`, then
 * compare or read. Holds no bytes beyond the buffer it was reset to.
 */
export class HeaderCursor {
  #reader = new VarintReader();
  #left = 0;
  /** Bounds of the current header in `buffer`; the value's are -1 when it is null. */
  keyStart = 0;
  keyEnd = 0;
  valueStart = -1;
  valueEnd = -1;

  /** The Uint8Array that the positions index. */
  get buffer(): Uint8Array {
    return this.#reader.bytes;
  }

  /** Begins before the first of `count` headers in `bytes[start..end)`. */
  reset(bytes: Uint8Array, start: number, end: number, count: number): void {
    this.#reader.reset(bytes, start, end);
    this.#left = count;
  }

  /**
   * @returns false after the last header
   * @throws {WireError} TRUNCATED, MALFORMED; also when bytes are left after the last header
   */
  next(): boolean {
    const reader = this.#reader;
    if (this.#left === 0) {
      if (reader.at === reader.end) return false;
      throw new WireError("MALFORMED", "Bytes are left after a record's last header", reader.at);
    }
    this.#left--;
    const keyLength = reader.varint();
    if (keyLength < 0 || keyLength > reader.end - reader.at) {
      throw new WireError("MALFORMED", `Header key has length ${keyLength}`, reader.at);
    }
    this.keyStart = reader.at;
    this.keyEnd = reader.at += keyLength;
    const valueLength = reader.varint();
    if (valueLength < -1 || valueLength > reader.end - reader.at) {
      throw new WireError("MALFORMED", `Header value has length ${valueLength}`, reader.at);
    }
    if (valueLength < 0) {
      this.valueStart = this.valueEnd = -1;
    } else {
      this.valueStart = reader.at;
      this.valueEnd = reader.at += valueLength;
    }
    return true;
  }

  /** Behind the current header. */
  get position(): number {
    return this.#reader.at;
  }

  /** Whether the current header has this key (UTF-8). */
  keyIs(key: Uint8Array): boolean {
    const length = this.keyEnd - this.keyStart;
    if (length !== key.length) return false;
    const bytes = this.#reader.bytes;
    for (let index = 0; index < length; index++) {
      if (bytes[this.keyStart + index] !== key[index]) return false;
    }
    return true;
  }

  key(): string {
    return decoder.decode(this.#reader.bytes.subarray(this.keyStart, this.keyEnd));
  }

  /** A view, not a copy. */
  value(): Uint8Array | null {
    return this.valueStart < 0 ? null : this.#reader.bytes.subarray(this.valueStart, this.valueEnd);
  }
}

/** All headers of a record as an array: for tools and tests, not for the hot path. */
export function decodeHeaders(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): RecordHeader[] {
  const cursor = new HeaderCursor();
  cursor.reset(bytes, start, end, count);
  const headers: RecordHeader[] = [];
  while (cursor.next()) headers.push([cursor.key(), cursor.value()]);
  return headers;
}
