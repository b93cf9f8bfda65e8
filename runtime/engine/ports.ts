/**
 * The ports of the engine: everything it needs from the outside, on one page. Each has one contract
 * test that runs on every implementation.
 *
 * @module
 */

import type { AvroType } from "../../topology/language/mod.ts";
import type { SnapshotBytes } from "../state/mod.ts";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** One partition's part of a fetch. */
export interface Fetched extends TopicPartition {
  /**
   * Zero or more whole v2 record batches, byte for byte as they stand in the log (a cut last batch is
   * already trimmed). Owned by the reader until the next `poll`. The first batch may begin before the
   * position asked for: the reader skips records below it.
   */
  readonly bytes: Uint8Array;
  /** Offset after the last record in the log. */
  readonly highWatermark: number;
  /** Offset after the last record that readers of committed data may see. */
  readonly lastStableOffset: number;
  /** Reader's wall clock when it asked, Unix epoch ms: the log looked like this then or later. */
  readonly asOfMs: number;
}

export interface CommittedOffset extends TopicPartition {
  /** Offset of the next record to read. */
  readonly offset: number;
  /** At most 4,096 bytes; ours stay under 200. */
  readonly metadata: string;
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly replication?: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** One or more whole v2 record batches for one partition, made by `wire`'s BatchBuilder. */
export interface Appended extends TopicPartition {
  readonly batches: readonly Uint8Array[];
}

/**
 * Who gets what. Partition i of every topic in a group of `coPartitioned` goes to the same member.
 */
export interface Subscription {
  readonly group: string;
  readonly coPartitioned: readonly (readonly string[])[];
}

/** Both calls are awaited before the member goes on with the rebalance. */
export interface AssignmentListener {
  /** All partitions this member now owns (the whole assignment, not the difference). */
  assigned(partitions: readonly TopicPartition[]): Promise<void>;
  /** The member is about to give up everything it owns: finish, commit. Not called when `lost`. */
  revoked(): Promise<void>;
  /** The member was fenced: what it owned is someone else's already. Drop it, commit nothing. */
  lost(): Promise<void>;
}

/**
 * Kafka as the engine sees it. Errors are `MillraceError`s; a transient one means that waiting and
 * calling again may help, a `fenced` one that the assignment is gone.
 */
export interface Log {
  /** True when `commit` and everything appended since the last one become visible together. */
  readonly atomicCommits: boolean;

  /** Partition count per topic; a topic that does not exist is absent. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Another one when a topic was deleted and made again; undefined where the broker is too old to say. */
  topicId(topic: string): Promise<string | undefined>;
  /** Creates what does not exist; existing topics are left as they are. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;

  /** Joins the group; resolves when the first assignment has been handed to the listener. */
  join(subscription: Subscription, listener: AssignmentListener): Promise<void>;
  /** Leaves the group (after a `revoked` if anything is owned) and stops fetching. Idempotent. */
  leave(): Promise<void>;

  /** Committed offsets of the group; a partition without one is absent. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
  startOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]>;
  /** High watermarks. */
  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly number[]>;

  /** Sets where each of exactly these partitions is fetched from, replacing what was fetched before. */
  fetchFrom(positions: readonly (TopicPartition & { readonly offset: number })[]): void;
  /**
   * What has arrived since the last call, at least one entry if anything is there; otherwise waits up
   * to `maxWaitMs`. An entry with empty `bytes` says "nothing new, and here are the watermarks".
   * Runs rebalance calls of the listener before it returns, never at another time.
   */
  poll(maxWaitMs: number): Promise<readonly Fetched[]>;

  /** Reads one partition from `from` up to `to` (exclusive), outside the group: for restores. */
  read(partition: TopicPartition, from: number, to: number): AsyncIterable<Fetched>;

  /** Confirms with the group that this member still owns what it owns. @throws fenced */
  confirm(): Promise<void>;
  /**
   * Appends with acks=all, idempotently; resolves when acknowledged. The batches are the caller's again
   * then, who may use their memory for others; where it rejects, an attempt may still read them.
   */
  append(appended: readonly Appended[]): Promise<void>;
  /** @throws fenced when the generation is over; nothing is committed then. */
  commit(offsets: readonly CommittedOffset[]): Promise<void>;
  /** Deletes records below the offset; best effort, for repartition topics. */
  purge(before: readonly (TopicPartition & { readonly offset: number })[]): Promise<void>;
}

/**
 * Copies of tasks' state near at hand, by the tasks' names. Whoever reads one checks what it is: it
 * may be old, of something else, or damaged.
 */
export interface SnapshotStore {
  /** The one that was written last; undefined when there is none. */
  open(task: string): Promise<StoredSnapshot | undefined>;
  /** Replaces what was there, as a whole or not at all. The parts follow each other. */
  write(task: string, parts: readonly Uint8Array[]): Promise<void>;
  /** Takes away what `open` gives. */
  discard(task: string): Promise<void>;
}

export interface StoredSnapshot extends SnapshotBytes {
  close(): Promise<void>;
}

/** Wall clock and timers. `now` is Unix epoch ms, `monotonic` ms since an arbitrary start. */
export interface Clock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface SchemaSource {
  /**
   * The writer schema of an id. Cached; an id the registry does not know is remembered for a while.
   * @returns undefined when the registry says that there is no such id
   * @throws transient when the registry cannot be asked
   */
  byId(id: number): Promise<AvroType | undefined>;
  /** Registers under a subject (idempotent) and returns the id. */
  register(subject: string, schema: AvroType): Promise<number>;
}
