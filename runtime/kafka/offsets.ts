/** Offsets: where logs begin and end, what a group committed, and deleting below an offset. */

import type { CommittedOffset, TopicPartition } from "../engine/mod.ts";
import { API } from "../wire/mod.ts";
import { askLeaders, byTopic } from "./by_leader.ts";
import type { ClusterClient } from "./cluster.ts";
import type { Coordinator } from "./coordinator.ts";
import { brokerError, ERROR } from "./errors.ts";

/** In place of a timestamp: the log start, or the high watermark. */
export const EARLIEST = -2;
export const LATEST = -1;

const READ_UNCOMMITTED = 0;
/** The log as it is now, not as a fenced leader knew it. */
const NO_EPOCH = -1;

/** @param timestamp `EARLIEST` or `LATEST` */
export async function listOffsets(
  cluster: ClusterClient,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<readonly number[]> {
  const results = await askLeaders(
    cluster,
    "control",
    partitions,
    "look up offsets",
    async (connection, items) => {
      const version = connection.version(API.ListOffsets, 2, 5);
      const answer = await connection.send(API.ListOffsets, version, {
        replicaId: -1,
        // Committed readers would get the last stable offset as the end: a restore must go further.
        isolationLevel: READ_UNCOMMITTED,
        topics: byTopic(items, ({ partition }) => ({
          partitionIndex: partition,
          currentLeaderEpoch: NO_EPOCH,
          timestamp,
        })).map(([name, entries]) => ({ name, partitions: entries })),
      });
      return answer.topics.flatMap(({ name, partitions: list }) =>
        list.map(({ partitionIndex, errorCode, offset }) => ({
          topic: name,
          partition: partitionIndex,
          errorCode,
          offset,
        })),
      );
    },
  );
  return results.map(({ offset }) => offset);
}

/** Waits for transactions that are about to change what is committed. */
export async function fetchCommitted(
  cluster: ClusterClient,
  coordinator: Coordinator,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<readonly CommittedOffset[]> {
  if (partitions.length === 0) return [];
  const cannot = `look up committed offsets of group ${group}`;
  return await cluster.withRetry(async () => {
    const answer = await coordinator.send(API.OffsetFetch, [5, 7], {
      groupId: group,
      topics: byTopic(partitions, ({ partition }) => partition).map(([name, partitionIndexes]) => ({
        name,
        partitionIndexes,
      })),
      requireStable: true,
    });
    if (answer.errorCode !== ERROR.NONE) {
      throw coordinator.failure(answer.errorCode, cannot);
    }
    const committed: CommittedOffset[] = [];
    for (const { name: topic, partitions: list } of answer.topics) {
      for (const { partitionIndex: partition, committedOffset, metadata, errorCode } of list) {
        if (errorCode !== ERROR.NONE) throw brokerError(errorCode, cannot, { topic, partition });
        if (committedOffset < 0) continue;
        committed.push({ topic, partition, offset: committedOffset, metadata: metadata ?? "" });
      }
    }
    return committed;
  });
}

/** Who commits. Brokers refuse everyone but the members of the present generation. */
export interface Committer {
  readonly group: string;
  readonly generation: number;
  readonly memberId: string;
}

/** @throws {MillraceError} FENCED: nothing was committed */
export async function commitOffsets(
  cluster: ClusterClient,
  coordinator: Coordinator,
  committer: Committer,
  offsets: readonly CommittedOffset[],
): Promise<void> {
  if (offsets.length === 0) return;
  await cluster.withRetry(async () => {
    const answer = await coordinator.send(API.OffsetCommit, [7, 7], {
      groupId: committer.group,
      generationIdOrMemberEpoch: committer.generation,
      memberId: committer.memberId,
      groupInstanceId: null,
      topics: byTopic(offsets, ({ partition, offset, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: -1,
        committedMetadata: metadata,
      })).map(([name, partitions]) => ({ name, partitions })),
    });
    for (const { name: topic, partitions } of answer.topics) {
      for (const { partitionIndex: partition, errorCode } of partitions) {
        if (errorCode === ERROR.NONE) continue;
        const cannot = `commit offsets of group ${committer.group}`;
        throw coordinator.failure(errorCode, cannot, { topic, partition });
      }
    }
  });
}

/** Moves log starts up. Purging is housekeeping: what fails is reported as an event and left. */
export async function deleteRecords(
  cluster: ClusterClient,
  before: readonly (TopicPartition & { readonly offset: number })[],
): Promise<void> {
  if (before.length === 0) return;
  const { requestTimeoutMs, onEvent } = cluster.options;
  try {
    await askLeaders(cluster, "control", before, "delete records", async (connection, items) => {
      const version = connection.version(API.DeleteRecords, 0, 1);
      const answer = await connection.send(
        API.DeleteRecords,
        version,
        {
          topics: byTopic(items, ({ partition, offset }) => ({
            partitionIndex: partition,
            offset,
          })).map(([name, partitions]) => ({ name, partitions })),
          timeoutMs: requestTimeoutMs,
        },
        requestTimeoutMs,
      );
      return answer.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode }) => ({
          topic: name,
          partition: partitionIndex,
          errorCode,
        })),
      );
    });
  } catch (error) {
    if (cluster.signal.aborted) return;
    onEvent({ level: "warn", message: "Deleting processed records failed", cause: error });
  }
}
