/**
 * CRC-32C (Castagnoli: reflected polynomial 0x82F63B78, all ones in, complemented out) by slicing:
 * eight tables of 256 entries let one step take in eight bytes (Kounavis and Berry, 2005).
 *
 * @module
 */

const POLYNOMIAL = 0x82f63b78;

/** Table k, entry b: the remainder of byte b followed by k zero bytes. Flat: `k * 256 + b`. */
const TABLES = buildTables();

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    }
    tables[byte] = remainder;
  }
  for (let index = 256; index < tables.length; index++) {
    const shorter = tables[index - 256]!;
    tables[index] = (shorter >>> 8) ^ tables[shorter & 0xff]!;
  }
  return tables;
}

/**
 * CRC-32C of `bytes[start..end)`.
 *
 * @param seed CRC of what came before, to continue it
 * @returns unsigned 32 bits
 */
export function crc32cJs(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  seed = 0,
): number {
  const tables = TABLES;
  let crc = ~seed;
  let at = start;
  for (const stop = end - 7; at < stop; at += 8) {
    const mixed =
      crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      tables[1792 + (mixed & 0xff)]! ^
      tables[1536 + ((mixed >>> 8) & 0xff)]! ^
      tables[1280 + ((mixed >>> 16) & 0xff)]! ^
      tables[1024 + (mixed >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
