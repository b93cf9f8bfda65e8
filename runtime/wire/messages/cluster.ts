import { array, bool, defineApi, int16, int32, nullable, string } from "../codec/field.ts";
import { NO_OPERATIONS } from "./metadata.ts";

export const describeCluster = defineApi({
  key: 60,
  versions: [0, 0],
  flexibleSince: 0,
  request: { includeClusterAuthorizedOperations: bool() },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: nullable("0+", string()),
    clusterId: string(),
    controllerId: int32("0+", -1),
    brokers: array({
      brokerId: int32(),
      host: string(),
      port: int32(),
      rack: nullable("0+", string()),
    }),
    clusterAuthorizedOperations: int32("0+", NO_OPERATIONS),
  },
});
