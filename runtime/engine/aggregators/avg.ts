/**
 * `avg` of ints or doubles: their sum, divided by the entry's own count of records. The result is a
 * double; of ints it is the exact sum divided once, whatever the order.
 *
 * @module
 */

import type { NumericAggregator } from "./aggregator.ts";
import { sumDouble } from "./sum_double.ts";
import { LIMB, sumInt } from "./sum_int.ts";

export function avg(type: "int" | "double"): NumericAggregator {
  if (type === "double") {
    const sum = sumDouble();
    return {
      ...sum,
      lower: (slot, library, records) => `${sum.lower(slot, library, records)} / ${records}`,
    };
  }
  return {
    ...sumInt(),
    lower: (slot, library, records) => `${library}.avgInt(${slot(0)}, ${slot(1)}, ${records})`,
  };
}

/** Mean of `count` ints whose sum is `high · 2^52 + low`. */
export function lowerAvgInt(low: number, high: number, count: number): number {
  return (high * LIMB + low) / count;
}
