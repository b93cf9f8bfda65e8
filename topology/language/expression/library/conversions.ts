/**
 * Conversions between types: `string() int() double() bool() bytes()`.
 *
 * @module
 */

import { chargeLength } from "./cost.ts";
import { ExpressionError } from "./errors.ts";

export const same = (value: unknown): unknown => value;

export const toText = (value: unknown): string => String(value);

/**
 * The shortest text that reads as the same double, in JavaScript's form: CEL leaves the form open, and
 * its implementations differ in where exponents begin.
 */
export const doubleToText = (value: number): string =>
  Object.is(value, -0) ? "-0" : String(value);

export function bytesToText(bytes: Uint8Array): string {
  chargeLength(bytes.length);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ExpressionError("BAD_CONVERSION", "Cannot convert bytes to string: not UTF-8");
  }
}

export function textToBytes(text: string): Uint8Array {
  chargeLength(text.length);
  return new TextEncoder().encode(text);
}

/** Of a bytes literal: one character a byte. */
export const bytesOf = (characters: string): Uint8Array =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));

export function doubleToInt(value: number): number {
  const result = Math.trunc(value);
  if (!Number.isSafeInteger(result)) {
    throw new ExpressionError("BAD_CONVERSION", `Cannot convert ${value} to int`);
  }
  return result + 0;
}

export function textToInt(text: string): number {
  chargeLength(text.length);
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) throw notConverted(text, "int");
  return value + 0;
}

export function textToDouble(text: string): number {
  chargeLength(text.length);
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  }
  if (text === "NaN") return Number.NaN;
  const infinite = /^([+-]?)(Inf|Infinity)$/.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  throw notConverted(text, "double");
}

/** The spellings that CEL has, and no others. */
export function textToBool(text: string): boolean {
  switch (text) {
    case "true":
    case "True":
    case "TRUE":
    case "t":
    case "1":
      return true;
    case "false":
    case "False":
    case "FALSE":
    case "f":
    case "0":
      return false;
    default:
      throw notConverted(text, "bool");
  }
}

/** The message is logged: it shows the beginning of a long text. */
function notConverted(text: string, type: string): ExpressionError {
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return new ExpressionError("BAD_CONVERSION", `Cannot convert ${shown} to ${type}`);
}

/** `550e8400-e29b-41d4-a716-446655440000` of 16 bytes. */
export function uuidToText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
