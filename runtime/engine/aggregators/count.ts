/**
 * `count()` and `count(predicate)`.
 *
 * @module
 */

import type { AggregatorCode } from "./aggregator.ts";

export function count(hasPredicate: boolean): AggregatorCode {
  return {
    initial: [0],
    fold: (slot, argument) =>
      hasPredicate ? `if (${argument}) ${slot(0)} += 1;` : `${slot(0)} += 1;`,
    lower: (slot) => slot(0),
  };
}
