/** What the command line needs of a cluster: is it there, create, delete. */

import type { CommittedOffset, Fetched, TopicPartition, TopicSpec } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { ClusterClient } from "./cluster.ts";
import { Coordinator } from "./coordinator.ts";
import { EARLIEST, fetchCommitted, LATEST, listOffsets } from "./offsets.ts";
import { type ConnectionSettings, resolveOptions } from "./options.ts";
import { readRange } from "./range_reader.ts";
import { retry } from "./retry.ts";
import { countPartitions, createTopics, deleteGroup, deleteTopics } from "./topics.ts";

export interface KafkaAdmin {
  /**
   * Resolves as soon as a broker answers.
   *
   * @returns the cluster's id
   * @throws {MillraceError} BROKER_UNREACHABLE after `timeoutMs`, naming the addresses tried;
   * BROKER_REFUSED at once when the login fails; the signal's reason when aborted
   */
  waitForBroker(timeoutMs: number, signal?: AbortSignal): Promise<string | undefined>;
  /** Partition count per topic; a topic that does not exist is absent. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  startOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]>;
  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]>;
  /** Committed offsets of any group, without being a member; a partition without one is absent. */
  committed(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly CommittedOffset[]>;
  /** Reads one partition from `from` up to `to` (exclusive), as `Log.read`. */
  read(partition: TopicPartition, from: number, to: number): AsyncIterable<Fetched>;
  /** Creates what does not exist and waits for leaders. @throws {MillraceError} BROKER_REFUSED */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Absent topics are fine. Resolves when they are gone. */
  deleteTopics(names: readonly string[]): Promise<void>;
  /** With its offsets; an absent one is fine. @throws {MillraceError} BROKER_REFUSED: it has members */
  deleteGroup(group: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws {MillraceError} INVALID_OPTION */
export function createKafkaAdmin(settings: ConnectionSettings): KafkaAdmin {
  const options = resolveOptions(settings);
  const cluster = new ClusterClient(options);
  return {
    async waitForBroker(timeoutMs, signal) {
      const both =
        signal === undefined ? cluster.signal : AbortSignal.any([signal, cluster.signal]);
      try {
        await retry({ clock: options.clock, timeoutMs, signal: both }, () => cluster.refresh());
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== "BROKER_UNREACHABLE") throw error;
        throw new MillraceError(
          "BROKER_UNREACHABLE",
          `Cannot reach Kafka at ${options.brokers.join(", ")} within ${timeoutMs} ms: ${rootOf(error)}`,
          { cause: error },
        );
      }
      return cluster.clusterId;
    },
    partitionCounts: (topics) => countPartitions(cluster, topics),
    startOffsets: (partitions) => listOffsets(cluster, partitions, EARLIEST),
    endOffsets: (partitions) => listOffsets(cluster, partitions, LATEST),
    committed: (group, partitions) =>
      fetchCommitted(cluster, new Coordinator(cluster, group), group, partitions),
    read: (partition, from, to) => readRange(cluster, partition, from, to),
    createTopics: (specs) => createTopics(cluster, specs),
    deleteTopics: (names) => deleteTopics(cluster, names),
    deleteGroup: (group) => deleteGroup(cluster, group),
    close: () => cluster.close(),
  };
}

/** What it comes down to: refused, not found, a certificate that is not trusted. */
function rootOf(error: Error): string {
  let root = error;
  while (root.cause instanceof Error) root = root.cause;
  return root.message;
}
