/**
 * `sum` of doubles, compensated (Neumaier's variant of Kahan's summation): slot 0 the sum, slot 1 what
 * rounding took from it. A sum that is not finite is its own result. No inverse: one outlier would
 * leave its rounding behind.
 *
 * @module
 */

import type { NumericAggregator, Slot } from "./aggregator.ts";

export function sumDouble(): NumericAggregator {
  return {
    initial: [0, 0],
    fold: add,
    combine: (slot, other) => `${add(slot, other(0))} ${slot(1)} += ${other(1)};`,
    lower: (slot, library) => `${library}.sumDouble(${slot(0)}, ${slot(1)})`,
  };
}

function add(slot: Slot, argument: string): string {
  const sum = slot(0);
  const rest = slot(1);
  return (
    `{ const a = ${argument}, s = ${sum}, t = s + a; ` +
    `${rest} += Math.abs(s) >= Math.abs(a) ? (s - t) + a : (a - t) + s; ${sum} = t; }`
  );
}

export function lowerSumDouble(sum: number, rest: number): number {
  return Number.isFinite(sum) ? sum + rest : sum;
}
