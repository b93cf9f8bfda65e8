/**
 * `maxBy(x, by)` and `minBy(x, by)`: the `x` of the record with the greatest or least `by`; of equal
 * ones the record that is first in order. NaN is above every number.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { type Chosen, choosing } from "./chosen.ts";
import { comparing } from "./compare_values.ts";
import { compareOrder } from "./source_order.ts";

export function extremumBy(
  name: "maxBy" | "minBy",
  x: ExpressionType,
  by: ExpressionType,
): ObjectAggregator<Chosen> {
  const compare = comparing(by);
  const sign = name === "maxBy" ? 1 : -1;
  return choosing(x, by, (by, order, chosen) => {
    const difference = sign * compare(by, chosen.by);
    return difference > 0 || (difference === 0 && compareOrder(order, chosen.order) < 0);
  });
}
