import {
  array,
  bytes,
  defineApi,
  int16,
  int32,
  int64,
  nullable,
  string,
  struct,
  tagged,
} from "../codec/field.ts";

/** Appends record batches. Versions 0 to 2 carry older record formats and are not spoken. */
export const produce = defineApi({
  key: 0,
  versions: [3, 11],
  flexibleSince: 9,
  request: {
    transactionalId: nullable("3+", string("3+")),
    /** 0: no answer is sent; 1: the leader has it; -1: all in-sync replicas have it. */
    acks: int16(),
    timeoutMs: int32(),
    topicData: array({
      name: string(),
      partitionData: array({ index: int32(), records: nullable("0+", bytes()) }),
    }),
  },
  response: {
    responses: array({
      name: string(),
      partitionResponses: array({
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        logAppendTimeMs: int64("2+", -1),
        logStartOffset: int64("5+", -1),
        recordErrors: array(
          { batchIndex: int32(), batchIndexErrorMessage: nullable("8+", string()) },
          "8+",
        ),
        errorMessage: nullable("8+", string("8+")),
        currentLeader: tagged(
          0,
          struct({ leaderId: int32("0+", -1), leaderEpoch: int32("0+", -1) }, "10+"),
        ),
      }),
    }),
    throttleTimeMs: int32("1+"),
    nodeEndpoints: tagged(
      0,
      array(
        { nodeId: int32(), host: string(), port: int32(), rack: nullable("0+", string()) },
        "10+",
      ),
    ),
  },
});
