/**
 * Which reduces can be pre-aggregated: records are put together by the tasks that read them, and what
 * travels through the repartition topic are partial results, as many as there are keys in open windows
 * since the last commit. For that what is written and the offsets it covers must become visible
 * together; otherwise records travel as they are.
 *
 * @module
 */

import { isReduce } from "./nodes_behind.ts";
import type { InputPlan, Plan, ReduceNode, StorePlan } from "./plan.ts";

export interface PreAggregation {
  /** The reduce behind the repartition topic, and its store. */
  readonly node: ReduceNode;
  readonly store: StorePlan;
  /** Where its task reads the topic. */
  readonly from: InputPlan["from"] & { readonly kind: "repartition" };
}

/** What is pre-aggregated before a repartition topic; undefined where records travel as they are. */
export function preAggregationOf(
  { subtopologies }: Pick<Plan, "subtopologies">,
  topic: string,
): PreAggregation | undefined {
  for (const { inputs, stores } of subtopologies) {
    for (const { from, nodes } of inputs) {
      if (from.kind !== "repartition" || from.topic !== topic) continue;
      const [node] = nodes;
      if (node === undefined || !isReduce(node)) return undefined;
      const store = stores.find(({ stage }) => stage === node.store);
      return store !== undefined && isPreAggregated(node, store)
        ? { node, store, from }
        : undefined;
    }
  }
  return undefined;
}

/**
 * Not where results go out record by record, or depend on the order in which records come; and not
 * where a window is told by the records that are in it one by one.
 */
export function isPreAggregated(
  { emit, aggregators, takesBack }: ReduceNode,
  { window }: StorePlan,
): boolean {
  if (emit === "updates" || takesBack) return false;
  if (aggregators.some(({ aggregator }) => "ordered" in aggregator)) return false;
  switch (window.kind) {
    case "sliding":
      return false;
    case "none":
      return window.retentionMs === undefined;
    default:
      return true;
  }
}
