/**
 * Sliding windows: an entry per key and time, from which windows are put together as they close or
 * change.
 *
 * A window that a record is in begins with it at the latest; the first one that it counts in, decided by
 * the stream time of its source, stands in its entry (`from`). Each entry stands for two windows: the one
 * that ends with it, and the one that begins right behind it.
 *
 * The windows of a key are made one behind the other. `final` costs an entry and a few combines per
 * window; `updates` changes as many windows per record as the key has entries within the difference.
 *
 * @module
 */

import {
  ENTRY_RECORDS,
  type MemoryBudget,
  type Pane,
  type PlacedTable,
  type TimedEntries,
} from "../state/mod.ts";
import { DueQueue } from "./due_queue.ts";
import { MovingValues, RunningTotals } from "./moving_values.ts";
import type { Combiner } from "./program/mod.ts";
import { SeparateValues, type SlidingValues } from "./sliding_values.ts";
import { TwoStacks } from "./two_stacks.ts";
import type { Windows, WindowsContext } from "./windows.ts";

export interface SlidingOptions {
  readonly table: PlacedTable<TimedEntries>;
  readonly differenceMs: number;
  readonly graceMs: number;
  /** Records are combined as they came: each has an entry of its own. */
  readonly ordered: boolean;
  /** What entries are combined to takes about as much as each of them. */
  readonly ofOneSize: boolean;
  readonly budget: MemoryBudget;
}

export class SlidingWindows implements Windows {
  readonly #options: SlidingOptions;
  readonly #context: WindowsContext;
  /** Entries by the ends of the windows they stand for, the second behind the first. */
  readonly #due: DueQueue;
  readonly #windows: SlidingValues;
  /** Windows that end at or before this have closed, ms. */
  #closedMs = Number.NEGATIVE_INFINITY;
  readonly entries: TimedEntries;

  constructor(options: SlidingOptions, context: WindowsContext) {
    this.#options = options;
    this.entries = options.table.entries;
    this.#context = context;
    this.#due = new DueQueue(options.budget);
    this.#windows = slidingValues(options, context.combiner);
  }

  /**
   * The entry that a record is to be folded into.
   * @param streamTimeMs of its source, which decides what it counts in
   * @returns -1 when it is in it already
   */
  at(
    key: Uint8Array,
    start: number,
    end: number,
    timeMs: number,
    streamTimeMs: number,
    input: number,
    offset: number,
  ): number {
    const { differenceMs, graceMs, ordered } = this.#options;
    const { entries } = this;
    const firstMs = Math.max(0, timeMs - differenceMs, streamTimeMs - graceMs - differenceMs);
    // Before it has its place: what was made of the others is found by their chain.
    if (timeMs <= this.#closedMs) this.#windows.forget(key, start, end);
    const entry = entries.at(key, start, end, timeMs, ordered ? offset : firstMs);
    // The window that begins there is open by the stream time of its source, and has closed here.
    if (firstMs + differenceMs <= this.#closedMs) this.#context.counts.partlyLate++;
    if (entries.covers(entry, input, offset)) return -1;
    if (entries.f64[entry + ENTRY_RECORDS] === 0) {
      entries.f64[entry + entries.from] = firstMs;
      this.#queue(entry);
    }
    return entry;
  }

  close(watermarkMs: number): boolean {
    const { differenceMs } = this.#options;
    const { emit, counts } = this.#context;
    const { entries } = this;
    const due: { readonly entry: number; readonly endMs: number }[] = [];
    const gone = this.#takeDue(watermarkMs, (entry, endMs) => due.push({ entry, endMs }));
    due.sort((a, b) => a.endMs - b.endMs || entries.compareKeys(a.entry, b.entry));
    due.forEach(({ entry, endMs }, n) => {
      const before = due[n - 1];
      const isSame = before?.endMs === endMs && entries.compareKeys(before.entry, entry) === 0;
      if (isSame || emit === "updates") return;
      this.#emit(entry, endMs - differenceMs, emit === "every");
    });
    if (emit === "every") this.#windows.clear();
    for (const entry of gone) {
      counts.resultRecords += entries.f64[entry + ENTRY_RECORDS]!;
      entries.retire(entry);
    }
    this.#noteClosed(watermarkMs);
    return due.length > 0;
  }

  skipTo(watermarkMs: number, _gone: Pane[]): void {
    const { entries } = this;
    this.#windows.clear();
    for (const entry of this.#takeDue(watermarkMs, () => {})) entries.retire(entry);
    this.#noteClosed(watermarkMs);
  }

  /** Sends out the windows that a record, just folded in, has changed or made. */
  emitUpdates(entry: number): void {
    const { entries } = this;
    for (const startMs of this.#startsOf(entry, true)) this.#emit(entry, startMs, false);
    this.#windows.forget(entries.keys, entries.keyStart(entry), entries.keyEnd(entry));
  }

  emitChanged(): boolean {
    const { entries } = this;
    const windows: { readonly entry: number; readonly startMs: number }[] = [];
    for (const entry of entries.takeChanged()) {
      for (const startMs of this.#startsOf(entry, false)) windows.push({ entry, startMs });
    }
    windows.sort((a, b) => a.startMs - b.startMs || entries.compareKeys(a.entry, b.entry));
    windows.forEach(({ entry, startMs }, n) => {
      const before = windows[n - 1];
      const isSame = before?.startMs === startMs && entries.compareKeys(before.entry, entry) === 0;
      if (!isSame) this.#emit(entry, startMs, false);
    });
    this.#windows.clear();
    return windows.length > 0;
  }

  restored(): void {
    const { entries } = this;
    entries.forEach((entry) => {
      if (entries.f64[entry + ENTRY_RECORDS]! > 0) this.#queue(entry);
    });
  }

  fold(): never {
    throw new TypeError("Cannot put records of sliding windows together: each is needed by itself");
  }

  clear(): void {
    throw new TypeError("Cannot send sliding windows on");
  }

  release(): void {
    this.#due.release();
    this.#windows.release();
  }

  /**
   * An entry is due when the window that ends with it does, if it counts in that one, and again when
   * the one behind it does.
   */
  #queue(entry: number): void {
    const { differenceMs } = this.#options;
    const { entries } = this;
    const endMs = Math.max(this.#timeMs(entry), differenceMs);
    const counts = endMs - differenceMs >= entries.f64[entry + entries.from]!;
    this.#queueAt(entry, counts && endMs > this.#closedMs ? endMs : this.#behindMs(entry));
  }

  #queueAt(entry: number, endMs: number): void {
    const { entries } = this;
    entries.f64[entry + entries.queued] = endMs;
    this.#due.push(endMs, entry);
  }

  /** End of the window that begins right behind an entry, ms. */
  #behindMs(entry: number): number {
    return this.#timeMs(entry) + 1 + this.#options.differenceMs;
  }

  /**
   * Takes the windows that the watermark has passed out of the queue.
   * @returns the entries that are in no window to come
   */
  #takeDue(watermarkMs: number, visit: (entry: number, endMs: number) => void): readonly number[] {
    const { graceMs } = this.#options;
    const { entries } = this;
    const gone: number[] = [];
    while (this.#due.nextMs + graceMs < watermarkMs) {
      const endMs = this.#due.nextMs;
      const entry = this.#due.pop();
      // Its place is another's now.
      if (entries.f64[entry + entries.queued] !== endMs) continue;
      visit(entry, endMs);
      const behindMs = this.#behindMs(entry);
      if (endMs === behindMs) gone.push(entry);
      else this.#queueAt(entry, behindMs);
    }
    return gone;
  }

  #noteClosed(watermarkMs: number): void {
    const closedMs = watermarkMs - this.#options.graceMs - 1;
    if (closedMs > this.#closedMs) this.#closedMs = closedMs;
  }

  /**
   * Starts of the open windows that an entry counts in, ascending, and of the one behind it.
   * @param isNew leave out the one behind it where another entry has made it already
   */
  #startsOf(entry: number, isNew: boolean): readonly number[] {
    const { differenceMs } = this.#options;
    const { entries } = this;
    const timeMs = this.#timeMs(entry);
    const firstMs = entries.f64[entry + entries.from]!;
    const starts = new Set<number>();
    let isBehindMade = false;
    let other = entries.lastUntil(entry, timeMs + 1 + differenceMs);
    for (; other >= 0; other = entries.older(other)) {
      const otherMs = this.#timeMs(other);
      if (otherMs < timeMs - differenceMs - 1) break;
      const endingMs = Math.max(0, otherMs - differenceMs);
      const fromMs = entries.f64[other + entries.from]!;
      if (endingMs >= fromMs) {
        if (endingMs >= firstMs && endingMs <= timeMs) starts.add(endingMs);
        if (endingMs === timeMs + 1) isBehindMade = true;
      }
      const behindMs = otherMs + 1;
      if (behindMs >= firstMs && behindMs <= timeMs) starts.add(behindMs);
      if (behindMs === timeMs + 1) {
        if (other === entry) starts.add(behindMs);
        else isBehindMade = true;
      }
    }
    if (isNew && (isBehindMade || entries.f64[entry + ENTRY_RECORDS]! > 1)) {
      starts.delete(timeMs + 1);
    }
    return [...starts]
      .filter((startMs) => startMs + differenceMs > this.#closedMs)
      .sort((a, b) => a - b);
  }

  /**
   * Sends out a window of an entry's key, unless nothing is in it.
   * @param ifChanged only where one of its entries has changed, or the one in front of it
   */
  #emit(entry: number, startMs: number, ifChanged: boolean): void {
    const { differenceMs } = this.#options;
    const { emit, result, isNull } = this.#context;
    const made = this.#windows.of(entry, startMs);
    if (made < 0 || (ifChanged && !this.#windows.isChanged())) return;
    const { values } = this.#windows;
    const isNothing = isNull(values, made);
    if (isNothing) values.f64[made + ENTRY_RECORDS] = 0;
    if (!isNothing || emit !== "final") result(values, made, startMs, startMs + differenceMs);
  }

  #timeMs(entry: number): number {
    return this.entries.f64[entry + this.entries.maxTime]!;
  }
}

function slidingValues(options: SlidingOptions, { combine, subtract }: Combiner): SlidingValues {
  const { table, differenceMs, ordered, ofOneSize } = options;
  const made = { table, differenceMs, combine };
  if (ordered) return new SeparateValues(made, true);
  if (subtract !== undefined) {
    return new MovingValues(
      made,
      (rows) => new RunningTotals(rows, table.entries, combine, subtract),
    );
  }
  if (!ofOneSize) return new SeparateValues(made, false);
  return new MovingValues(made, (rows) => new TwoStacks(rows, table, combine));
}
