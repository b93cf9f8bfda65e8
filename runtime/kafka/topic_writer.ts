/** Appends to topics without an engine: for the feeder and tests. */

import type { Appended } from "../engine/mod.ts";
import { ClusterClient } from "./cluster.ts";
import { type ConnectionSettings, type ProduceSettings, resolveOptions } from "./options.ts";
import { Producer } from "./producer.ts";
import { countPartitions } from "./topics.ts";

export interface TopicWriter {
  /** Partition count per topic; a topic that does not exist is absent. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * As `Log.append`. Calls may overlap; the batches of a partition stay in the order of the calls.
   * Batches are stamped in place and must not be changed or appended twice.
   */
  append(appended: readonly Appended[]): Promise<void>;
  /** What is not acknowledged by now fails. */
  close(): Promise<void>;
}

/** @throws {MillraceError} INVALID_OPTION */
export function createTopicWriter(settings: ConnectionSettings & ProduceSettings): TopicWriter {
  const cluster = new ClusterClient(resolveOptions(settings));
  const producer = new Producer(cluster);
  return {
    partitionCounts: (topics) => countPartitions(cluster, topics),
    append: (appended) => producer.append(appended),
    close: () => cluster.close(),
  };
}
