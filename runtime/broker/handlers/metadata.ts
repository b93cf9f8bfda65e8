/**
 * Metadata 0-12: the one broker, node 0, which is the controller and leads every partition.
 *
 * - topics null, or in version 0 empty: all; empty from version 1 on: none
 * - by id from version 10 on: UNKNOWN_TOPIC_ID
 * - a missing topic is created, at once and with the broker's defaults, when the client allows it
 *   (before version 4: always) and the broker has `autoCreateTopics`; else UNKNOWN_TOPIC_OR_PARTITION
 * - sets of allowed operations are never told: nothing is forbidden here
 */

import type { ResponseInput } from "../../wire/mod.ts";
import type { Cluster } from "../cluster.ts";
import { ERROR } from "../errors.ts";
import { LEADER_EPOCH } from "../log/partition_log.ts";
import { NODE_ID } from "../node.ts";
import type { Topic } from "../topics.ts";
import type { Handler } from "./handler.ts";

type TopicAnswer = NonNullable<ResponseInput<"Metadata">["topics"]>[number];

const NO_ID = /^0*$/;

export const metadata: Handler<"Metadata"> = {
  versions: [0, 12],
  handle({ cluster, connection, version, body }) {
    const { topics, options } = cluster;
    const wantsAll = body.topics === null || (version === 0 && body.topics.length === 0);
    const mayCreate = body.allowAutoTopicCreation && options.autoCreateTopics;
    return {
      brokers: [{ nodeId: NODE_ID, ...connection.advertised }],
      clusterId: options.clusterId,
      controllerId: NODE_ID,
      topics: wantsAll
        ? Array.from(topics.all(), describe)
        : body.topics!.map(({ name, topicId }) =>
            name === null ? byId(cluster, topicId) : byName(cluster, name, mayCreate),
          ),
    };
  },
};

function byName({ topics }: Cluster, name: string, mayCreate: boolean): TopicAnswer {
  const known = topics.get(name);
  if (known !== undefined) return describe(known);
  if (!mayCreate) return { name, errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION };
  const created = topics.createByDefault(name);
  return "errorCode" in created ? { name, errorCode: created.errorCode } : describe(created);
}

function byId({ topics }: Cluster, topicId: string): TopicAnswer {
  const known = NO_ID.test(topicId) ? undefined : topics.byId(topicId);
  if (known !== undefined) return describe(known);
  return { name: null, topicId, errorCode: ERROR.UNKNOWN_TOPIC_ID };
}

const ALL_NODES = [NODE_ID];

function describe({ name, id, partitions }: Topic): TopicAnswer {
  return {
    name,
    topicId: id,
    partitions: partitions.map((_, partitionIndex) => ({
      partitionIndex,
      leaderId: NODE_ID,
      leaderEpoch: LEADER_EPOCH,
      replicaNodes: ALL_NODES,
      isrNodes: ALL_NODES,
    })),
  };
}
