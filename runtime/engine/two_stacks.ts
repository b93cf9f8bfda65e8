/**
 * Totals of windows that move along where nothing can be taken away again: the older entries of a
 * window stand in a stack, each with the total of those from it on, the newer ones are one total. When
 * the stack is empty, the newer ones become it: each entry is combined twice.
 *
 * @module
 */

import {
  ENTRY_RECORDS,
  type EntryTable,
  type PlacedTable,
  type TimedEntries,
} from "../state/mod.ts";
import type { MovingTotals } from "./moving_values.ts";
import type { EntryFunction } from "./program/mod.ts";

export class TwoStacks implements MovingTotals {
  readonly values: EntryTable;
  /** Totals of the newer entries, in the windows' own. */
  readonly #rows: EntryTable;
  /** By the numbers of entries, totals of those from them on to the last one of the stack. */
  readonly #stacked: EntryTable;
  readonly #table: PlacedTable<TimedEntries>;
  readonly #combine: EntryFunction;
  readonly #number = new Uint8Array(4);
  readonly #view = new DataView(this.#number.buffer);
  #made = -1;

  constructor(rows: EntryTable, table: PlacedTable<TimedEntries>, combine: EntryFunction) {
    this.#rows = rows;
    this.#table = table;
    this.#combine = combine;
    this.#stacked = table.combined();
    this.values = table.combined();
  }

  enter(row: number, entry: number): void {
    this.#combine(this.#rows, row, this.#table.entries, entry);
  }

  leave(row: number, entry: number, newest: number): boolean {
    const top = this.#stackedAt(entry);
    if (top >= 0) this.#stacked.remove(top);
    else this.#stackAll(row, entry, newest);
    return true;
  }

  of(row: number, oldest: number): number {
    const rows = this.#rows;
    const { values } = this;
    if (this.#made >= 0) values.remove(this.#made);
    this.#made = values.find(rows.keys, rows.keyStart(row), rows.keyEnd(row));
    const top = this.#stackedAt(oldest);
    if (top >= 0) this.#combine(values, this.#made, this.#stacked, top);
    if (rows.f64[row + ENTRY_RECORDS]! > 0) this.#combine(values, this.#made, rows, row);
    return this.#made;
  }

  drop(_row: number, oldest: number): void {
    const { entries } = this.#table;
    for (let entry = oldest; entry >= 0; entry = entries.newer(entry)) {
      const stacked = this.#stackedAt(entry);
      if (stacked < 0) break;
      this.#stacked.remove(stacked);
    }
  }

  release(): void {
    this.#stacked.release();
    this.values.release();
  }

  /** All but the oldest entry, which leaves. */
  #stackAll(row: number, oldest: number, newest: number): void {
    const { entries } = this.#table;
    const stacked = this.#stacked;
    let behind = -1;
    for (let entry = newest; entry !== oldest; entry = entries.older(entry)) {
      this.#view.setUint32(0, entry);
      const total = stacked.find(this.#number, 0, 4);
      this.#combine(stacked, total, entries, entry);
      if (behind >= 0) this.#combine(stacked, total, stacked, behind);
      behind = total;
    }
    const rows = this.#rows;
    rows.dropObjects(row);
    rows.f64.set(this.#table.shape.layout.initial, row + ENTRY_RECORDS);
  }

  /** Place of an entry's total; -1 when it is not in the stack. */
  #stackedAt(entry: number): number {
    this.#view.setUint32(0, entry);
    return this.#stacked.seek(this.#number, 0, 4);
  }
}
