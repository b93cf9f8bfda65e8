/**
 * The entries of one window after the other, where what leaves can be taken away again: a pane costs
 * one combine per entry when it enters and one when it leaves, whatever the windows' size. A value from
 * which something could not be taken away is made of its panes again.
 *
 * @module
 */

import { ENTRY_RECORDS, type EntryTable, type Pane, type WindowTable } from "../state/mod.ts";
import type { WindowValues } from "./overlapping_windows.ts";
import type { EntryFunction, SubtractFunction } from "./program/mod.ts";

export class RunningValue implements WindowValues {
  readonly #table: WindowTable;
  readonly #combine: EntryFunction;
  readonly #subtract: SubtractFunction;
  /** Those that have entered and not left. */
  #inside: Pane[] = [];
  /** Of all of them; undefined when that is not known. */
  #entries: EntryTable | undefined;

  constructor(table: WindowTable, combine: EntryFunction, subtract: SubtractFunction) {
    this.#table = table;
    this.#combine = combine;
    this.#subtract = subtract;
  }

  of(_startMs: number, panes: readonly Pane[], closedMs: number): EntryTable {
    const known = this.#entries !== undefined;
    this.#entries ??= this.#table.combined();
    for (const pane of panes) {
      if (known && pane.boundMs <= closedMs) continue;
      combineInto(this.#entries, pane, this.#combine);
      this.#inside.push(pane);
    }
    return this.#entries;
  }

  leave(panes: readonly Pane[]): void {
    const entries = this.#entries!;
    const useless = new Set<number>();
    for (const pane of panes) {
      for (const entry of pane.living()) {
        const start = pane.keyStart(entry);
        const into = entries.seek(pane.keys, start, pane.keyEnd(entry));
        if (!this.#subtract(entries, into, pane, entry)) useless.add(into);
        if (entries.f64[into + ENTRY_RECORDS] !== 0) continue;
        useless.delete(into);
        entries.remove(into);
      }
    }
    this.#inside = this.#inside.filter((pane) => !panes.includes(pane));
    for (const entry of useless) this.#renew(entry);
  }

  release(): void {
    this.forget();
  }

  forget(): void {
    this.#inside = [];
    this.#entries?.release();
    this.#entries = undefined;
  }

  /** Makes an entry of all panes again. */
  #renew(useless: number): void {
    const entries = this.#entries!;
    const key = entries.keys.slice(entries.keyStart(useless), entries.keyEnd(useless));
    entries.remove(useless);
    const entry = entries.find(key, 0, key.length);
    for (const pane of this.#inside) {
      const from = pane.seek(key, 0, key.length);
      if (from >= 0) this.#combine(entries, entry, pane, from);
    }
  }
}

/** Combines all entries of a table into those of another one. */
export function combineInto(into: EntryTable, from: EntryTable, combine: EntryFunction): void {
  for (const entry of from.living()) {
    const found = into.find(from.keys, from.keyStart(entry), from.keyEnd(entry));
    combine(into, found, from, entry);
  }
}
