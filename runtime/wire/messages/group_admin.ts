import {
  array,
  arrayOf,
  bool,
  bytes,
  defineApi,
  int16,
  int32,
  nullable,
  string,
} from "../codec/field.ts";
import { NO_OPERATIONS } from "./metadata.ts";

export const listGroups = defineApi({
  key: 16,
  versions: [0, 4],
  flexibleSince: 3,
  request: {
    /** Empty: all states. */
    statesFilter: arrayOf(string(), "4+"),
  },
  response: {
    throttleTimeMs: int32("1+"),
    errorCode: int16(),
    groups: array({ groupId: string(), protocolType: string(), groupState: string("4+") }),
  },
});

export const describeGroups = defineApi({
  key: 15,
  versions: [0, 5],
  flexibleSince: 5,
  request: { groups: arrayOf(string()), includeAuthorizedOperations: bool("3+") },
  response: {
    throttleTimeMs: int32("1+"),
    groups: array({
      errorCode: int16(),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: nullable("4+", string("4+")),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32("3+", NO_OPERATIONS),
    }),
  },
});

export const deleteGroups = defineApi({
  key: 42,
  versions: [0, 2],
  flexibleSince: 2,
  request: { groupsNames: arrayOf(string()) },
  response: {
    throttleTimeMs: int32(),
    results: array({ groupId: string(), errorCode: int16() }),
  },
});
