/**
 * Aggregators, one file each.
 *
 * @module
 */

import type {
  FunctionReducerPlan,
  NumericAggregatorPlan,
  ObjectAggregatorPlan,
  ReducerPlan,
} from "../../../topology/language/mod.ts";
import type { NumericAggregator, ObjectAggregator } from "./aggregator.ts";
import { avg } from "./avg.ts";
import { collect } from "./collect.ts";
import { count } from "./count.ts";
import { countBy } from "./count_by.ts";
import { distinct } from "./distinct.ts";
import { extremum } from "./extremum.ts";
import { extremumBy } from "./extremum_by.ts";
import { first } from "./first.ts";
import { largest } from "./largest.ts";
import { last } from "./last.ts";
import { mostFrequent } from "./most_frequent.ts";
import { type ReducerFunctions, reducer } from "./reducer.ts";
import { sumDouble } from "./sum_double.ts";
import { sumInt } from "./sum_int.ts";

export type { NumericAggregator, ObjectAggregator } from "./aggregator.ts";
export { type Argument, argumentsOf } from "./arguments.ts";
export { lowerAvgInt } from "./avg.ts";
export { ObjectSlot } from "./object_slot.ts";
export type { ReducerFunctions } from "./reducer.ts";
export { CurrentOrder, type Forwarding } from "./source_order.ts";
export { lowerSumDouble } from "./sum_double.ts";
export { lowerSumInt } from "./sum_int.ts";
export { limitBytesOf } from "./value_type.ts";

export function numericAggregator(plan: NumericAggregatorPlan): NumericAggregator {
  switch (plan.name) {
    case "count":
      return count(plan.predicate !== undefined);
    case "sum":
      return plan.argument.type.kind === "double" ? sumDouble() : sumInt();
    case "min":
    case "max":
      return extremum(plan.name);
    case "avg":
      return avg(plan.argument.type.kind === "double" ? "double" : "int");
  }
}

/**
 * @param limitBytes what its accumulator may take
 * @param compile makes functions of a reducer's expressions
 */
export function objectAggregator(
  plan: ObjectAggregatorPlan,
  limitBytes: number,
  compile: (plan: ReducerPlan | FunctionReducerPlan) => ReducerFunctions,
): ObjectAggregator {
  const made = ((): unknown => {
    switch (plan.name) {
      case "first":
        return first(plan.argument.type);
      case "last":
        return last(plan.argument.type);
      case "maxBy":
      case "minBy":
        return extremumBy(plan.name, plan.argument.type, plan.by.type);
      case "largest":
        return largest(plan.argument.type, plan.limit);
      case "mostFrequent":
        return mostFrequent(plan.argument.type, plan.limit, limitBytes);
      case "countBy":
        return countBy(plan.argument.type, limitBytes);
      case "distinct":
        return distinct(plan.argument.type, limitBytes);
      case "collect":
        return collect(plan.argument.type, plan.limit, limitBytes);
      case "reducer":
        return reducer(plan.partial, compile(plan), limitBytes);
      case "function":
        return reducer({ kind: "string" }, compile(plan), limitBytes);
    }
  })();
  // Each works on the accumulators that it has made, and on no others.
  return made as ObjectAggregator;
}
