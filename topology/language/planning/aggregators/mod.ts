/**
 * Aggregators of a reduce: calls of built-in ones, and reducers of one's own.
 *
 * @module
 */

import type { Aggregator } from "../../definition.ts";
import type { CallSite } from "./arguments.ts";
import { checkCall, type TypedAggregator } from "./check.ts";
import { checkReducer } from "./reducer.ts";

export type { CallSite } from "./arguments.ts";
export { AGGREGATORS, type TypedAggregator } from "./check.ts";
export { MAX_TRIALS_COST, type Trials } from "./laws.ts";
export { tooManyPartitions } from "./reducer.ts";
export type { AggregatorSpec, ArgumentKind, ArgumentSpec } from "./spec.ts";

/**
 * @param typeName Full name of a record type that it makes, if it makes one.
 * @returns undefined when it is wrong, which has been reported
 */
export function checkAggregator(
  aggregator: Aggregator,
  typeName: string,
  site: CallSite,
): TypedAggregator | undefined {
  if (typeof aggregator === "string") return checkCall(aggregator, typeName, site);
  if (typeof aggregator !== "object" || !("lift" in aggregator)) return undefined;
  return checkReducer(aggregator, typeName, site);
}
