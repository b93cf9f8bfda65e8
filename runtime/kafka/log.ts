/** The engine's `Log` on Kafka, at least once: appends and commits are two things. */

import type {
  Appended,
  AssignmentListener,
  CommittedOffset,
  Fetched,
  Log,
  Subscription,
  TopicPartition,
  TopicSpec,
} from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { ClusterClient } from "./cluster.ts";
import { Fetcher } from "./fetcher.ts";
import { Membership } from "./membership.ts";
import {
  commitOffsets,
  deleteRecords,
  EARLIEST,
  fetchCommitted,
  LATEST,
  listOffsets,
} from "./offsets.ts";
import { type KafkaSettings, resolveOptions } from "./options.ts";
import { Producer } from "./producer.ts";
import { readRange } from "./range_reader.ts";
import { countPartitions, createTopics } from "./topics.ts";

/** To be closed after `leave`, or instead of it: then it looks to the group like a crash. */
export type KafkaLog = Log & { close(): Promise<void> };

/**
 * Nothing is sent before the first call. Records are read committed: what aborted transactions left
 * behind comes as batches without records, and `lastStableOffset` is where reading ends.
 *
 * @throws {MillraceError} INVALID_OPTION
 */
export function createKafkaLog(settings: KafkaSettings): KafkaLog {
  return new AtLeastOnceLog(new ClusterClient(resolveOptions(settings)));
}

class AtLeastOnceLog implements KafkaLog {
  readonly atomicCommits = false;
  readonly #cluster: ClusterClient;
  readonly #fetcher: Fetcher;
  readonly #producer: Producer;
  #member: { readonly group: string; readonly membership: Membership } | undefined;

  constructor(cluster: ClusterClient) {
    this.#cluster = cluster;
    this.#fetcher = new Fetcher(cluster);
    this.#producer = new Producer(cluster);
  }

  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return countPartitions(this.#cluster, topics);
  }

  async topicId(topic: string): Promise<string | undefined> {
    await this.#cluster.withRetry(() => this.#cluster.refresh([topic]));
    return this.#cluster.topic(topic)?.topicId;
  }

  createTopics(specs: readonly TopicSpec[]): Promise<void> {
    return createTopics(this.#cluster, specs);
  }

  async join(subscription: Subscription, listener: AssignmentListener): Promise<void> {
    if (this.#member !== undefined) {
      throw new MillraceError("INVARIANT", `Cannot join ${subscription.group}: joined already`);
    }
    const fetcher = this.#fetcher;
    // The engine may drop or keep positions in its callbacks; what it does not own is not fetched.
    const stopping: AssignmentListener = {
      assigned: (partitions) => listener.assigned(partitions),
      async revoked() {
        await listener.revoked();
        fetcher.fetchFrom([]);
      },
      async lost() {
        fetcher.fetchFrom([]);
        await listener.lost();
      },
    };
    const membership = new Membership(this.#cluster, subscription, stopping, () => fetcher.wake());
    this.#member = { group: subscription.group, membership };
    await membership.rebalance();
  }

  async leave(): Promise<void> {
    this.#fetcher.wake();
    try {
      // Still a member meanwhile: `revoked` commits.
      await this.#member?.membership.leave();
    } finally {
      this.#member = undefined;
      this.#fetcher.fetchFrom([]);
    }
  }

  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    const { group, membership } = this.#joined();
    return fetchCommitted(this.#cluster, membership.coordinator, group, partitions);
  }

  startOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    return listOffsets(this.#cluster, partitions, EARLIEST);
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    return listOffsets(this.#cluster, partitions, LATEST);
  }

  fetchFrom(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    this.#fetcher.fetchFrom(positions);
  }

  async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    const { clock } = this.#cluster.options;
    const deadline = clock.monotonic() + maxWaitMs;
    const membership = this.#member?.membership;
    for (;;) {
      this.#cluster.signal.throwIfAborted();
      await membership?.rebalance();
      const fetched = await this.#fetcher.poll(Math.max(0, deadline - clock.monotonic()));
      if (membership?.needsRebalance !== true || fetched.length > 0) return fetched;
    }
  }

  read(partition: TopicPartition, from: number, to: number): AsyncIterable<Fetched> {
    return readRange(this.#cluster, partition, from, to);
  }

  confirm(): Promise<void> {
    return this.#joined().membership.confirm();
  }

  append(appended: readonly Appended[]): Promise<void> {
    return this.#producer.append(appended);
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    const { group, membership } = this.#joined();
    membership.requireOwnership();
    const { generation, memberId, coordinator } = membership;
    try {
      await commitOffsets(this.#cluster, coordinator, { group, generation, memberId }, offsets);
    } catch (error) {
      if (error instanceof MillraceError && error.code === "FENCED") membership.fence();
      throw error;
    }
  }

  purge(before: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    return deleteRecords(this.#cluster, before);
  }

  async close(): Promise<void> {
    this.#member?.membership.close();
    this.#fetcher.close();
    await this.#cluster.close();
  }

  #joined(): { readonly group: string; readonly membership: Membership } {
    if (this.#member !== undefined) return this.#member;
    throw new MillraceError("INVARIANT", "Cannot act for a group: not joined");
  }
}
