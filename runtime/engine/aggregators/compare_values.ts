/**
 * Total orders of values: numbers, where NaN equals itself and is above all others; text by code
 * points; false before true.
 *
 * @module
 */

import { type ExpressionType, expressionLibrary } from "../../../topology/language/mod.ts";

export type Compare = (a: unknown, b: unknown) => number;

export function comparing(type: ExpressionType): Compare {
  const isText = type.kind === "string" || type.kind === "enum";
  return (isText ? compareText : compareNumbers) as Compare;
}

/** -0 equals 0. */
export function compareNumbers(a: number | boolean, b: number | boolean): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

export function compareText(a: string, b: string): number {
  expressionLibrary.begin();
  return expressionLibrary.compareText(a, b);
}
