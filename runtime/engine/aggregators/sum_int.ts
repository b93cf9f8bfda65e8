/**
 * `sum` of ints: exact whatever the order, also where a partial sum leaves the safe integers.
 *
 * Two slots: sum = slot 1 · 2^52 + slot 0, with |slot 0| ≤ 2^52. An argument past 2^52 is carried
 * before it is added, so that no addition leaves ±2^53, where doubles stop holding every integer.
 *
 * @module
 */

import { MillraceError } from "../../fault/mod.ts";
import type { NumericAggregator, Slot } from "./aggregator.ts";

export const LIMB = 2 ** 52;

export function sumInt(): NumericAggregator {
  return {
    initial: [0, 0],
    fold: add,
    combine: (slot, other) => `${add(slot, other(0))} ${slot(1)} += ${other(1)};`,
    inverse: (slot, other) => `${add(slot, `-${other(0)}`)} ${slot(1)} -= ${other(1)};`,
    lower: (slot, library) => `${library}.sumInt(${slot(0)}, ${slot(1)})`,
  };
}

function add(slot: Slot, argument: string): string {
  const low = slot(0);
  const high = slot(1);
  return (
    `{ let a = ${argument}; ` +
    `if (a > ${LIMB}) { a -= ${LIMB}; ${high} += 1; } else if (a < -${LIMB}) { a += ${LIMB}; ${high} -= 1; } ` +
    `a += ${low}; ` +
    `if (a > ${LIMB}) { a -= ${LIMB}; ${high} += 1; } else if (a < -${LIMB}) { a += ${LIMB}; ${high} -= 1; } ` +
    `${low} = a; }`
  );
}

/** @throws {MillraceError} SUM_OVERFLOW outside ±(2^53−1) */
export function lowerSumInt(low: number, high: number): number {
  const sum = high * LIMB + low;
  if (!Number.isSafeInteger(sum) || Math.abs(high) > 2) {
    throw new MillraceError(
      "SUM_OVERFLOW",
      `Cannot write sum: it is about ${sum}, beyond ±(2^53-1)`,
    );
  }
  return sum;
}
