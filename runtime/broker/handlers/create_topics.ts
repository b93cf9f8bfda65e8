/**
 * CreateTopics 0-7: creates at once; when the answer is out, the topic is there.
 *
 * - partitions -1: the broker's default; replication -1 or 1; or assignments, all of node 0
 * - TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION (name), INVALID_PARTITIONS,
 *   INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG (unknown key or bad value),
 *   INVALID_REQUEST (named twice, or partitions and assignments both), POLICY_VIOLATION (too many
 *   partitions in the broker)
 * - validateOnly says the same and creates nothing
 */

import type { RequestOf, ResponseInput } from "../../wire/mod.ts";
import { assignmentsRefused } from "../assignments.ts";
import type { Cluster } from "../cluster.ts";
import { ERROR, type Refusal, refusal } from "../errors.ts";
import { checkTopicSettings, TopicConfig } from "../topic_config.ts";
import type { Handler } from "./handler.ts";

type Asked = RequestOf<"CreateTopics">["topics"][number];
type Answer = NonNullable<ResponseInput<"CreateTopics">["topics"]>[number];

export const createTopics: Handler<"CreateTopics"> = {
  versions: [0, 7],
  handle({ cluster, body }) {
    const counts = new Map<string, number>();
    for (const { name } of body.topics) counts.set(name, (counts.get(name) ?? 0) + 1);
    return {
      topics: Array.from(
        new Map(body.topics.map((topic) => [topic.name, topic])).values(),
        (asked) =>
          counts.get(asked.name) === 1
            ? create(cluster, asked, body.validateOnly)
            : {
                name: asked.name,
                ...refusal(ERROR.INVALID_REQUEST, "The topic is named more than once"),
              },
      ),
    };
  },
};

function create(cluster: Cluster, asked: Asked, validateOnly: boolean): Answer {
  const { name, assignments, configs } = asked;
  const partitions =
    assignments.length > 0
      ? assignments.length
      : asked.numPartitions === -1
        ? cluster.options.defaultPartitions
        : asked.numPartitions;
  const refused =
    refuseShape(asked, partitions) ??
    cluster.topics.refuses(name, partitions) ??
    refuseConfigs(asked);
  if (refused !== undefined) return { name, ...refused };
  const own = new Map(configs.map((config) => [config.name, config.value ?? ""]));
  const config = new TopicConfig(own, cluster.options.topicDefaults);
  const topicId = validateOnly ? undefined : cluster.topics.create(name, partitions, own).id;
  return {
    name,
    ...(topicId !== undefined && { topicId }),
    numPartitions: partitions,
    replicationFactor: 1,
    configs: config.describe(),
  };
}

function refuseShape(
  { assignments, numPartitions, replicationFactor }: Asked,
  partitions: number,
): Refusal | undefined {
  if (assignments.length > 0) {
    if (numPartitions !== -1 || replicationFactor !== -1) {
      return refusal(
        ERROR.INVALID_REQUEST,
        "With assignments, partitions and replication factor must be -1",
      );
    }
    const indexes = assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
    if (indexes.some((index, place) => index !== place)) {
      return refusal(
        ERROR.INVALID_REPLICA_ASSIGNMENT,
        "Assignments must name partitions 0, 1, 2 ... once each",
      );
    }
    return assignmentsRefused(assignments);
  }
  if (partitions < 1) {
    return refusal(
      ERROR.INVALID_PARTITIONS,
      "Number of partitions was set to an invalid non-positive value.",
    );
  }
  if (replicationFactor === -1 || replicationFactor === 1) return undefined;
  return refusal(
    ERROR.INVALID_REPLICATION_FACTOR,
    `Replication factor ${replicationFactor} in a cluster of one broker`,
  );
}

function refuseConfigs({ configs }: Asked): Refusal | undefined {
  const wrong = checkTopicSettings(configs.map(({ name, value }) => [name, value] as const));
  return wrong === undefined ? undefined : refusal(ERROR.INVALID_CONFIG, wrong);
}
