import {
  array,
  arrayOf,
  bool,
  defineApi,
  int16,
  int32,
  int64,
  nullable,
  string,
} from "../codec/field.ts";

/** A producer id and epoch; with a transactional id it fences the producer that had it before. */
export const initProducerId = defineApi({
  key: 22,
  versions: [0, 4],
  flexibleSince: 2,
  request: {
    transactionalId: nullable("0+", string()),
    transactionTimeoutMs: int32(),
    producerId: int64("3+", -1),
    producerEpoch: int16("3+", -1),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    producerId: int64("0+", -1),
    producerEpoch: int16(),
  },
});

/** Under the names of Kafka before 3.5: later ones put `v3AndBelow` in front of each. */
export const addPartitionsToTxn = defineApi({
  key: 24,
  versions: [0, 3],
  flexibleSince: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    topics: array({ name: string(), partitions: arrayOf(int32()) }),
  },
  response: {
    throttleTimeMs: int32(),
    results: array({
      name: string(),
      results: array({ partitionIndex: int32(), errorCode: int16() }),
    }),
  },
});

export const addOffsetsToTxn = defineApi({
  key: 25,
  versions: [0, 3],
  flexibleSince: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
  response: { throttleTimeMs: int32(), errorCode: int16() },
});

export const endTxn = defineApi({
  key: 26,
  versions: [0, 3],
  flexibleSince: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
  response: { throttleTimeMs: int32(), errorCode: int16() },
});

/** From version 3 on with the member's generation, by which zombies are fenced (KIP-447). */
export const txnOffsetCommit = defineApi({
  key: 28,
  versions: [0, 3],
  flexibleSince: 3,
  request: {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32("3+", -1),
    memberId: string("3+"),
    groupInstanceId: nullable("3+", string("3+")),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32("2+", -1),
        committedMetadata: nullable("0+", string()),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32(),
    topics: array({
      name: string(),
      partitions: array({ partitionIndex: int32(), errorCode: int16() }),
    }),
  },
});
