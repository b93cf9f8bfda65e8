import {
  array,
  arrayOf,
  bool,
  bytes,
  defineApi,
  int8,
  int16,
  int32,
  nullable,
  string,
} from "../codec/field.ts";

/** Which broker looks after a group or a transactional id. */
export const findCoordinator = defineApi({
  key: 10,
  versions: [0, 4],
  flexibleSince: 3,
  request: {
    key: string("0-3"),
    /** 0: group, 1: transactional id. */
    keyType: int8("1+"),
    coordinatorKeys: arrayOf(string(), "4+"),
  },
  response: {
    throttleTimeMs: int32("1+"),
    errorCode: int16("0-3"),
    errorMessage: nullable("1+", string("1-3")),
    nodeId: int32("0-3"),
    host: string("0-3"),
    port: int32("0-3"),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: nullable("4+", string()),
      },
      "4+",
    ),
  },
});

export const joinGroup = defineApi({
  key: 11,
  versions: [0, 9],
  flexibleSince: 6,
  request: {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32("1+", -1),
    memberId: string(),
    groupInstanceId: nullable("5+", string("5+")),
    protocolType: string(),
    protocols: array({ name: string(), metadata: bytes() }),
    reason: nullable("8+", string("8+")),
  },
  response: {
    throttleTimeMs: int32("2+"),
    errorCode: int16(),
    generationId: int32("0+", -1),
    protocolType: nullable("7+", string("7+")),
    protocolName: nullable("7+", string()),
    leader: string(),
    skipAssignment: bool("9+"),
    memberId: string(),
    members: array({
      memberId: string(),
      groupInstanceId: nullable("5+", string("5+")),
      metadata: bytes(),
    }),
  },
});

export const syncGroup = defineApi({
  key: 14,
  versions: [0, 5],
  flexibleSince: 4,
  request: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: nullable("3+", string("3+")),
    protocolType: nullable("5+", string("5+")),
    protocolName: nullable("5+", string("5+")),
    assignments: array({ memberId: string(), assignment: bytes() }),
  },
  response: {
    throttleTimeMs: int32("1+"),
    errorCode: int16(),
    protocolType: nullable("5+", string("5+")),
    protocolName: nullable("5+", string("5+")),
    assignment: bytes(),
  },
});

export const heartbeat = defineApi({
  key: 12,
  versions: [0, 4],
  flexibleSince: 4,
  request: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: nullable("3+", string("3+")),
  },
  response: { throttleTimeMs: int32("1+"), errorCode: int16() },
});

export const leaveGroup = defineApi({
  key: 13,
  versions: [0, 5],
  flexibleSince: 4,
  request: {
    groupId: string(),
    memberId: string("0-2"),
    members: array(
      {
        memberId: string(),
        groupInstanceId: nullable("3+", string()),
        reason: nullable("5+", string("5+")),
      },
      "3+",
    ),
  },
  response: {
    throttleTimeMs: int32("1+"),
    errorCode: int16(),
    members: array(
      {
        memberId: string(),
        groupInstanceId: nullable("3+", string()),
        errorCode: int16(),
      },
      "3+",
    ),
  },
});
