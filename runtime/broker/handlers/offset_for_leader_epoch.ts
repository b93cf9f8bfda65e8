/**
 * OffsetForLeaderEpoch 2-4: where an epoch ended. There is only epoch 0, which ends at the end of the
 * log; of a later one nothing is known (-1). Logs are never truncated here.
 */

import { ERROR } from "../errors.ts";
import { checkLeaderEpoch } from "../leader_epoch.ts";
import { LEADER_EPOCH } from "../log/partition_log.ts";
import type { Handler } from "./handler.ts";

export const offsetForLeaderEpoch: Handler<"OffsetForLeaderEpoch"> = {
  versions: [2, 4],
  handle({ cluster, body }) {
    return {
      topics: body.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
          const log = cluster.topics.partition(topic, partition)?.log;
          if (log === undefined) return { partition, errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION };
          const errorCode = checkLeaderEpoch(currentLeaderEpoch);
          if (errorCode !== ERROR.NONE || leaderEpoch !== LEADER_EPOCH) {
            return { partition, errorCode };
          }
          return { partition, leaderEpoch, endOffset: log.endOffset };
        }),
      })),
    };
  },
};
