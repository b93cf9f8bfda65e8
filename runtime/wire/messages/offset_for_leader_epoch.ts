import { array, defineApi, int16, int32, int64, string } from "../codec/field.ts";

/** Where a leader epoch ended: how a client finds out that a log was truncated. */
export const offsetForLeaderEpoch = defineApi({
  key: 23,
  versions: [2, 4],
  flexibleSince: 4,
  request: {
    replicaId: int32("3+", -2),
    topics: array({
      topic: string(),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32("2+", -1),
        leaderEpoch: int32(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32("2+"),
    topics: array({
      topic: string(),
      partitions: array({
        errorCode: int16(),
        partition: int32(),
        leaderEpoch: int32("1+", -1),
        endOffset: int64("0+", -1),
      }),
    }),
  },
});
