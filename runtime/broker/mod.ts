/**
 * The embedded broker: one Kafka node in this process, in memory, on TCP. For development and tests,
 * never production; what it leaves out is in `README.md`.
 *
 * Where things are: `broker.ts` the server, `socket_connection.ts` one socket, `cluster.ts` the state
 * machine and its dispatcher, `handlers/` one file per API, `log/` a partition's records, `groups/`
 * consumer groups.
 *
 * @module
 */

export { type Broker, type BrokerStats, createBroker } from "./broker.ts";
export { Cluster, type ClusterCounters } from "./cluster.ts";
export { type ClientConnection, ConnectionEnd } from "./connection.ts";
export type { Intercept, InterceptedRequest, Intervention } from "./intercept.ts";
export {
  type BrokerOptions,
  CLUSTER_DEFAULTS,
  type ClusterOptions,
  SERVER_DEFAULTS,
} from "./options.ts";
