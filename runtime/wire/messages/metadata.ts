import {
  array,
  arrayOf,
  bool,
  defineApi,
  int16,
  int32,
  nullable,
  string,
  uuid,
} from "../codec/field.ts";

/** A set of allowed operations that was not asked for. */
export const NO_OPERATIONS = -2147483648;

/** Brokers, topics, partitions and their leaders. */
export const metadata = defineApi({
  key: 3,
  versions: [0, 12],
  flexibleSince: 9,
  request: {
    /** null, or in version 0 an empty list: all topics. */
    topics: nullable("1+", array({ topicId: uuid("10+"), name: nullable("10+", string()) })),
    allowAutoTopicCreation: bool("4+", true),
    includeClusterAuthorizedOperations: bool("8-10"),
    includeTopicAuthorizedOperations: bool("8+"),
  },
  response: {
    throttleTimeMs: int32("3+"),
    brokers: array({
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: nullable("1+", string("1+")),
    }),
    clusterId: nullable("2+", string("2+")),
    controllerId: int32("1+", -1),
    topics: array({
      errorCode: int16(),
      name: nullable("12+", string()),
      topicId: uuid("10+"),
      isInternal: bool("1+"),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32("7+", -1),
        replicaNodes: arrayOf(int32()),
        isrNodes: arrayOf(int32()),
        offlineReplicas: arrayOf(int32(), "5+"),
      }),
      topicAuthorizedOperations: int32("8+", NO_OPERATIONS),
    }),
    clusterAuthorizedOperations: int32("8-10", NO_OPERATIONS),
  },
});
