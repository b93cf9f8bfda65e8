import { array, defineApi, int8, int16, int32, int64, string } from "../codec/field.ts";

/** First, last, or first offset at a time, of partitions. */
export const listOffsets = defineApi({
  key: 2,
  versions: [1, 7],
  flexibleSince: 6,
  request: {
    replicaId: int32("0+", -1),
    isolationLevel: int8("2+"),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        currentLeaderEpoch: int32("4+", -1),
        /** Unix epoch ms; -1: the end, -2: the start, -3 (7+): the record with the highest timestamp. */
        timestamp: int64(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32("2+"),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64("1+", -1),
        offset: int64("1+", -1),
        leaderEpoch: int32("4+", -1),
      }),
    }),
  },
});
