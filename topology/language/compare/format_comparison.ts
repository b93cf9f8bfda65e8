/**
 * A comparison as people read it.
 *
 * @module
 */

import {
  type ChangeClass,
  isLosing,
  type PlanComparison,
  type StageChange,
} from "./compare_plans.ts";

const CLASS_NAMES: Readonly<Record<ChangeClass, string>> = {
  unchanged: "unchanged",
  hot: "hot",
  compatible: "compatible",
  newState: "new state",
  repartition: "repartition",
};

/**
 * ```
 * unchanged    shoppers_by_gender.0
 * new state    per_second
 *                window: tumbling 1s, now tumbling 2s
 *                lost: what per_second holds in open windows, and its counts
 * created      double11-topology
 *
 * double11: one of 4 stages loses state
 * ```
 */
export function formatComparison(comparison: PlanComparison): string {
  const { application, ranBefore, stages, topics } = comparison;
  const changed = stages.filter((stage) => stage.class !== "unchanged").length;
  const losing = stages.filter(isLosing).length;
  const sum = !ranBefore
    ? "has not run here yet, or with a version that left no word of it"
    : losing > 0
      ? `${losing} of ${changed} changes would lose state; run refuses them without --reset`
      : changed > 0 || topics.length > 0
        ? `${changed} changes, no state is lost`
        : "nothing to do";
  return [
    ...stages.flatMap(formatStageChange),
    ...topics.map(({ topic, change }) => row(change, `topic ${topic}`)),
    "",
    `${application}: ${sum}`,
  ].join("\n");
}

/** One stage: its class and name, then its reasons, a line each. */
export function formatStageChange(change: StageChange): readonly string[] {
  const { stage, reasons, lost } = change;
  const below = [...reasons, ...(lost === undefined ? [] : [`lost: ${lost}`])];
  return [row(CLASS_NAMES[change.class], stage), ...below.map((line) => row("", `  ${line}`))];
}

function row(left: string, right: string): string {
  return left.padEnd(13) + right;
}
