export interface CommittedOffset {
  readonly offset: number;
  /** -1: not told. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** The offsets that one group has committed. */
export class CommittedOffsets {
  readonly #topics = new Map<string, Map<number, CommittedOffset>>();

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  set(topic: string, partition: number, committed: CommittedOffset): void {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map()));
    partitions.set(partition, committed);
  }

  /** Every topic with the partitions that have an offset. */
  all(): { readonly name: string; readonly partitionIndexes: readonly number[] }[] {
    return Array.from(this.#topics, ([name, partitions]) => ({
      name,
      partitionIndexes: [...partitions.keys()],
    }));
  }

  forgetTopic(topic: string): void {
    this.#topics.delete(topic);
  }
}
