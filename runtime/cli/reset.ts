/**
 * Starting over: which topics and offsets of an application go.
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import { createKafkaAdmin } from "../kafka/mod.ts";

/** Topics that only the application itself writes and reads. */
export function internalTopics(plan: Plan): readonly string[] {
  const topics = new Set<string>();
  for (const { changelogTopic, inputs } of plan.subtopologies) {
    topics.add(changelogTopic);
    for (const { from } of inputs) if (from.kind === "repartition") topics.add(from.topic);
  }
  return [...topics];
}

/** Topics that the application writes for others: sinks, late records, dead letters. */
export function writtenTopics(plan: Plan): readonly string[] {
  const written = Object.values(plan.streams).filter((stream) => stream.written);
  return written.map(({ topic }) => topic);
}

/** Deletes topics and the group with its offsets; what does not exist is no error. */
export async function deleteApplication(
  brokers: readonly string[],
  group: string,
  topics: readonly string[],
): Promise<void> {
  const admin = createKafkaAdmin({ brokers });
  try {
    await admin.deleteGroup(group);
    await admin.deleteTopics(topics);
  } finally {
    await admin.close();
  }
}
