/**
 * `count()`, for which the entry's own count of records will do, and `count(predicate)`.
 *
 * @module
 */

import type { NumericAggregator } from "./aggregator.ts";

export function count(hasPredicate: boolean): NumericAggregator {
  if (!hasPredicate) {
    return {
      initial: [],
      fold: () => "",
      combine: () => "",
      inverse: () => "",
      lower: (_slot, _library, records) => records,
    };
  }
  return {
    initial: [0],
    fold: (slot, argument) => `if (${argument}) ${slot(0)} += 1;`,
    combine: (slot, other) => `${slot(0)} += ${other(0)};`,
    inverse: (slot, other) => `${slot(0)} -= ${other(0)};`,
    lower: (slot) => slot(0),
  };
}
