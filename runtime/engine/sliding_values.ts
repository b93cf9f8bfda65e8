/**
 * What stands in sliding windows: their values are put together of the entries of a key's chain.
 *
 * @module
 */

import type { EntryTable, PlacedTable, TimedEntries } from "../state/mod.ts";
import type { EntryFunction } from "./program/mod.ts";

export interface SlidingValues {
  /** Where values stand. */
  readonly values: EntryTable;
  /**
   * Makes the value of the window of a key that begins at `startMs`. Those of one key are asked for in
   * order, until `forget` or `clear`.
   * @param entry of the key; it is in the window, or the last one in front of it
   * @returns its place in `values`, until the next call; -1 when nothing is in the window
   */
  of(entry: number, startMs: number): number;
  /** True when an entry in the window that `of` gave last has changed, or one right in front of it. */
  isChanged(): boolean;
  /** Something of a key has come that a window may have been made of. */
  forget(key: Uint8Array, start: number, end: number): void;
  /** The windows to come are no later than those that were. */
  clear(): void;
  release(): void;
}

export interface SlidingValuesOptions {
  readonly table: PlacedTable<TimedEntries>;
  readonly differenceMs: number;
  readonly combine: EntryFunction;
}

/**
 * Each window by itself, as many combines as entries are in it: where records are combined as they came,
 * or what is combined grows with each of them.
 */
export class SeparateValues implements SlidingValues {
  readonly values: EntryTable;
  readonly #options: SlidingValuesOptions;
  /** Records are combined in the order of their offsets, by which their entries are told apart. */
  readonly #ordered: boolean;
  readonly #inside: number[] = [];
  #made = -1;
  #changed = false;

  constructor(options: SlidingValuesOptions, ordered: boolean) {
    this.#options = options;
    this.#ordered = ordered;
    this.values = options.table.combined();
  }

  of(entry: number, startMs: number): number {
    const { values } = this;
    const { table, differenceMs, combine } = this.#options;
    const { entries } = table;
    const { f64, maxTime, from } = entries;
    if (this.#made >= 0) values.remove(this.#made);
    this.#made = -1;
    this.#changed = false;
    const inside = this.#inside;
    inside.length = 0;
    let other = entries.lastUntil(entry, startMs + differenceMs);
    for (; other >= 0; other = entries.older(other)) {
      const isInside = f64[other + maxTime]! >= startMs;
      if (f64[other + maxTime]! < startMs - 1) break;
      if (isInside && f64[other + from]! > startMs) continue;
      if (isInside) inside.push(other);
      this.#changed ||= entries.isChanged(other);
    }
    if (inside.length === 0) return -1;
    if (this.#ordered) inside.sort((a, b) => entries.boundMs(a) - entries.boundMs(b));
    this.#made = values.find(entries.keys, entries.keyStart(entry), entries.keyEnd(entry));
    for (const one of inside) combine(values, this.#made, entries, one);
    return this.#made;
  }

  isChanged(): boolean {
    return this.#changed;
  }

  forget(): void {}

  clear(): void {}

  release(): void {
    this.values.release();
  }
}
