import {
  array,
  arrayOf,
  bool,
  defineApi,
  int8,
  int16,
  int32,
  int64,
  nullable,
  string,
  tagged,
  uuid,
} from "../codec/field.ts";

export const createTopics = defineApi({
  key: 19,
  versions: [0, 7],
  flexibleSince: 5,
  request: {
    topics: array({
      name: string(),
      /** -1 (from version 4 on): the broker's default. */
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({ partitionIndex: int32(), brokerIds: arrayOf(int32()) }),
      configs: array({ name: string(), value: nullable("0+", string()) }),
    }),
    timeoutMs: int32("0+", 60_000),
    validateOnly: bool("1+"),
  },
  response: {
    throttleTimeMs: int32("2+"),
    topics: array({
      name: string(),
      topicId: uuid("7+"),
      errorCode: int16(),
      errorMessage: nullable("1+", string("1+")),
      topicConfigErrorCode: tagged(0, int16("5+")),
      numPartitions: int32("5+", -1),
      replicationFactor: int16("5+", -1),
      configs: nullable(
        "5+",
        array(
          {
            name: string(),
            value: nullable("0+", string()),
            readOnly: bool(),
            configSource: int8("0+", -1),
            isSensitive: bool(),
          },
          "5+",
        ),
      ),
    }),
  },
});

export const deleteTopics = defineApi({
  key: 20,
  versions: [0, 6],
  flexibleSince: 4,
  request: {
    topics: array({ name: nullable("6+", string()), topicId: uuid() }, "6+"),
    topicNames: arrayOf(string(), "0-5"),
    timeoutMs: int32(),
  },
  response: {
    throttleTimeMs: int32("1+"),
    responses: array({
      name: nullable("6+", string()),
      topicId: uuid("6+"),
      errorCode: int16(),
      errorMessage: nullable("5+", string("5+")),
    }),
  },
});

export const createPartitions = defineApi({
  key: 37,
  versions: [0, 3],
  flexibleSince: 2,
  request: {
    topics: array({
      name: string(),
      /** The new total. */
      count: int32(),
      assignments: nullable("0+", array({ brokerIds: arrayOf(int32()) })),
    }),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
  response: {
    throttleTimeMs: int32(),
    results: array({
      name: string(),
      errorCode: int16(),
      errorMessage: nullable("0+", string()),
    }),
  },
});

export const deleteRecords = defineApi({
  key: 21,
  versions: [0, 2],
  flexibleSince: 2,
  request: {
    topics: array({
      name: string(),
      /** Deletes what lies before the offset; -1: everything. */
      partitions: array({ partitionIndex: int32(), offset: int64() }),
    }),
    timeoutMs: int32(),
  },
  response: {
    throttleTimeMs: int32(),
    topics: array({
      name: string(),
      partitions: array({ partitionIndex: int32(), lowWatermark: int64(), errorCode: int16() }),
    }),
  },
});
