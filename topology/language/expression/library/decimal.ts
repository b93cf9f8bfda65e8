/**
 * Avro's decimals: an unscaled integer, two's complement and big-endian, as the schema's bytes or
 * fixed hold it; the scale is the type's.
 *
 * @module
 */

import { chargeLength } from "./cost.ts";
import { ExpressionError } from "./errors.ts";

/** Digits of a decimal that expressions take; also bounds the work of a comparison. */
export const MAX_DECIMAL_DIGITS = 1000;

/** A number of more bytes has more digits. */
const MAX_BYTES = 420;

function unscaled(bytes: Uint8Array): bigint {
  chargeLength(bytes.length * 16);
  if (bytes.length > MAX_BYTES) {
    const message = `Cannot read a decimal of ${bytes.length} bytes: it has over ${MAX_DECIMAL_DIGITS} digits`;
    throw new ExpressionError("BAD_CONVERSION", message);
  }
  if (bytes.length === 0) return 0n;
  let hex = "0x";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt.asIntN(bytes.length * 8, BigInt(hex));
}

export function compareDecimal(
  a: Uint8Array,
  scaleA: number,
  b: Uint8Array,
  scaleB: number,
): number {
  const scale = Math.max(scaleA, scaleB);
  const left = unscaled(a) * 10n ** BigInt(scale - scaleA);
  const right = unscaled(b) * 10n ** BigInt(scale - scaleB);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** All its digits: scale 2 gives `-0.05`, `12.30`. */
export function decimalToText(bytes: Uint8Array, scale: number): string {
  const value = unscaled(bytes);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const point = digits.length - scale;
  const fraction = scale === 0 ? "" : `.${digits.slice(point)}`;
  return `${value < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}`;
}

/** The double next to it. */
export const decimalToDouble = (bytes: Uint8Array, scale: number): number =>
  Number(decimalToText(bytes, scale)) + 0;

/** Towards zero. */
export function decimalToInt(bytes: Uint8Array, scale: number): number {
  const result = Number(unscaled(bytes) / 10n ** BigInt(scale));
  if (!Number.isSafeInteger(result)) {
    const message = `Cannot convert ${decimalToText(bytes, scale)} to int`;
    throw new ExpressionError("BAD_CONVERSION", message);
  }
  return result;
}

/** Two's complement of a number's digits, one character a byte, with their scale. */
export function encodeDecimal(value: number): { readonly bytes: string; readonly scale: number } {
  const [digits, exponent = "0"] = String(value).split("e") as [string, string?];
  const [whole, fraction = ""] = digits.split(".") as [string, string?];
  const places = fraction.length - Number(exponent);
  const scale = Math.max(0, places);
  const number = BigInt(whole + fraction) * 10n ** BigInt(scale - places);
  let width = 1;
  while (BigInt.asIntN(width * 8, number) !== number) width++;
  const hex = BigInt.asUintN(width * 8, number)
    .toString(16)
    .padStart(width * 2, "0");
  const bytes = Array.from({ length: width }, (_, n) =>
    String.fromCharCode(Number.parseInt(hex.slice(n * 2, n * 2 + 2), 16)),
  ).join("");
  return { bytes, scale };
}
