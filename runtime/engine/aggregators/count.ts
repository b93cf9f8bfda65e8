/**
 * `count()` and `count(predicate)`.
 *
 * @module
 */

import type { NumericAggregator } from "./aggregator.ts";

export function count(hasPredicate: boolean): NumericAggregator {
  return {
    initial: [0],
    fold: (slot, argument) =>
      hasPredicate ? `if (${argument}) ${slot(0)} += 1;` : `${slot(0)} += 1;`,
    combine: (slot, other) => `${slot(0)} += ${other(0)};`,
    inverse: (slot, other) => `${slot(0)} -= ${other(0)};`,
    lower: (slot) => slot(0),
  };
}
