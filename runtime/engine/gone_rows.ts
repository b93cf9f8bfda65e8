/**
 * Takes back, in a reduce, what rows of tables were that are gone. Called by generated code.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { ENTRY_RECORDS, type EntryTable, type Pane, type WindowTable } from "../state/mod.ts";
import type { WindowCounts } from "./ledger.ts";
import type { SubtractFunction } from "./program/mod.ts";

const NO_KEY = new Uint8Array(0);

export class GoneRows {
  /** The one entry in it is what the row had been folded in as. */
  readonly entries: EntryTable;
  readonly #table: WindowTable;
  readonly #subtract: SubtractFunction;
  readonly #counts: WindowCounts;
  /** Place of the entry. */
  #begun = 0;

  constructor(table: WindowTable, subtract: SubtractFunction, counts: WindowCounts) {
    this.entries = table.combined();
    this.#table = table;
    this.#subtract = subtract;
    this.#counts = counts;
  }

  /** The entry, as it is before anything is folded in. */
  begin(): number {
    const { entries } = this;
    const entry = entries.find(NO_KEY, 0, 0);
    this.#begun = entry;
    entries.f64.set(this.#table.shape.layout.initial, entry + ENTRY_RECORDS);
    entries.dropObjects(entry);
    return entry;
  }

  /**
   * Takes that entry away from the key's, which is deleted with its last row. What an inverse fails on
   * leaves an accumulator that has failed: its results are dead letters until all its rows are gone.
   * @throws {MillraceError} INVARIANT where no row is counted
   */
  takeFrom(pane: Pane, entry: number, goneAtMs: number): void {
    const { f64 } = pane;
    if (!(f64[entry + ENTRY_RECORDS]! > 0)) {
      throw new MillraceError("INVARIANT", "Cannot take back a row: its key has none");
    }
    this.#counts.takenBackRecords += 1;
    this.#subtract(pane, entry, this.entries, this.#begun);
    const maxTime = entry + this.#table.maxTime!;
    if (goneAtMs > f64[maxTime]!) f64[maxTime] = goneAtMs;
    if (f64[entry + ENTRY_RECORDS] === 0) pane.delete(entry);
  }

  release(): void {
    this.entries.release();
  }
}
