/** Reads a range of one partition outside any group: for restores. */

import type { Fetched, TopicPartition } from "../engine/mod.ts";
import type { ClusterClient } from "./cluster.ts";
import { brokerError, ERROR } from "./errors.ts";
import { fetchPartitions, type PartitionAnswer } from "./fetch_request.ts";

/**
 * Yields what lies from `from` up to `to`; the last batches may reach beyond. Always ends with an
 * entry from which the reader sees that `to` is reached, even where compaction took every record.
 *
 * @throws {MillraceError} OFFSET_OUT_OF_RANGE when `from` is below the log start
 */
export async function* readRange(
  cluster: ClusterClient,
  { topic, partition }: TopicPartition,
  from: number,
  to: number,
): AsyncGenerator<Fetched, void, undefined> {
  const asOfMs = cluster.options.clock.now();
  let position = from;
  let next = position < to ? fetchOne(cluster, topic, partition, position) : undefined;
  // One request ahead: the broker reads while the records before are being restored. A failure of it
  // is thrown when its turn comes.
  while (next !== undefined) {
    const { bytes, nextOffset, highWatermark, lastStableOffset } = await next;
    const hasMoved = nextOffset > position;
    position = nextOffset;
    next = position < to ? fetchOne(cluster, topic, partition, position) : undefined;
    next?.catch(() => {});
    if (hasMoved) yield { topic, partition, bytes, highWatermark, lastStableOffset, asOfMs };
  }
}

async function fetchOne(
  cluster: ClusterClient,
  topic: string,
  partition: number,
  offset: number,
): Promise<PartitionAnswer> {
  const cannot = `read ${topic}/${partition} from offset ${offset}`;
  return await cluster.withRetry(async () => {
    if (cluster.leaderOf(topic, partition) < 0) await cluster.refresh([topic]);
    const leader = cluster.leaderOf(topic, partition);
    const where = { topic, partition, offset };
    if (leader < 0) {
      const isMissing = cluster.topic(topic) === undefined;
      throw brokerError(isMissing ? ERROR.UNKNOWN_TOPIC_OR_PARTITION : 5, cannot, where);
    }
    const connection = await cluster.connectNode(leader, "restore");
    const limits = {
      ...cluster.options,
      maxPartitionFetchBytes: cluster.options.maxFetchBytes,
    };
    const [answer] = await fetchPartitions(connection, [{ topic, partition, offset }], limits);
    if (answer === undefined) throw brokerError(-1, cannot, where);
    if (answer.errorCode !== ERROR.NONE) throw brokerError(answer.errorCode, cannot, where);
    if (answer.failure !== undefined) throw answer.failure;
    return answer;
  });
}
