/**
 * DeleteRecords 0-2: moves the start of a partition's log up to an offset; -1: to its end. Beyond the
 * end: OFFSET_OUT_OF_RANGE. A topic that is compacted and not deleted from: POLICY_VIOLATION. Batches
 * that end before the start are gone, one that straddles it stays whole; fetches below it get
 * OFFSET_OUT_OF_RANGE.
 */

import { ERROR } from "../errors.ts";
import type { Handler } from "./handler.ts";

const TO_THE_END = -1;

export const deleteRecords: Handler<"DeleteRecords"> = {
  versions: [0, 2],
  handle({ cluster, body }) {
    return {
      topics: body.topics.map(({ name, partitions }) => {
        const topic = cluster.topics.get(name);
        return {
          name,
          partitions: partitions.map(({ partitionIndex, offset }) => {
            const failed = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode });
            const log = topic?.partitions[partitionIndex]?.log;
            if (topic === undefined || log === undefined) {
              return failed(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
            }
            if (!topic.config.deletes) return failed(ERROR.POLICY_VIOLATION);
            const before = offset === TO_THE_END ? log.endOffset : offset;
            if (before < 0 || before > log.endOffset) return failed(ERROR.OFFSET_OUT_OF_RANGE);
            log.deleteBefore(before);
            return { partitionIndex, lowWatermark: log.startOffset };
          }),
        };
      }),
    };
  },
};
