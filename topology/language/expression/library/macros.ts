/**
 * The loops of CEL's macros. Each step is charged with the parts of the body that it evaluates.
 *
 * @module
 */

import { charge } from "./cost.ts";
import { absorbable, type ExpressionError } from "./errors.ts";

type Body<T> = (element: unknown) => T;

export function all(list: readonly unknown[], cost: number, holds: Body<boolean>): boolean {
  return !decided(list, cost, holds, false);
}

export function exists(list: readonly unknown[], cost: number, holds: Body<boolean>): boolean {
  return decided(list, cost, holds, true);
}

/** A chain of `&&` (`decisive` false) or `||` (true): a decisive element absorbs errors of others. */
function decided(
  list: readonly unknown[],
  cost: number,
  holds: Body<boolean>,
  decisive: boolean,
): boolean {
  let failure: ExpressionError | undefined;
  for (let n = 0; n < list.length; n++) {
    charge(cost);
    try {
      if (holds(list[n]) === decisive) return true;
    } catch (error) {
      failure ??= absorbable(error);
    }
  }
  if (failure !== undefined) throw failure;
  return false;
}

/** Exactly one; an error is never absorbed. */
export function existsOne(list: readonly unknown[], cost: number, holds: Body<boolean>): boolean {
  let count = 0;
  for (let n = 0; n < list.length; n++) {
    charge(cost);
    if (holds(list[n])) count++;
  }
  return count === 1;
}

export function filterList(
  list: readonly unknown[],
  cost: number,
  holds: Body<boolean>,
): unknown[] {
  const kept: unknown[] = [];
  for (let n = 0; n < list.length; n++) {
    charge(cost);
    const element = list[n];
    if (holds(element)) kept.push(element);
  }
  return kept;
}

export function mapList(
  list: readonly unknown[],
  cost: number,
  made: Body<unknown>,
  holds?: Body<boolean>,
): unknown[] {
  const results: unknown[] = [];
  for (let n = 0; n < list.length; n++) {
    charge(cost);
    const element = list[n];
    if (holds === undefined || holds(element)) results.push(made(element));
  }
  return results;
}
