/**
 * What one evaluation may cost. Depth and length of the text bound everything but loops and what grows
 * with the record; those are charged here as they happen:
 *
 *     1   a part of a macro's body evaluated; an element, entry or field compared, copied or made
 *     1   16 characters (UTF-16 units) or bytes read or made
 *     1   8 characters times instructions of a pattern, tried by `matches`
 *     200 a failure that is absorbed: making an error is what costs most of all
 *
 * The meter is one for the module: an evaluation is synchronous, and none begins inside another.
 *
 * @module
 */

import { ExpressionError } from "./errors.ts";

/** Units of one evaluation; some tens of milliseconds at worst. */
export const MAX_EXPRESSION_COST = 500_000;

let left = MAX_EXPRESSION_COST;

/** Called before every evaluation that can be charged. */
export function begin(): void {
  left = MAX_EXPRESSION_COST;
}

/** @throws {ExpressionError} COST_LIMIT */
export function charge(units: number): void {
  left -= units;
  if (left < 0) {
    const message = `Cannot go on: the expression costs more than ${MAX_EXPRESSION_COST} on this record`;
    throw new ExpressionError("COST_LIMIT", message);
  }
}

/** Units that have been charged since `begin`. */
export function spentCost(): number {
  return MAX_EXPRESSION_COST - left;
}

/** Text or bytes of a length, read or made. */
export function chargeLength(length: number): void {
  charge(1 + (length >>> 4));
}

/**
 * The failure, if logic may absorb it: only failures of expressions are, never a fault of the program
 * around them, and never the end of the budget, or a loop would go on without one.
 *
 * @throws whatever may not be absorbed
 */
export function absorbable(error: unknown): ExpressionError {
  if (!(error instanceof ExpressionError) || error.code === "COST_LIMIT") throw error;
  charge(200);
  return error;
}
