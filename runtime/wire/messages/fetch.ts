import {
  array,
  arrayOf,
  bytes,
  defineApi,
  int8,
  int16,
  int32,
  int64,
  NO_BYTES,
  nullable,
  string,
  struct,
  tagged,
} from "../codec/field.ts";

/** Reads record batches. From version 13 on topics are named by id: not spoken. */
export const fetch = defineApi({
  key: 1,
  versions: [4, 12],
  flexibleSince: 12,
  request: {
    clusterId: tagged(0, nullable("12+", string("12+"))),
    replicaId: int32("0+", -1),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32("3+", 0x7fffffff),
    /** 0: read uncommitted, 1: read committed. */
    isolationLevel: int8("4+"),
    sessionId: int32("7+"),
    sessionEpoch: int32("7+", -1),
    topics: array({
      topic: string(),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32("9+", -1),
        fetchOffset: int64(),
        lastFetchedEpoch: int32("12+", -1),
        logStartOffset: int64("5+", -1),
        partitionMaxBytes: int32(),
      }),
    }),
    forgottenTopicsData: array({ topic: string(), partitions: arrayOf(int32()) }, "7+"),
    rackId: string("11+"),
  },
  response: {
    throttleTimeMs: int32("1+"),
    errorCode: int16("7+"),
    sessionId: int32("7+"),
    responses: array({
      topic: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64("4+", -1),
        logStartOffset: int64("5+", -1),
        divergingEpoch: tagged(
          0,
          struct({ epoch: int32("0+", -1), endOffset: int64("0+", -1) }, "12+"),
        ),
        currentLeader: tagged(
          1,
          struct({ leaderId: int32("0+", -1), leaderEpoch: int32("0+", -1) }, "12+"),
        ),
        snapshotId: tagged(
          2,
          struct({ endOffset: int64("0+", -1), epoch: int32("0+", -1) }, "12+"),
        ),
        /** Null under read uncommitted. */
        abortedTransactions: nullable(
          "4+",
          array({ producerId: int64(), firstOffset: int64() }, "4+"),
        ),
        preferredReadReplica: int32("11+", -1),
        /** Not null when left out: librdkafka takes null for an error. */
        records: nullable("0+", bytes(), NO_BYTES),
      }),
    }),
  },
});
