/**
 * `min` and `max` of ints or doubles. One slot. NaN, once seen, is the result, as in IEEE minimum.
 *
 * @module
 */

import type { NumericAggregator } from "./aggregator.ts";

export function extremum(name: "min" | "max"): NumericAggregator {
  return {
    initial: [name === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY],
    fold: (slot, argument) => `${slot(0)} = Math.${name}(${slot(0)}, ${argument});`,
    combine: (slot, other) => `${slot(0)} = Math.${name}(${slot(0)}, ${other(0)});`,
    lower: (slot) => slot(0),
  };
}
