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

/** Versions 0 and 1 kept offsets outside the group, or took a time per offset: not spoken. */
export const offsetCommit = defineApi({
  key: 8,
  versions: [2, 9],
  flexibleSince: 8,
  request: {
    groupId: string(),
    generationIdOrMemberEpoch: int32("1+", -1),
    memberId: string("1+"),
    groupInstanceId: nullable("7+", string("7+")),
    retentionTimeMs: int64("2-4", -1),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32("6+", -1),
        committedMetadata: nullable("0+", string()),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32("3+"),
    topics: array({
      name: string(),
      partitions: array({ partitionIndex: int32(), errorCode: int16() }),
    }),
  },
});

/** From version 8 on several groups at once: `groups` takes the place of the fields beside it. */
export const offsetFetch = defineApi({
  key: 9,
  versions: [1, 8],
  flexibleSince: 6,
  request: {
    groupId: string("0-7"),
    /** null: all of the group's topics. */
    topics: nullable("2+", array({ name: string(), partitionIndexes: arrayOf(int32()) }, "0-7")),
    groups: array(
      {
        groupId: string(),
        topics: nullable("8+", array({ name: string(), partitionIndexes: arrayOf(int32()) })),
      },
      "8+",
    ),
    requireStable: bool("7+"),
  },
  response: {
    throttleTimeMs: int32("3+"),
    topics: array(
      {
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          committedOffset: int64(),
          committedLeaderEpoch: int32("5+", -1),
          metadata: nullable("0+", string()),
          errorCode: int16(),
        }),
      },
      "0-7",
    ),
    errorCode: int16("2-7"),
    groups: array(
      {
        groupId: string(),
        topics: array({
          name: string(),
          partitions: array({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32("0+", -1),
            metadata: nullable("0+", string()),
            errorCode: int16(),
          }),
        }),
        errorCode: int16(),
      },
      "8+",
    ),
  },
});
