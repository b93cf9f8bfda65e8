/**
 * Reducers that say `ordered: true` combine records in the order of their source partition: there has
 * to be one, and no more.
 *
 * @module
 */

import type { Node, Plan, Subtopology } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { flattenNodes } from "./program/mod.ts";
import type { Layout } from "./topics.ts";

/** @throws {MillraceError} TOPIC_MISMATCH when records come from more source partitions */
export function refuseDisorder(plan: Plan, { partitions }: Layout): void {
  for (const subtopology of plan.subtopologies) {
    const ordered = flattenNodes(subtopology).find(isOrdered);
    if (ordered === undefined) continue;
    const topics = sourceTopics(plan, subtopology);
    // A topic that comes in two ways counts twice: between the two there is no order.
    const count = topics.reduce((sum, topic) => sum + (partitions.get(topic) ?? 0), 0);
    if (count <= 1) continue;
    throw new MillraceError(
      "TOPIC_MISMATCH",
      `Cannot start: ${ordered.stage} has an ordered reducer, which needs one source partition; ` +
        `${[...new Set(topics)].join(", ")} make ${count}`,
      { where: { stage: ordered.stage, topic: topics[0]! } },
    );
  }
}

function isOrdered(node: Node): boolean {
  return (
    "aggregators" in node && node.aggregators.some(({ aggregator }) => "ordered" in aggregator)
  );
}

function sourceTopics(plan: Plan, { inputs }: Subtopology): string[] {
  return inputs.flatMap(({ from }) => {
    if (from.kind === "stream") return [plan.streams[from.stream]!.topic];
    return from.writers.flatMap((writer) =>
      sourceTopics(plan, plan.subtopologies.find(({ name }) => name === writer.subtopology)!),
    );
  });
}
