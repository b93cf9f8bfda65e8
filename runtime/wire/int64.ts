import { WireError } from "./wire_error.ts";

const TWO_32 = 4294967296;

/** Big-endian unsigned 32 bits; the caller has checked the bounds. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) >>> 0;
}

/** Big-endian signed 32 bits; the caller has checked the bounds. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Big-endian signed 16 bits; the caller has checked the bounds. */
export function readInt16(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16;
}

/**
 * Big-endian signed 64 bits as a number; the caller has checked the bounds.
 *
 * @throws {WireError} UNSAFE_INT64 beyond ±(2^53 - 1)
 */
export function readInt64(bytes: Uint8Array, at: number): number {
  const value = readInt32(bytes, at) * TWO_32 + readUint32(bytes, at + 4);
  if (!Number.isSafeInteger(value)) {
    throw new WireError("UNSAFE_INT64", "64-bit integer is beyond ±(2^53 - 1)", at);
  }
  return value;
}

export function writeInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

/** Also for unsigned values: only the low 32 bits count. */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/**
 * Big-endian signed 64 bits; the caller has checked the bounds.
 *
 * @throws {WireError} UNSAFE_INT64 for what is not an integer within ±(2^53 - 1)
 */
export function writeInt64(bytes: Uint8Array, at: number, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new WireError("UNSAFE_INT64", `Cannot write ${value} as a 64-bit integer`);
  }
  // Floor, not truncation: the high half of a negative number is one less.
  writeInt32(bytes, at, Math.floor(value / TWO_32));
  writeInt32(bytes, at + 4, value % TWO_32);
}
