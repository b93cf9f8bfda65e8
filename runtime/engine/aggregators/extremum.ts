/**
 * `min` and `max` of ints or doubles. One slot. NaN, once seen, is the result, as in IEEE minimum.
 *
 * @module
 */

import type { AggregatorCode } from "./aggregator.ts";

export function extremum(name: "min" | "max"): AggregatorCode {
  return {
    initial: [name === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY],
    fold: (slot, argument) => `${slot(0)} = Math.${name}(${slot(0)}, ${argument});`,
    lower: (slot) => slot(0),
  };
}
