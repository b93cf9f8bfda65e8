/**
 * `mostFrequent(x, k)`: the `k` values that came most often, each with its count, the most frequent
 * first; of equally frequent ones the lesser first. Counts are exact.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { comparing } from "./compare_values.ts";
import { type Tally, tallying } from "./tally.ts";

export function mostFrequent(
  x: ExpressionType,
  k: number,
  limitBytes: number,
): ObjectAggregator<Tally> {
  const compare = comparing(x);
  return tallying("mostFrequent", x, limitBytes, (counts) =>
    [...counts]
      .sort(([a, countA], [b, countB]) => countB - countA || compare(a, b))
      .slice(0, k)
      .map(([value, count]) => ({ value, count })),
  );
}
