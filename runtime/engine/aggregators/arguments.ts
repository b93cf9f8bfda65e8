/**
 * What an aggregator's plan asks of a record.
 *
 * @module
 */

import type { AggregatorPlan, ExpressionType, Made } from "../../../topology/language/mod.ts";

export interface Argument {
  readonly made: Made;
  readonly type: ExpressionType;
}

/** At most two: `x`, `by`. */
export function argumentsOf(plan: AggregatorPlan): readonly Argument[] {
  // Its functions take the record.
  if (plan.name === "function") return [];
  if (plan.name === "reducer") return [{ made: plan.lift, type: plan.partial }];
  const expressions =
    plan.name === "count" ? [plan.predicate] : [plan.argument, "by" in plan ? plan.by : undefined];
  return expressions
    .filter((expression) => expression !== undefined)
    .map((expression) => ({
      made: { kind: "expression", expression },
      type: expression.type,
    }));
}
