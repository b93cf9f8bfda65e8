/**
 * Windows of results of sessions and sliding windows: hardly two of them are the same, so that most
 * have one entry. All stand in one table, and in a queue by their ends.
 *
 * @module
 */

import {
  ENTRY_RECORDS,
  type MemoryBudget,
  type Pane,
  type PlacedEntries,
  type PlacedTable,
} from "../state/mod.ts";
import { DueQueue } from "./due_queue.ts";
import { foldInto, type PartialResult } from "./partial_result.ts";
import type { Windows, WindowsContext } from "./windows.ts";

export interface DistinctOptions {
  readonly table: PlacedTable;
  readonly budget: MemoryBudget;
}

export class DistinctWindows implements Windows {
  readonly entries: PlacedEntries;
  readonly #context: WindowsContext;
  /** Entries by the ends of their windows, once for each time that one was made. */
  readonly #due: DueQueue;
  /** Windows that end before this have closed, ms. */
  #closedMs = Number.NEGATIVE_INFINITY;

  constructor({ table, budget }: DistinctOptions, context: WindowsContext) {
    this.entries = table.entries;
    this.#context = context;
    this.#due = new DueQueue(budget);
  }

  /** The entry of a key in a window that is open, made if there is none. */
  at(key: Uint8Array, start: number, end: number, startMs: number, endMs: number): number {
    const { entries } = this;
    const { size } = entries;
    const entry = entries.findAt(startMs, endMs, key, start, end);
    if (entries.size > size) this.#due.push(endMs, entry);
    return entry;
  }

  fold(partial: PartialResult, watermarkMs: number): void {
    const { key, keyStart, keyEnd, startMs, boundMs, records } = partial;
    const { counts } = this.#context;
    if (boundMs < watermarkMs) {
      counts.lateAtOperator += records;
      return;
    }
    counts.accepted += records;
    const entry = this.at(key, keyStart, keyEnd, startMs, boundMs);
    foldInto(this.entries, entry, partial, this.#context);
  }

  close(watermarkMs: number): boolean {
    const { emit, counts } = this.#context;
    const { entries } = this;
    const closed = this.#takeClosed(watermarkMs);
    for (const entry of this.#inOrder(closed)) {
      const records = entries.f64[entry + ENTRY_RECORDS]!;
      const isDue = emit === "final" ? records > 0 : entries.isChanged(entry);
      if (isDue) this.#emit(entry);
      // Written already, update by update: the ledger counts the records as their window leaves.
      if (emit !== "final") counts.resultRecords += records;
      entries.retire(entry);
    }
    return closed.length > 0;
  }

  skipTo(watermarkMs: number, _gone: Pane[]): void {
    for (const entry of this.#takeClosed(watermarkMs)) this.entries.retire(entry);
  }

  emitChanged(): boolean {
    const { entries } = this;
    // After a restore all are changed, those that wait for their tombstones, too.
    const changed = entries
      .takeChanged()
      .filter((entry) => entries.boundMs(entry) >= this.#closedMs);
    for (const entry of this.#inOrder(changed)) this.#emit(entry);
    return changed.length > 0;
  }

  boundsOf(entry: number): readonly [startMs: number, endMs: number] {
    return [this.entries.startMs(entry), this.entries.boundMs(entry)];
  }

  clear(): void {
    this.skipTo(Number.POSITIVE_INFINITY, []);
  }

  restored(): void {
    const { entries } = this;
    entries.forEach((entry) => {
      this.#due.push(entries.boundMs(entry), entry);
    });
  }

  release(): void {
    this.#due.release();
  }

  /** Takes entries of windows that the watermark has passed out of the queue, each once. */
  #takeClosed(watermarkMs: number): readonly number[] {
    const { entries } = this;
    const closed: number[] = [];
    while (this.#due.nextMs < watermarkMs) {
      const endMs = this.#due.nextMs;
      const entry = this.#due.pop();
      // It was removed, and its place may be another's now.
      const isThere = entries.f64[entry + ENTRY_RECORDS]! > 0 || entries.isChanged(entry);
      if (isThere && entries.boundMs(entry) === endMs) closed.push(entry);
    }
    this.#closedMs = watermarkMs;
    return [...new Set(closed)];
  }

  /** By the ends of their windows, then by their starts, then by key. */
  #inOrder(closed: readonly number[]): readonly number[] {
    const { entries } = this;
    return closed.toSorted(
      (a, b) =>
        entries.boundMs(a) - entries.boundMs(b) ||
        entries.startMs(a) - entries.startMs(b) ||
        entries.compareKeys(a, b),
    );
  }

  #emit(entry: number): void {
    const { entries } = this;
    this.#context.result(entries, entry, entries.startMs(entry), entries.boundMs(entry));
  }
}
