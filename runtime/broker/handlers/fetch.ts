/**
 * Fetch 4-11: whole batches, from the one that holds the offset on.
 *
 * - waits up to `maxWaitMs` for `minBytes`, woken by every append, deletion and error that shows;
 *   a client that has gone away ends the wait
 * - `partitionMaxBytes` and `maxBytes` hold, but the first batch of a partition is always whole as
 *   long as `maxBytes` is not yet used up: a batch larger than the limits cannot block its partition
 * - offsets below the log start or beyond the end: OFFSET_OUT_OF_RANGE
 * - no fetch sessions: the session id in the answer is 0, so clients send full requests; a made-up
 *   session: FETCH_SESSION_ID_NOT_FOUND
 * - no transactions: the last stable offset is the high watermark, nothing is aborted
 * - no record: empty bytes, for librdkafka takes null for an error
 */

import type { RequestOf, ResponseInput } from "../../wire/mod.ts";
import type { Cluster } from "../cluster.ts";
import { ERROR } from "../errors.ts";
import { checkLeaderEpoch } from "../leader_epoch.ts";
import type { PartitionLog, Selection } from "../log/partition_log.ts";
import { waitForChange } from "../log/wait_for_change.ts";
import type { Handler } from "./handler.ts";

type Request = RequestOf<"Fetch">;
type AskedPartition = Request["topics"][number]["partitions"][number];
type TopicAnswer = NonNullable<ResponseInput<"Fetch">["responses"]>[number];

const READ_COMMITTED = 1;
/** Says that no session is wanted. */
const NO_SESSION_EPOCH = -1;

/** What one look at the logs found. */
interface Look {
  readonly found: readonly Found[];
  readonly logs: readonly PartitionLog[];
  readonly sizeBytes: number;
  readonly hasError: boolean;
}

interface Found {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly log?: PartitionLog;
  readonly selection?: Selection;
}

export const fetch: Handler<"Fetch"> = {
  versions: [4, 11],
  async handle({ cluster, connection, body }) {
    const { sessionId, sessionEpoch } = body;
    if (sessionId !== 0) return { errorCode: ERROR.FETCH_SESSION_ID_NOT_FOUND };
    if (sessionEpoch > 0 || sessionEpoch < NO_SESSION_EPOCH) {
      return { errorCode: ERROR.INVALID_FETCH_SESSION_EPOCH };
    }
    const { clock, maxFetchBytes } = cluster.options;
    // What can never be had is not waited for.
    const minBytes = Math.min(body.minBytes, body.maxBytes, maxFetchBytes);
    const deadlineMs = clock.monotonic() + body.maxWaitMs;
    for (;;) {
      const look = lookAt(cluster, body);
      const waitMs = deadlineMs - clock.monotonic();
      const isDone = look.sizeBytes >= minBytes || look.hasError || look.found.length === 0;
      if (isDone || waitMs <= 0 || connection.signal.aborted) return answer(body, look);
      await waitForChange(look.logs, waitMs, cluster.timers, connection.signal);
    }
  },
};

function lookAt(cluster: Cluster, body: Request): Look {
  const found: Found[] = [];
  const logs: PartitionLog[] = [];
  const maxBytes = Math.min(body.maxBytes, cluster.options.maxFetchBytes);
  let sizeBytes = 0;
  let hasError = false;
  for (const { topic, partitions } of body.topics) {
    for (const asked of partitions) {
      const { partition } = asked;
      const log = cluster.topics.partition(topic, partition)?.log;
      const errorCode = check(asked, log);
      if (log === undefined || errorCode !== ERROR.NONE) {
        hasError = true;
        found.push({ topic, partition, errorCode, ...(log && { log }) });
        continue;
      }
      logs.push(log);
      const leftBytes = maxBytes - sizeBytes;
      // Also with nothing left to give at the start, one batch goes out: else nobody gets anywhere.
      if (leftBytes > 0 || sizeBytes === 0) {
        const limit = Math.min(asked.partitionMaxBytes, leftBytes);
        const selection = log.select(asked.fetchOffset, limit);
        sizeBytes += selection.sizeBytes;
        found.push({ topic, partition, errorCode, log, selection });
      } else {
        found.push({ topic, partition, errorCode, log });
      }
    }
  }
  return { found, logs, sizeBytes, hasError };
}

function check(asked: AskedPartition, log: PartitionLog | undefined): number {
  if (log === undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  const errorCode = checkLeaderEpoch(asked.currentLeaderEpoch);
  if (errorCode !== ERROR.NONE) return errorCode;
  const { fetchOffset } = asked;
  const isThere = fetchOffset >= log.startOffset && fetchOffset <= log.endOffset;
  return isThere ? ERROR.NONE : ERROR.OFFSET_OUT_OF_RANGE;
}

function answer(body: Request, { found }: Look): ResponseInput<"Fetch"> {
  const abortedTransactions = body.isolationLevel === READ_COMMITTED ? [] : null;
  const responses: {
    topic: string;
    partitions: NonNullable<TopicAnswer["partitions"]>[number][];
  }[] = [];
  for (const { topic, partition, errorCode, log, selection } of found) {
    if (responses.at(-1)?.topic !== topic) responses.push({ topic, partitions: [] });
    const hasRecords = log !== undefined && selection !== undefined && selection.sizeBytes > 0;
    responses.at(-1)!.partitions.push({
      partitionIndex: partition,
      errorCode,
      highWatermark: log?.endOffset ?? -1,
      lastStableOffset: log?.endOffset ?? -1,
      logStartOffset: log?.startOffset ?? -1,
      abortedTransactions,
      ...(hasRecords && { records: log.copy(selection) }),
    });
  }
  return { responses };
}
