/**
 * `avg` of ints or doubles: their sum, and in one more slot how many there were. The result is a
 * double; of ints it is the exact sum divided once, whatever the order.
 *
 * @module
 */

import type { NumericAggregator } from "./aggregator.ts";
import { sumDouble } from "./sum_double.ts";
import { LIMB, sumInt } from "./sum_int.ts";

export function avg(type: "int" | "double"): NumericAggregator {
  const sum = type === "int" ? sumInt() : sumDouble();
  const { inverse } = sum;
  const count = sum.initial.length;
  return {
    initial: [...sum.initial, 0],
    fold: (slot, argument) => `${sum.fold(slot, argument)} ${slot(count)} += 1;`,
    combine: (slot, other) => `${sum.combine(slot, other)} ${slot(count)} += ${other(count)};`,
    ...(inverse && {
      inverse: (slot, other) => `${inverse(slot, other)} ${slot(count)} -= ${other(count)};`,
    }),
    lower: (slot, library) =>
      type === "int"
        ? `${library}.avgInt(${slot(0)}, ${slot(1)}, ${slot(2)})`
        : `${library}.sumDouble(${slot(0)}, ${slot(1)}) / ${slot(2)}`,
  };
}

/** Mean of `count` ints whose sum is `high · 2^52 + low`. */
export function lowerAvgInt(low: number, high: number, count: number): number {
  return (high * LIMB + low) / count;
}
