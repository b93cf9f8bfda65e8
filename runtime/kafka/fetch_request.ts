/** One Fetch request to one broker, and what its answer says about each partition. */

import type { TopicPartition } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { API, batches } from "../wire/mod.ts";
import { withoutAborted } from "./aborted.ts";
import type { Connection } from "./connection.ts";
import { ERROR } from "./errors.ts";

export interface FetchTarget extends TopicPartition {
  readonly offset: number;
}

export interface FetchLimits {
  readonly maxFetchBytes: number;
  readonly maxPartitionFetchBytes: number;
  /** How long the broker may wait for the first record, ms. */
  readonly fetchWaitMs: number;
}

/** One partition's answer. */
export interface PartitionAnswer extends TopicPartition {
  readonly errorCode: number;
  /** Bytes that cannot be read at all. */
  readonly failure: MillraceError | undefined;
  /** Whole batches, aborted ones blanked. */
  readonly bytes: Uint8Array;
  /** Where to fetch next: after the last batch, whether or not records are left in it. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

const READ_COMMITTED = 1;
const NO_BYTES = new Uint8Array(0);

/**
 * @param targets in order of preference: the broker fills the answer from the front
 * @throws {MillraceError} BROKER_UNREACHABLE
 */
export async function fetchPartitions(
  connection: Connection,
  targets: readonly FetchTarget[],
  limits: FetchLimits,
): Promise<PartitionAnswer[]> {
  // Above 11 the request is flexible, above 12 topics are named by id: nothing that is needed here.
  const version = connection.version(API.Fetch, 5, 11);
  const offsets = new Map<string, Map<number, number>>();
  for (const { topic, partition, offset } of targets) {
    let partitions = offsets.get(topic);
    if (partitions === undefined) offsets.set(topic, (partitions = new Map()));
    partitions.set(partition, offset);
  }
  const answer = await connection.send(
    API.Fetch,
    version,
    {
      replicaId: -1,
      maxWaitMs: limits.fetchWaitMs,
      minBytes: 1,
      maxBytes: limits.maxFetchBytes,
      isolationLevel: READ_COMMITTED,
      sessionId: 0,
      sessionEpoch: -1,
      topics: Array.from(offsets, ([topic, partitions]) => ({
        topic,
        partitions: Array.from(partitions, ([partition, fetchOffset]) => ({
          partition,
          currentLeaderEpoch: -1,
          fetchOffset,
          logStartOffset: -1,
          partitionMaxBytes: limits.maxPartitionFetchBytes,
        })),
      })),
      forgottenTopicsData: [],
      rackId: "",
    },
    limits.fetchWaitMs,
  );
  return answer.responses.flatMap(({ topic, partitions }) =>
    partitions.map((p): PartitionAnswer => {
      const fetchOffset = offsets.get(topic)?.get(p.partitionIndex) ?? 0;
      const common = {
        topic,
        partition: p.partitionIndex,
        // Set for the request as a whole only by fetch sessions, which are not used.
        errorCode: p.errorCode === ERROR.NONE ? answer.errorCode : p.errorCode,
        highWatermark: p.highWatermark,
        lastStableOffset: p.lastStableOffset < 0 ? p.highWatermark : p.lastStableOffset,
        logStartOffset: p.logStartOffset,
      };
      try {
        const whole = trim(p.records ?? NO_BYTES, fetchOffset);
        const bytes = withoutAborted(whole.bytes, p.abortedTransactions ?? []);
        return { ...common, bytes, nextOffset: whole.nextOffset, failure: undefined };
      } catch (cause) {
        const failure = new MillraceError(
          "CORRUPT_BATCH",
          `Cannot read ${topic}/${p.partitionIndex} at offset ${fetchOffset}: ${String(cause)}`,
          { cause, where: { topic, partition: p.partitionIndex, offset: fetchOffset } },
        );
        return { ...common, bytes: NO_BYTES, nextOffset: fetchOffset, failure };
      }
    }),
  );
}

/** Cuts off a last batch that did not fit, and finds the offset after the last whole one. */
function trim(records: Uint8Array, offset: number): { bytes: Uint8Array; nextOffset: number } {
  let end = 0;
  let nextOffset = offset;
  for (const batch of batches(records)) {
    end = batch.at + batch.sizeBytes;
    // By the batch, not by its last record: compaction may have taken that one, or all of them.
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
  }
  return { bytes: end === records.length ? records : records.subarray(0, end), nextOffset };
}
