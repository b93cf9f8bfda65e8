/**
 * CreatePartitions 0-3: raises the number of partitions of a topic; it never goes down
 * (INVALID_PARTITIONS). validateOnly changes nothing.
 */

import type { RequestOf } from "../../wire/mod.ts";
import { assignmentsRefused } from "../assignments.ts";
import type { Cluster } from "../cluster.ts";
import { ERROR, type Refusal, refusal } from "../errors.ts";
import type { Handler } from "./handler.ts";

type Asked = RequestOf<"CreatePartitions">["topics"][number];

export const createPartitions: Handler<"CreatePartitions"> = {
  versions: [0, 3],
  handle({ cluster, body }) {
    return {
      results: body.topics.map((asked) => ({
        name: asked.name,
        ...extend(cluster, asked, body.validateOnly),
      })),
    };
  },
};

function extend(
  { topics }: Cluster,
  { name, count, assignments }: Asked,
  validateOnly: boolean,
): Refusal | undefined {
  const topic = topics.get(name);
  if (topic === undefined) {
    return refusal(ERROR.UNKNOWN_TOPIC_OR_PARTITION, "There is no such topic");
  }
  const present = topic.partitions.length;
  const more = count - present;
  if (more <= 0) {
    return refusal(ERROR.INVALID_PARTITIONS, `The topic has ${present} partitions already`);
  }
  if (assignments !== null && assignments.length !== more) {
    return refusal(
      ERROR.INVALID_REPLICA_ASSIGNMENT,
      `${more} partitions are added, ${assignments.length} are assigned`,
    );
  }
  const refused = assignmentsRefused(assignments ?? []) ?? topics.refusesPartitions(more);
  if (refused === undefined && !validateOnly) topics.addPartitions(topic, more);
  return refused;
}
