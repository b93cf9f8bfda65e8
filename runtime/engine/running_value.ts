/**
 * The entries of one window after the other, where what leaves can be taken away again: a pane costs
 * one combine per entry when it enters and one when it leaves, whatever the windows' size.
 *
 * @module
 */

import { ENTRY_RECORDS, type EntryTable, type Pane, type WindowTable } from "../state/mod.ts";
import type { WindowValues } from "./overlapping_windows.ts";
import type { EntryFunction } from "./program/mod.ts";

export class RunningValue implements WindowValues {
  readonly #table: WindowTable;
  readonly #combine: EntryFunction;
  readonly #subtract: EntryFunction;
  /** Of all panes that have entered and not left; undefined when that is not known. */
  #entries: EntryTable | undefined;

  constructor(table: WindowTable, combine: EntryFunction, subtract: EntryFunction) {
    this.#table = table;
    this.#combine = combine;
    this.#subtract = subtract;
  }

  of(_startMs: number, panes: readonly Pane[], closedMs: number): EntryTable {
    const known = this.#entries !== undefined;
    this.#entries ??= this.#table.combined();
    for (const pane of panes) {
      if (!known || pane.boundMs > closedMs) combineInto(this.#entries, pane, this.#combine);
    }
    return this.#entries;
  }

  leave(panes: readonly Pane[]): void {
    const entries = this.#entries!;
    for (const pane of panes) {
      for (const entry of pane.living()) {
        const start = pane.keyStart(entry);
        const into = entries.seek(pane.keys, start, pane.keyEnd(entry));
        this.#subtract(entries, into, pane, entry);
        if (entries.f64[into + ENTRY_RECORDS] === 0) entries.remove(into);
      }
    }
  }

  release(): void {
    this.forget();
  }

  forget(): void {
    this.#entries?.release();
    this.#entries = undefined;
  }
}

/** Combines all entries of a table into those of another one. */
export function combineInto(into: EntryTable, from: EntryTable, combine: EntryFunction): void {
  for (const entry of from.living()) {
    const found = into.find(from.keys, from.keyStart(entry), from.keyEnd(entry));
    combine(into, found, from, entry);
  }
}
