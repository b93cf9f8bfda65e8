import type { AggregatorPlan } from "./plan.ts";

/** Can what an aggregator keeps become null, and so delete its key? */
export function deletesKeys(plan: AggregatorPlan): boolean {
  switch (plan.name) {
    case "function":
      return plan.ordered === true;
    case "reducer":
      return plan.ordered === true && plan.partial.kind === "nullable";
    default:
      return false;
  }
}
