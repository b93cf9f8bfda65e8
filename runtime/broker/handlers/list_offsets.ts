/**
 * ListOffsets 1-7: the start, the end, or the first record at a time.
 *
 *     -1  end: the offset of the next record           -2  start: the first that can be read
 *     -3  the record with the highest timestamp (7+)   -4  start, too: nothing is in remote storage
 *
 * Of a time the first record that is not earlier; past the end: offset and timestamp -1, no error.
 * Exact to the record where its batch can be read here (uncompressed or gzip), else to the batch.
 */

import type { ResponseInput } from "../../wire/mod.ts";
import { ERROR } from "../errors.ts";
import { checkLeaderEpoch } from "../leader_epoch.ts";
import { findMaxTimestamp, findTimestamp } from "../log/find_timestamp.ts";
import { LEADER_EPOCH, type PartitionLog } from "../log/partition_log.ts";
import type { Handler } from "./handler.ts";

type Topics = NonNullable<ResponseInput<"ListOffsets">["topics"]>;
type PartitionAnswer = NonNullable<Topics[number]["partitions"]>[number];

const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;

export const listOffsets: Handler<"ListOffsets"> = {
  versions: [1, 7],
  handle({ cluster, body }) {
    return {
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((asked): PartitionAnswer => {
          const { partitionIndex, currentLeaderEpoch, timestamp } = asked;
          const log = cluster.topics.partition(name, partitionIndex)?.log;
          if (log === undefined) {
            return { partitionIndex, errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION };
          }
          const errorCode = checkLeaderEpoch(currentLeaderEpoch);
          if (errorCode !== ERROR.NONE) return { partitionIndex, errorCode };
          return { partitionIndex, ...find(log, timestamp) };
        }),
      })),
    };
  },
};

function find(log: PartitionLog, timestamp: number): Omit<PartitionAnswer, "partitionIndex"> {
  const leaderEpoch = LEADER_EPOCH;
  switch (timestamp) {
    case LATEST:
      return { offset: log.endOffset, leaderEpoch };
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { offset: log.startOffset, leaderEpoch };
  }
  if (timestamp < 0 && timestamp !== MAX_TIMESTAMP) return { errorCode: ERROR.INVALID_REQUEST };
  const found = timestamp === MAX_TIMESTAMP ? findMaxTimestamp(log) : findTimestamp(log, timestamp);
  return found === undefined ? {} : { ...found, leaderEpoch };
}
