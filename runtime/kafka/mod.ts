/**
 * Kafka as a client: the engine's `Log`, readers and writers without a group, and what the command
 * line needs of the cluster.
 *
 * kafkajs owns connections, TLS and SASL; records, metadata, groups and sequences are ours, on its
 * connections (`connection.ts` says why and how).
 *
 * @module
 */

export { createKafkaAdmin, type KafkaAdmin } from "./admin.ts";
export {
  type ClusterNode,
  createKafkaInspector,
  type GroupDetails,
  type KafkaInspector,
  type Operation,
  type TopicDetails,
} from "./inspector.ts";
export { createKafkaLog, type KafkaLog } from "./log.ts";
export {
  accessOf,
  type ClusterAccess,
  type ConnectionSettings,
  type FetchSettings,
  type GroupSettings,
  KAFKA_DEFAULTS,
  type KafkaEvent,
  type KafkaSettings,
  type ProduceSettings,
} from "./options.ts";
export { systemClock } from "./system_clock.ts";
export {
  createTopicReader,
  type ReadEntry,
  type ReaderStatus,
  type ReadFrom,
  type TopicReader,
  type TopicReaderSettings,
} from "./topic_reader.ts";
export { createTopicWriter, type TopicWriter } from "./topic_writer.ts";
