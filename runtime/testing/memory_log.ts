/**
 * The `Log` port in memory, for the test driver, `replay` and tests of the engine.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import type {
  Appended,
  AssignmentListener,
  Clock,
  CommittedOffset,
  Fetched,
  Log,
  Subscription,
  TopicPartition,
  TopicSpec,
} from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import type { MemoryCluster, MemoryGroup } from "./memory_cluster.ts";

export interface MemoryLogOptions {
  readonly cluster: MemoryCluster;
  readonly clock: Clock;
  /** Batches of one partition in one fetch, at most. @default 64 */
  readonly fetchBatches?: number;
  /** What is appended becomes visible with the commit behind it, or never. @default false */
  readonly atomicCommits?: boolean;
  /** @default every partition, in the order of the assignment */
  readonly schedule?: Schedule;
}

/**
 * Which of the assigned partitions a poll reads, in which order, and at most how many batches of each.
 * What is left out stays where it is, as if its fetch were still under way.
 */
export type Schedule = (
  assigned: readonly TopicPartition[],
) => readonly { readonly partition: TopicPartition; readonly maxBatches: number }[];

const DEFAULT_FETCH_BATCHES = 64;

export class MemoryLog implements Log {
  readonly atomicCommits: boolean;
  /** Fetches that have brought something. */
  reads = 0;
  readonly #cluster: MemoryCluster;
  readonly #clock: Clock;
  readonly #fetchBatches: number;
  readonly #schedule: Schedule | undefined;
  /** Appended since the last commit, where commits are atomic. */
  #uncommitted: Appended[] = [];
  #positions = new Map<string, TopicPartition & { offset: number }>();
  #group: MemoryGroup | undefined;
  #listener: AssignmentListener | undefined;
  #subscription: Subscription | undefined;
  #id = 0;
  #generation = 0;
  #assignedGeneration = 0;

  constructor({ cluster, clock, fetchBatches, atomicCommits, schedule }: MemoryLogOptions) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.atomicCommits = atomicCommits ?? false;
    this.#schedule = schedule;
    this.#fetchBatches = fetchBatches ?? DEFAULT_FETCH_BATCHES;
  }

  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const count = this.#cluster.partitionCount(topic);
      if (count > 0) counts.set(topic, count);
    }
    return counts;
  }

  async topicId(topic: string): Promise<string | undefined> {
    return this.#cluster.topicId(topic);
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    for (const spec of specs) this.#cluster.createTopic(spec);
  }

  async join(subscription: Subscription, listener: AssignmentListener): Promise<void> {
    const group = this.#cluster.group(subscription.group);
    this.#group = group;
    this.#listener = listener;
    this.#subscription = subscription;
    this.#enter(group);
    while (this.#assignedGeneration === 0) {
      await this.#rebalance();
      if (this.#assignedGeneration === 0) await setImmediate();
    }
  }

  async leave(): Promise<void> {
    const group = this.#group;
    if (group === undefined) return;
    if (this.#owns(group)) await this.#listener?.revoked();
    this.abandon();
  }

  /** Dies without a word: nothing is committed, and the group goes on without this member. */
  abandon(): void {
    this.#group?.remove(this.#id);
    this.#group = undefined;
    this.#listener = undefined;
    this.#positions = new Map();
    this.#uncommitted = [];
    this.#cluster.notify();
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    const offsets = this.#requireGroup().offsets;
    return partitions.flatMap((partition) => offsets.get(nameOf(partition)) ?? []);
  }

  async startOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    return partitions.map((partition) => this.#cluster.partition(partition).startOffset);
  }

  async endOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    return partitions.map((partition) => this.#cluster.partition(partition).endOffset);
  }

  fetchFrom(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    this.#positions = new Map(positions.map((position) => [nameOf(position), { ...position }]));
  }

  async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    await this.#rebalance();
    const fetched = this.#fetch();
    if (fetched.some(({ bytes }) => bytes.length > 0) || maxWaitMs <= 0) return fetched;
    await Promise.race([this.#cluster.changed(), this.#clock.sleep(maxWaitMs)]);
    return this.#fetch();
  }

  async *read(partition: TopicPartition, from: number, to: number): AsyncIterable<Fetched> {
    const log = this.#cluster.partition(partition);
    for (let offset = from; offset < to; ) {
      const found = log.read(offset, this.#fetchBatches);
      if (found === undefined) return;
      yield { ...partition, bytes: found.bytes, ...this.#watermarks(partition) };
      offset = found.nextOffset;
    }
  }

  async confirm(): Promise<void> {
    const group = this.#requireGroup();
    if (!group.members.has(this.#id)) throw fenced();
  }

  async append(appended: readonly Appended[]): Promise<void> {
    if (!this.atomicCommits) return this.#publish(appended);
    for (const { batches, ...partition } of appended) {
      this.#uncommitted.push({ ...partition, batches: batches.map((batch) => batch.slice()) });
    }
  }

  #publish(appended: readonly Appended[]): void {
    if (appended.length === 0) return;
    for (const { batches, ...partition } of appended) {
      for (const batch of batches) this.#cluster.partition(partition).append(batch);
    }
    this.#cluster.notify();
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    const group = this.#requireGroup();
    // As brokers do: the old generation may commit until its members have given up what they own.
    if (!group.members.has(this.#id) || this.#generation < group.generation - 1) throw fenced();
    this.#publish(this.#uncommitted.splice(0));
    for (const offset of offsets) group.offsets.set(nameOf(offset), offset);
  }

  async purge(before: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    for (const { offset, ...partition } of before) {
      this.#cluster.partition(partition).deleteBefore(offset);
    }
  }

  #fetch(): Fetched[] {
    const fetched: Fetched[] = [];
    const assigned = [...this.#positions.values()];
    const turns =
      this.#schedule?.(assigned) ??
      assigned.map((partition) => ({ partition, maxBatches: this.#fetchBatches }));
    for (const { partition: chosen, maxBatches } of turns) {
      const position = this.#positions.get(nameOf(chosen))!;
      const { topic, partition, offset } = position;
      const { startOffset, endOffset } = this.#cluster.partition(position);
      if (offset < startOffset || offset > endOffset) {
        throw new MillraceError(
          "OFFSET_OUT_OF_RANGE",
          `Cannot read ${topic}/${partition} from ${offset}: it holds ${startOffset} to ${endOffset}`,
          { where: { topic, partition, offset } },
        );
      }
      const found = this.#cluster.partition(position).read(position.offset, maxBatches);
      if (found !== undefined) {
        position.offset = found.nextOffset;
        this.reads++;
      }
      const bytes = found?.bytes ?? new Uint8Array(0);
      fetched.push({ topic, partition, bytes, ...this.#watermarks(position) });
    }
    return fetched;
  }

  #watermarks(partition: TopicPartition) {
    const end = this.#cluster.partition(partition).endOffset;
    return { highWatermark: end, lastStableOffset: end, asOfMs: this.#clock.now() };
  }

  #enter(group: MemoryGroup): void {
    this.#id = this.#cluster.nextMemberId();
    group.join({ id: this.#id, subscription: this.#subscription! });
    this.#generation = group.generation;
    group.ready(this.#id);
  }

  #owns(group: MemoryGroup): boolean {
    return this.#assignedGeneration > 0 && group.members.has(this.#id);
  }

  async #rebalance(): Promise<void> {
    const group = this.#group;
    const listener = this.#listener;
    if (group === undefined || listener === undefined) return;
    if (!group.members.has(this.#id)) {
      this.#assignedGeneration = 0;
      this.#positions = new Map();
      this.#uncommitted = [];
      await listener.lost();
      this.#enter(group);
    }
    if (this.#generation < group.generation) {
      if (this.#assignedGeneration > 0) await listener.revoked();
      this.#positions = new Map();
      this.#generation = group.generation;
      group.ready(this.#id);
    }
    if (this.#assignedGeneration < group.generation && group.complete) {
      this.#assignedGeneration = group.generation;
      const mine = group.assignment(this.#id, (topic) => this.#cluster.partitionCount(topic));
      await listener.assigned(mine);
    }
  }

  #requireGroup(): MemoryGroup {
    if (this.#group === undefined) throw fenced();
    return this.#group;
  }
}

function fenced(): MillraceError {
  return new MillraceError("FENCED", "Cannot go on: this member is no longer in the group");
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
