/**
 * Comparing a plan with what ran before it: which changes are safe, which lose state, and why.
 *
 * @module
 */

export {
  type ChangeClass,
  comparePlans,
  isLosing,
  type PlanComparison,
  type StageChange,
  type TopicChange,
} from "./compare_plans.ts";
export { formatComparison, formatStageChange } from "./format_comparison.ts";
export { parseSnapshot } from "./parse_snapshot.ts";
export { type PlanSnapshot, snapshotTopic, type TopicsByRole } from "./snapshot.ts";
export { snapshotPlan, topicsOf } from "./snapshot_plan.ts";
