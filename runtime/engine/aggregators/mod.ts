/**
 * Built-in aggregators, one file each.
 *
 * @module
 */

import type { AggregatorPlan } from "../../../topology/language/mod.ts";
import type { AggregatorCode } from "./aggregator.ts";
import { count } from "./count.ts";
import { extremum } from "./extremum.ts";
import { sumDouble } from "./sum_double.ts";
import { sumInt } from "./sum_int.ts";

export type { AggregatorCode } from "./aggregator.ts";
export { lowerSumDouble } from "./sum_double.ts";
export { lowerSumInt } from "./sum_int.ts";

export function aggregatorCode(plan: AggregatorPlan): AggregatorCode {
  switch (plan.name) {
    case "count":
      return count(plan.predicate !== undefined);
    case "sum":
      return plan.argument.type.kind === "double" ? sumDouble() : sumInt();
    case "min":
    case "max":
      return extremum(plan.name);
  }
}
