/**
 * Reducers that say `ordered: true` combine records in the order of their source partition: there has
 * to be one, and no more.
 *
 * @module
 */

import type { Plan, Subtopology } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { flattenNodes } from "./program/mod.ts";
import type { Layout } from "./topics.ts";

/** @throws {MillraceError} TOPIC_MISMATCH when there are more source partitions */
export function refuseDisorder(plan: Plan, { partitions }: Layout): void {
  for (const subtopology of plan.subtopologies) {
    const ordered = flattenNodes(subtopology).find(
      (node) =>
        node.kind === "windowedReduce" &&
        node.aggregators.some(({ aggregator }) => "ordered" in aggregator),
    );
    if (ordered === undefined) continue;
    const topics = sourceTopics(plan, subtopology);
    const count = topics.reduce((sum, topic) => sum + (partitions.get(topic) ?? 0), 0);
    if (count <= 1) continue;
    throw new MillraceError(
      "TOPIC_MISMATCH",
      `Cannot start: ${ordered.stage} has an ordered reducer, which needs one source partition; ` +
        `${topics.join(", ")} has ${count}`,
      { where: { stage: ordered.stage, topic: topics[0]! } },
    );
  }
}

function sourceTopics(plan: Plan, { inputs }: Subtopology): string[] {
  return inputs.flatMap(({ from }) => {
    if (from.kind === "stream") return [plan.streams[from.stream]!.topic];
    const writer = plan.subtopologies.find(({ name }) => name === from.writer)!;
    return sourceTopics(plan, writer);
  });
}
