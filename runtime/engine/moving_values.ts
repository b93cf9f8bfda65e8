/**
 * Windows of a key that move along its chain: from one to the next only what leaves and what enters is
 * looked at.
 *
 * Where a window is, stands behind the accumulators of the entry that is its own: its start, the oldest
 * and the newest entry in it, and how many of them have changed.
 *
 * @module
 */

import { ENTRY_RECORDS, EntryTable, type TimedEntries } from "../state/mod.ts";
import type { EntryFunction, SubtractFunction } from "./program/mod.ts";
import type { SlidingValues, SlidingValuesOptions } from "./sliding_values.ts";

/** What the windows hold, each in an entry of `rows` and, perhaps, beside it. */
export interface MovingTotals {
  /** Where `of` makes values. */
  readonly values: EntryTable;
  /** An entry behind all others enters a window. */
  enter(row: number, entry: number): void;
  /**
   * The oldest one leaves.
   * @param newest in the window
   * @returns false when it cannot: the window must be made anew
   */
  leave(row: number, entry: number, newest: number): boolean;
  /** @returns the place of the window's value, until the next call */
  of(row: number, oldest: number): number;
  /** Lets go of what is held beside the row. */
  drop(row: number, oldest: number): void;
  release(): void;
}

const NO_ENTRY = -1;

export class MovingValues implements SlidingValues {
  readonly #entries: TimedEntries;
  readonly #differenceMs: number;
  readonly #rows: EntryTable;
  readonly #totals: MovingTotals;
  /** Places in a row. The start is NaN where the next window cannot be made of this one. */
  readonly #start: number;
  readonly #oldest: number;
  readonly #newest: number;
  readonly #changed: number;
  /** The last window. */
  #row = NO_ENTRY;
  #startMs = Number.NaN;

  /** @param makeTotals of the windows whose entries are in `rows` */
  constructor(
    { table, differenceMs }: SlidingValuesOptions,
    makeTotals: (rows: EntryTable) => MovingTotals,
  ) {
    const { layout, budget } = table.shape;
    const place = [Number.NaN, NO_ENTRY, NO_ENTRY, 0];
    const initial = Float64Array.of(...layout.initial, ...place);
    this.#entries = table.entries;
    this.#differenceMs = differenceMs;
    this.#rows = new EntryTable({ ...layout, initial }, budget);
    this.#totals = makeTotals(this.#rows);
    this.#start = ENTRY_RECORDS + layout.initial.length;
    this.#oldest = this.#start + 1;
    this.#newest = this.#start + 2;
    this.#changed = this.#start + 3;
  }

  get values(): EntryTable {
    return this.#totals.values;
  }

  of(entry: number, startMs: number): number {
    const rows = this.#rows;
    const entries = this.#entries;
    const { keys } = entries;
    const [keyStart, keyEnd] = [entries.keyStart(entry), entries.keyEnd(entry)];
    let row = rows.find(keys, keyStart, keyEnd);
    let next = NO_ENTRY;
    let isKnown = rows.f64[row + this.#start]! <= startMs;
    if (isKnown) {
      next = entries.newer(rows.f64[row + this.#newest]!);
      isKnown = this.#leave(row, startMs);
    }
    if (!isKnown) {
      if (rows.f64[row + this.#oldest] !== NO_ENTRY) {
        this.#drop(row);
        row = rows.find(keys, keyStart, keyEnd);
      }
      next = this.#firstFrom(entry, startMs);
    }
    const isWhole = this.#enter(row, next, startMs);
    const oldest = rows.f64[row + this.#oldest]!;
    if (oldest === NO_ENTRY) {
      rows.remove(row);
      return -1;
    }
    rows.f64[row + this.#start] = isWhole ? startMs : Number.NaN;
    this.#row = row;
    this.#startMs = startMs;
    const value = this.#totals.of(row, oldest);
    const newest = rows.f64[row + this.#newest]!;
    this.values.f64[value + entries.maxTime] = entries.f64[newest + entries.maxTime]!;
    return value;
  }

  isChanged(): boolean {
    const rows = this.#rows;
    const entries = this.#entries;
    if (rows.f64[this.#row + this.#changed]! > 0) return true;
    let before = entries.older(rows.f64[this.#row + this.#oldest]!);
    while (before >= 0 && entries.f64[before + entries.maxTime] === this.#startMs - 1) {
      if (entries.isChanged(before)) return true;
      before = entries.older(before);
    }
    return false;
  }

  forget(key: Uint8Array, start: number, end: number): void {
    const row = this.#rows.seek(key, start, end);
    if (row >= 0) this.#drop(row);
  }

  clear(): void {
    this.#rows.forEach((row) => {
      this.#drop(row);
    });
  }

  release(): void {
    this.#totals.release();
    this.#rows.release();
  }

  #drop(row: number): void {
    this.#totals.drop(row, this.#rows.f64[row + this.#oldest]!);
    this.#rows.remove(row);
  }

  /** @returns false when what is left is of no use */
  #leave(row: number, startMs: number): boolean {
    const { f64 } = this.#rows;
    const entries = this.#entries;
    const newest = f64[row + this.#newest]!;
    let oldest = f64[row + this.#oldest]!;
    while (oldest >= 0 && entries.f64[oldest + entries.maxTime]! < startMs) {
      if (!this.#totals.leave(row, oldest, newest)) return false;
      if (entries.isChanged(oldest)) f64[row + this.#changed]! -= 1;
      oldest = oldest === newest ? NO_ENTRY : entries.newer(oldest);
    }
    f64[row + this.#oldest] = oldest;
    return true;
  }

  /**
   * @param next the first entry that may enter
   * @returns false when one is left out that counts in windows to come only
   */
  #enter(row: number, next: number, startMs: number): boolean {
    const { f64 } = this.#rows;
    const entries = this.#entries;
    const { maxTime, from } = entries;
    const endMs = startMs + this.#differenceMs;
    let isWhole = true;
    for (let entry = next; entry >= 0; entry = entries.newer(entry)) {
      const timeMs = entries.f64[entry + maxTime]!;
      if (timeMs > endMs) break;
      if (timeMs < startMs) continue;
      if (entries.f64[entry + from]! > startMs) {
        isWhole = false;
        continue;
      }
      this.#totals.enter(row, entry);
      if (f64[row + this.#oldest] === NO_ENTRY) f64[row + this.#oldest] = entry;
      f64[row + this.#newest] = entry;
      if (entries.isChanged(entry)) f64[row + this.#changed]! += 1;
    }
    return isWhole;
  }

  /** The oldest entry of a key in the window, or behind it; -1 when there is none. */
  #firstFrom(entry: number, startMs: number): number {
    const entries = this.#entries;
    const { maxTime } = entries;
    while (entry >= 0 && entries.f64[entry + maxTime]! < startMs) entry = entries.newer(entry);
    if (entry < 0) return NO_ENTRY;
    for (;;) {
      const older = entries.older(entry);
      if (older < 0 || entries.f64[older + maxTime]! < startMs) return entry;
      entry = older;
    }
  }
}

/** Totals from which what leaves is taken away again. */
export class RunningTotals implements MovingTotals {
  readonly values: EntryTable;
  readonly #entries: TimedEntries;
  readonly #combine: EntryFunction;
  readonly #subtract: SubtractFunction;

  constructor(
    rows: EntryTable,
    entries: TimedEntries,
    combine: EntryFunction,
    subtract: SubtractFunction,
  ) {
    this.values = rows;
    this.#entries = entries;
    this.#combine = combine;
    this.#subtract = subtract;
  }

  enter(row: number, entry: number): void {
    this.#combine(this.values, row, this.#entries, entry);
  }

  leave(row: number, entry: number): boolean {
    return this.#subtract(this.values, row, this.#entries, entry);
  }

  of(row: number): number {
    return row;
  }

  drop(): void {}

  release(): void {}
}
