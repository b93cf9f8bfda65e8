/**
 * Whether topics have been read to their end.
 *
 * @module
 */

import type { ReadEntry } from "../runtime/kafka/mod.ts";

export class ReadProgress {
  readonly #maxFetchBytes: number;
  /** By topic; undefined while not known. */
  #partitions: ReadonlyMap<string, number> | undefined;
  readonly #atEnd = new Set<string>();

  /** @param maxFetchBytes of one answer */
  constructor(maxFetchBytes: number) {
    this.#maxFetchBytes = maxFetchBytes;
  }

  get knowsPartitions(): boolean {
    return this.#partitions !== undefined;
  }

  /** Whether every partition that is expected has been at its end once. */
  get isComplete(): boolean {
    for (const [topic, count] of this.#partitions ?? []) {
      for (let partition = 0; partition < count; partition++) {
        if (!this.#atEnd.has(`${partition}/${topic}`)) return false;
      }
    }
    return this.#partitions !== undefined;
  }

  /** @param partitions count by topic, of the topics that exist */
  expect(partitions: ReadonlyMap<string, number>): void {
    this.#partitions = partitions;
  }

  /**
   * An entry without records is at its end, unless it came along with so much else that the broker
   * may have had no room left for it.
   *
   * @param polled entries of one poll, each with the offset after its last record
   */
  note(polled: readonly { readonly entry: ReadEntry; readonly next: number | undefined }[]): void {
    const bytes = polled.reduce((sum, { entry }) => sum + entry.bytes.length, 0);
    const hadRoom = bytes < this.#maxFetchBytes / 2;
    for (const { entry, next } of polled) {
      const isEmpty = entry.bytes.length === 0;
      const isAtEnd = isEmpty ? hadRoom : next !== undefined && next >= entry.lastStableOffset;
      if (isAtEnd) this.#atEnd.add(`${entry.partition}/${entry.topic}`);
    }
  }

  restart(): void {
    this.#partitions = undefined;
    this.#atEnd.clear();
  }
}
