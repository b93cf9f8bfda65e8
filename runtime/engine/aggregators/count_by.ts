/**
 * `countBy(x)`: a map of how often each `x` came, in the order of its keys. Numbers and booleans are
 * written as text, because a map has text as keys.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { comparing } from "./compare_values.ts";
import { type Tally, tallying } from "./tally.ts";

export function countBy(x: ExpressionType, limitBytes: number): ObjectAggregator<Tally> {
  const compare = comparing(x);
  return tallying("countBy", x, limitBytes, (counts) => {
    const sorted = [...counts].sort(([a], [b]) => compare(a, b));
    return new Map(sorted.map(([x, count]) => [String(x), count]));
  });
}
