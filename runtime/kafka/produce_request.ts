/** One Produce request to one broker: at most one batch per partition, as brokers require. */

import type { TopicPartition } from "../engine/mod.ts";
import { API } from "../wire/mod.ts";
import { byTopic } from "./by_leader.ts";
import type { Connection } from "./connection.ts";

export interface PartitionBatch extends TopicPartition {
  readonly batch: Uint8Array;
}

export interface PartitionAck extends TopicPartition {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

const ALL_REPLICAS = -1;

/** @param timeoutMs how long the broker may wait for the replicas */
export async function produceBatches(
  connection: Connection,
  batches: readonly PartitionBatch[],
  timeoutMs: number,
): Promise<readonly PartitionAck[]> {
  const version = connection.version(API.Produce, 3, 8);
  const answer = await connection.send(
    API.Produce,
    version,
    {
      transactionalId: null,
      acks: ALL_REPLICAS,
      timeoutMs,
      topicData: byTopic(batches, ({ partition, batch }) => ({
        index: partition,
        records: batch,
      })).map(([name, partitionData]) => ({ name, partitionData })),
    },
    timeoutMs,
  );
  return answer.responses.flatMap(({ name: topic, partitionResponses }) =>
    partitionResponses.map(({ index, errorCode, errorMessage }) => ({
      topic,
      partition: index,
      errorCode,
      errorMessage,
    })),
  );
}
