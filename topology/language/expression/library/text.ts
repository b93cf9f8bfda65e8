/**
 * Text. Positions and sizes are in code points, as in CEL; an unpaired surrogate is one.
 *
 * @module
 */

import { charge, chargeLength } from "./cost.ts";
import { ExpressionError } from "./errors.ts";

const SURROGATE = /[\ud800-\udfff]/;

/** Order by code points; `<` on strings goes by UTF-16 units, which differs beyond the BMP. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  chargeLength(length);
  for (let n = 0; n < length; n++) {
    const left = a.charCodeAt(n);
    const right = b.charCodeAt(n);
    if (left === right) continue;
    const leftHigh = left >= 0xd800 && left <= 0xdfff;
    const rightHigh = right >= 0xd800 && right <= 0xdfff;
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** Two texts of the record, in a loop: each comparison may read all of them. */
export function sameText(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.length !== b.length) return false;
  chargeLength(a.length);
  return a === b;
}

export function concatText(a: string, b: string): string {
  chargeLength(a.length + b.length);
  return a + b;
}

export function sizeText(text: string): number {
  chargeLength(text.length);
  let size = 0;
  for (const _ of text) size++;
  return size;
}

export function contains(text: string, part: string): boolean {
  chargeLength(text.length);
  return text.includes(part);
}

export function startsWith(text: string, part: string): boolean {
  chargeLength(part.length);
  return text.startsWith(part);
}

export function endsWith(text: string, part: string): boolean {
  chargeLength(part.length);
  return text.endsWith(part);
}

export function lowerAscii(text: string): string {
  chargeLength(text.length);
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function upperAscii(text: string): string {
  chargeLength(text.length);
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** The code point at a position; "" right behind the last one. */
export function charAt(text: string, position: number): string {
  const start = unitOf(text, position);
  const point = text.codePointAt(start);
  return point === undefined ? "" : String.fromCodePoint(point);
}

/** Position of the first occurrence from a position on, -1 without one. */
export function indexOf(text: string, part: string, from?: number): number {
  // CEL finds the empty text before it looks at the position.
  if (part === "") return from ?? 0;
  chargeLength(text.length);
  const found = text.indexOf(part, from === undefined ? 0 : startOf(text, from));
  return found < 0 ? -1 : positionOf(text, found);
}

/** Position of the last occurrence that begins at a position or before it, -1 without one. */
export function lastIndexOf(text: string, part: string, from?: number): number {
  chargeLength(text.length);
  if (part === "") return from ?? positionOf(text, text.length);
  const found = text.lastIndexOf(part, from === undefined ? text.length : startOf(text, from));
  return found < 0 ? -1 : positionOf(text, found);
}

/** From a position to before another one, or to the end. */
export function substring(text: string, from: number, to?: number): string {
  const start = unitOf(text, from);
  const end = to === undefined ? text.length : unitOf(text, to);
  if (start > end) {
    const message = `Cannot take the text from ${from} to ${to}: it ends before it begins`;
    throw new ExpressionError("INDEX_OUT_OF_BOUNDS", message);
  }
  return text.slice(start, end);
}

/** The first `limit` occurrences, all when it is negative; "" occurs around every code point. */
export function replace(text: string, old: string, by: string, limit = -1): string {
  const count = limit < 0 ? Infinity : limit;
  if (count === 0 || (old === "" && by === "")) return text;
  chargeLength(text.length);
  const pieces = old === "" ? ["", ...text, ""] : text.split(old);
  // Beyond the limit the old text stands as it stood.
  const replaced = Math.min(count, pieces.length - 1);
  charge(pieces.length);
  chargeLength(replaced * by.length);
  if (replaced === pieces.length - 1) return pieces.join(by);
  const head = pieces.slice(0, replaced + 1).join(by);
  return head + old + pieces.slice(replaced + 1).join(old);
}

/** In at most `limit` pieces, as many as there are when it is negative; "" separates code points. */
export function split(text: string, separator: string, limit = -1): string[] {
  if (limit === 0) return [];
  chargeLength(text.length);
  const pieces = separator === "" ? [...text] : text.split(separator);
  charge(pieces.length);
  if (limit < 0 || pieces.length <= limit) return pieces;
  return [...pieces.slice(0, limit - 1), pieces.slice(limit - 1).join(separator)];
}

export function join(pieces: readonly string[], separator = ""): string {
  let length = pieces.length * (separator.length + 16);
  for (const piece of pieces) length += piece.length;
  chargeLength(length);
  return pieces.join(separator);
}

/** Without the white space (Unicode's `White_Space`) around it. */
export function trim(text: string): string {
  chargeLength(text.length);
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

export function reverse(text: string): string {
  chargeLength(text.length);
  return [...text].reverse().join("");
}

/** All of them are in the BMP. */
function isSpace(unit: number): boolean {
  return (
    (unit >= 0x09 && unit <= 0x0d) ||
    unit === 0x20 ||
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** Where a search begins: at a code point, not behind the last one. */
function startOf(text: string, position: number): number {
  const unit = unitOf(text, position);
  return unit < text.length ? unit : outside(text, position);
}

function outside(text: string, position: number): never {
  const message = `Cannot find position ${position} in a text of ${sizeText(text)}`;
  throw new ExpressionError("INDEX_OUT_OF_BOUNDS", message);
}

/** UTF-16 unit at which the code point of a position begins; the end is a position, too. */
function unitOf(text: string, position: number): number {
  chargeLength(text.length);
  const plain = !SURROGATE.test(text);
  let unit = plain ? position : 0;
  if (!plain && position > 0) {
    let count = 0;
    for (const point of text) {
      unit += point.length;
      if (++count === position) break;
    }
    if (count < position) unit = Infinity;
  }
  return position < 0 || unit > text.length ? outside(text, position) : unit;
}

function positionOf(text: string, unit: number): number {
  return SURROGATE.test(text) ? sizeText(text.slice(0, unit)) : unit;
}
