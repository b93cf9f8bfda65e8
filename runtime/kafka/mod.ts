/**
 * Kafka as a client: the engine's `Log`, readers and writers without a group, and what the command
 * line needs of the cluster.
 *
 * kafkajs owns connections, TLS, SASL; records, metadata, groups and produced sequences are ours, on
 * its connections (`connection.ts` says why and how).
 *
 * @module
 */

export { createKafkaLog, type KafkaLog } from "./log.ts";
export {
  type ConnectionSettings,
  type FetchSettings,
  type GroupSettings,
  KAFKA_DEFAULTS,
  type KafkaEvent,
  type KafkaSettings,
  type ProduceSettings,
} from "./options.ts";
