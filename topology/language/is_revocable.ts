import type { ExpressionType } from "./expression/mod.ts";
import type { AggregatorPlan } from "./plan.ts";

/** Can an aggregator take back a record, whatever else it has taken in since, and leave nothing of it? */
export function isRevocable(plan: AggregatorPlan): boolean {
  switch (plan.name) {
    case "count":
      return true;
    case "sum":
    case "avg":
      return plan.argument.type.kind === "int";
    case "reducer":
      return plan.inverse !== undefined && !plan.ordered && isExact(plan.partial);
    default:
      return false;
  }
}

/** Nothing is rounded: what was added can be taken away again, and leaves nothing behind. */
export function isExact(type: ExpressionType): boolean {
  switch (type.kind) {
    case "int":
    case "bool":
    case "string":
    case "enum":
    case "null":
      return true;
    case "nullable":
      return isExact(type.type);
    case "list":
      return isExact(type.element);
    case "record":
      return type.fields.every((field) => isExact(field.type));
    default:
      return false;
  }
}
