/**
 * Arithmetic: checked on ints, IEEE 754 on doubles.
 *
 * @module
 */

import { ExpressionError } from "./errors.ts";

function safe(result: number, operation: string): number {
  if (!Number.isSafeInteger(result)) {
    throw new ExpressionError("OVERFLOW", `Cannot ${operation}: the result is beyond ±(2^53-1)`);
  }
  // CEL's ints have no negative zero.
  return result + 0;
}

export const add = (a: number, b: number): number => safe(a + b, "add");
export const subtract = (a: number, b: number): number => safe(a - b, "subtract");
export const multiply = (a: number, b: number): number => safe(a * b, "multiply");

export function divide(a: number, b: number): number {
  if (b === 0) throw new ExpressionError("DIVISION_BY_ZERO", `Cannot divide ${a} by zero`);
  return Math.trunc(a / b) + 0;
}

/** The sign is the dividend's. */
export function modulo(a: number, b: number): number {
  if (b === 0) throw new ExpressionError("DIVISION_BY_ZERO", `Cannot take ${a} modulo zero`);
  return (a % b) + 0;
}

export const compareBool = (a: boolean, b: boolean): number => Number(a) - Number(b);

export const ceil = (value: number): number => Math.ceil(value);
export const floor = (value: number): number => Math.floor(value);
export const trunc = (value: number): number => Math.trunc(value);
export const squareRoot = (value: number): number => Math.sqrt(value);
export const absolute = (value: number): number => Math.abs(value);
export const signOf = (value: number): number => Math.sign(value);
export const isNaNDouble = (value: number): boolean => Number.isNaN(value);
export const isFiniteDouble = (value: number): boolean => Number.isFinite(value);
export const isInfinite = (value: number): boolean => value === Infinity || value === -Infinity;

/** Halves go away from zero; `Math.round` sends them up. */
export function round(value: number): number {
  const whole = Math.trunc(value);
  // The difference is exact; adding a half to 0.49999999999999994 would not be.
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

/** The first of the greatest, as CEL compares: NaN is neither greater nor less. */
export function greatest(...values: readonly number[]): number {
  return values.reduce((best, value) => (value > best ? value : best));
}

export function least(...values: readonly number[]): number {
  return values.reduce((best, value) => (value < best ? value : best));
}
