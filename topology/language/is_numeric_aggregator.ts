import type { AggregatorPlan, NumericAggregatorPlan } from "./plan.ts";

const NAMES: readonly string[] = [
  "count",
  "sum",
  "min",
  "max",
  "avg",
] satisfies readonly NumericAggregatorPlan["name"][];

/** Is what an aggregator keeps a few numbers, whatever comes? */
export function isNumericAggregator(plan: AggregatorPlan): plan is NumericAggregatorPlan {
  return NAMES.includes(plan.name);
}
