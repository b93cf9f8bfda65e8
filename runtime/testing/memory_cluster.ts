/**
 * Topics, offsets and groups in memory: what the memory `Log`s of several instances share.
 *
 * @module
 */

import type { CommittedOffset, Subscription, TopicPartition, TopicSpec } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { batches, setBaseOffset } from "../wire/mod.ts";

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: number;
  readonly nextOffset: number;
}

/** One partition: whole batches with their offsets. */
export class MemoryPartition {
  startOffset = 0;
  endOffset = 0;
  #batches: StoredBatch[] = [];

  append(bytes: Uint8Array): void {
    for (const { at, sizeBytes, lastOffsetDelta } of batches(bytes)) {
      const batch = bytes.slice(at, at + sizeBytes);
      setBaseOffset(batch, 0, this.endOffset, 0);
      const nextOffset = this.endOffset + lastOffsetDelta + 1;
      this.#batches.push({ bytes: batch, baseOffset: this.endOffset, nextOffset });
      this.endOffset = nextOffset;
    }
  }

  /**
   * Batches from the one that holds `offset` on.
   * @param maxBatches at most this many
   * @returns undefined when there is nothing at or behind the offset
   */
  read(offset: number, maxBatches: number): { bytes: Uint8Array; nextOffset: number } | undefined {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#batches[middle]!.nextOffset <= offset) low = middle + 1;
      else high = middle;
    }
    const found = this.#batches.slice(low, low + maxBatches);
    if (found.length === 0) return undefined;
    const bytes = new Uint8Array(found.reduce((sum, batch) => sum + batch.bytes.length, 0));
    let at = 0;
    for (const batch of found) {
      bytes.set(batch.bytes, at);
      at += batch.bytes.length;
    }
    return { bytes, nextOffset: found.at(-1)!.nextOffset };
  }

  deleteBefore(offset: number): void {
    this.startOffset = Math.max(this.startOffset, Math.min(offset, this.endOffset));
    this.#batches = this.#batches.filter(({ nextOffset }) => nextOffset > this.startOffset);
  }
}

export interface MemoryMember {
  readonly id: number;
  readonly subscription: Subscription;
}

/** A consumer group: everyone gives up what they own before anyone is given anything. */
export class MemoryGroup {
  generation = 0;
  readonly offsets = new Map<string, CommittedOffset>();
  readonly members = new Map<number, MemoryMember>();
  #ready = new Set<number>();

  join(member: MemoryMember): void {
    this.members.set(member.id, member);
    this.#begin();
  }

  /** Also for a member that died without a word. */
  remove(id: number): void {
    if (this.members.delete(id)) this.#begin();
  }

  /** The member has given up everything of earlier generations. */
  ready(id: number): void {
    this.#ready.add(id);
  }

  get complete(): boolean {
    return this.#ready.size === this.members.size;
  }

  /** Partition i of co-partitioned topics goes to one member, in ranges. */
  assignment(id: number, partitions: (topic: string) => number): TopicPartition[] {
    const ids = [...this.members.keys()].sort((a, b) => a - b);
    const rank = ids.indexOf(id);
    const mine: TopicPartition[] = [];
    for (const topics of this.members.get(id)!.subscription.coPartitioned) {
      const count = Math.max(...topics.map(partitions));
      for (let partition = 0; partition < count; partition++) {
        if (Math.floor((partition * ids.length) / count) !== rank) continue;
        for (const topic of topics) {
          if (partition < partitions(topic)) mine.push({ topic, partition });
        }
      }
    }
    return mine;
  }

  #begin(): void {
    this.generation++;
    this.#ready = new Set();
  }
}

export class MemoryCluster {
  readonly #topics = new Map<string, readonly MemoryPartition[]>();
  readonly #groups = new Map<string, MemoryGroup>();
  #waiting = new Set<() => void>();
  #members = 0;
  #changes = 0;

  createTopic({ topic, partitions }: Pick<TopicSpec, "topic" | "partitions">): void {
    if (this.#topics.has(topic)) return;
    this.#topics.set(
      topic,
      Array.from({ length: partitions }, () => new MemoryPartition()),
    );
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  partitionCount(topic: string): number {
    return this.#topics.get(topic)?.length ?? 0;
  }

  /** Topics are not made again here, so the name says which it is. */
  topicId(topic: string): string | undefined {
    return this.#topics.has(topic) ? topic : undefined;
  }

  /** @throws {MillraceError} TOPIC_MISSING */
  partition({ topic, partition }: TopicPartition): MemoryPartition {
    const found = this.#topics.get(topic)?.[partition];
    if (found === undefined) {
      throw new MillraceError("TOPIC_MISSING", `Cannot find ${topic}/${partition}`, {
        where: { topic, partition },
      });
    }
    return found;
  }

  group(name: string): MemoryGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new MemoryGroup();
      this.#groups.set(name, group);
    }
    return group;
  }

  nextMemberId(): number {
    return ++this.#members;
  }

  /** Grows with everything that is appended, and when a member goes. */
  get changes(): number {
    return this.#changes;
  }

  /** Wakes everyone who waits for something to read. */
  notify(): void {
    this.#changes++;
    for (const wake of this.#waiting) wake();
    this.#waiting = new Set();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }
}
