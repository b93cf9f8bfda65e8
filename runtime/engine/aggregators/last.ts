/**
 * `last(x)`: the `x` of the record that is last in order (see `source_order.ts`), whenever it came.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { type Chosen, choosing } from "./chosen.ts";
import { compareOrder } from "./source_order.ts";

export function last(x: ExpressionType): ObjectAggregator<Chosen> {
  return choosing(x, { kind: "null" }, (_, order, chosen) => compareOrder(order, chosen.order) > 0);
}
