/**
 * Windows that overlap, kept as panes: whose edges are the starts and ends of windows, so that each
 * window is some of them, whole. A record is folded in once, however many windows it counts in.
 *
 * A record that came too late for some of its windows, by the stream time of its source, stands in a
 * pane of its own that says which window is the first it counts in (`boundMs`). A pane enters with
 * that window and leaves with the last one that reaches back to it.
 *
 * @module
 */

import type { EntryTable, Pane, WindowTable } from "../state/mod.ts";
import { ChangedResults } from "./changed_results.ts";
import { PaneTree } from "./pane_tree.ts";
import { foldInto, type PartialResult } from "./partial_result.ts";
import { RunningValue } from "./running_value.ts";
import type { Windows, WindowsContext } from "./windows.ts";

/** Makes the entries of windows of their panes. */
export interface WindowValues {
  /**
   * Entries of a window. They belong to whoever has made them: the caller only looks.
   * @param panes those that count in it
   * @param closedMs start of the window that closed before it
   */
  of(startMs: number, panes: readonly Pane[], closedMs: number): EntryTable;
  /** The next window starts at `nextMs`: these panes are not in it any more. */
  leave(panes: readonly Pane[], nextMs: number): void;
  /** A pane has changed that windows may have been made of. */
  forget(): void;
  release(): void;
}

export interface OverlappingOptions {
  readonly table: WindowTable;
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
  readonly offsetMs: number;
}

export class OverlappingWindows implements Windows {
  /** Start of the last window that has closed, ms. */
  closedMs = Number.NEGATIVE_INFINITY;
  readonly #options: OverlappingOptions;
  readonly #context: WindowsContext;
  /** Of windows whose results go out once. */
  readonly #values: WindowValues | undefined;
  /** Of those whose newest results go out by the wall clock. */
  readonly #changed: ChangedResults | undefined;

  constructor(options: OverlappingOptions, context: WindowsContext) {
    this.#options = options;
    this.#context = context;
    const { combine, subtract } = context.combiner;
    if (context.emit !== "final") this.#changed = new ChangedResults(options, context);
    else if (subtract === undefined) this.#values = new PaneTree(options, combine);
    else this.#values = new RunningValue(options.table, combine, subtract);
  }

  /** Lets go of all that was made: for a record in a pane that a window was made of. */
  forget(): void {
    this.#values?.forget();
  }

  close(watermarkMs: number, gone: Pane[]): boolean {
    const { table, advanceMs } = this.#options;
    const last = this.#lastClosed(watermarkMs);
    let some = false;
    for (;;) {
      const start = this.#nextAfter(this.closedMs, table.open());
      if (!(start <= last)) break;
      // Its panes may all stay, for windows to come; the watermark must be committed all the same.
      some = true;
      this.#emit(start);
      this.closedMs = start;
      const left = table.detachWhile(({ startMs }) => startMs < start + advanceMs);
      this.#values?.leave(left, start + advanceMs);
      this.#changed?.leave(left, start + advanceMs);
      for (const pane of left) gone.push(pane);
    }
    if (Number.isFinite(last)) this.closedMs = Math.max(this.closedMs, last);
    this.#changed?.settle(table.open());
    return some;
  }

  skipTo(watermarkMs: number, gone: Pane[]): void {
    const { table, advanceMs } = this.#options;
    const last = this.#lastClosed(watermarkMs);
    const left = table.detachWhile(({ startMs }) => startMs < last + advanceMs);
    this.#changed?.leave(left, last + advanceMs);
    for (const pane of left) gone.push(pane);
    if (Number.isFinite(last)) this.closedMs = last;
  }

  fold(partial: PartialResult, watermarkMs: number): void {
    const { table, advanceMs, offsetMs } = this.#options;
    const { startMs, boundMs, key, keyStart, keyEnd, records } = partial;
    const { counts } = this.#context;
    const last = Math.floor((startMs - offsetMs) / advanceMs) * advanceMs + offsetMs;
    const open = Math.max(boundMs, this.#lastClosed(watermarkMs) + advanceMs);
    const windowsFrom = (first: number) => Math.max(0, Math.round((last - first) / advanceMs) + 1);
    counts.lateAtOperator += (windowsFrom(boundMs) - windowsFrom(open)) * records;
    if (open > last) return;
    counts.accepted += windowsFrom(open) * records;
    const pane = table.pane(startMs, boundMs);
    foldInto(pane, pane.find(key, keyStart, keyEnd), partial, this.#context);
    if (boundMs <= this.closedMs) this.forget();
  }

  clear(): void {
    this.#options.table.release();
  }

  emitChanged(): boolean {
    const { table, advanceMs } = this.#options;
    let changed = table.open().filter((pane) => pane.changed().length > 0);
    if (changed.length === 0) return false;
    const all = changed;
    for (let start = this.#nextAfter(this.closedMs, changed); !Number.isNaN(start); ) {
      this.#changed!.emit(start, this.#panesOf(start));
      // The last window that a pane is in begins with it, or before.
      changed = changed.filter(({ startMs }) => startMs >= start + advanceMs);
      start = this.#nextAfter(start, changed);
    }
    for (const pane of all) pane.forgetChanged();
    this.#changed!.clear();
    return true;
  }

  restored(): void {}

  release(): void {
    this.#values?.release();
    this.#changed?.release();
  }

  /** Sends out what is due of a window that closes. */
  #emit(startMs: number): void {
    const { emit, result, counts } = this.#context;
    const panes = this.#panesOf(startMs);
    if (emit === "final") {
      const entries = this.#values!.of(startMs, panes, this.closedMs);
      const endMs = startMs + this.#options.sizeMs;
      for (const entry of entries.sorted()) result(entries, entry, startMs, endMs);
      return;
    }
    this.#changed!.emit(startMs, panes);
    // Written already, update by update: the ledger counts the records as their window leaves.
    for (const pane of panes) counts.resultRecords += pane.records();
  }

  /** Those that count in a window. */
  #panesOf(startMs: number): readonly Pane[] {
    const { table, sizeMs } = this.#options;
    return table
      .open()
      .filter(
        (pane) =>
          pane.boundMs <= startMs && startMs <= pane.startMs && pane.startMs < startMs + sizeMs,
      );
  }

  /** Start of the last window that a watermark closes. */
  #lastClosed(watermarkMs: number): number {
    const { sizeMs, advanceMs, graceMs, offsetMs } = this.#options;
    return (
      Math.floor((watermarkMs - sizeMs - graceMs - offsetMs) / advanceMs) * advanceMs + offsetMs
    );
  }

  /** Start of the first window behind `closedMs` that some pane counts in; NaN when there is none. */
  #nextAfter(closedMs: number, panes: readonly Pane[]): number {
    const { advanceMs } = this.#options;
    if (panes.length === 0) return Number.NaN;
    const oldest = panes.reduce(
      (least, { boundMs }) => Math.min(least, boundMs),
      Number.POSITIVE_INFINITY,
    );
    return Math.max(oldest, closedMs + advanceMs);
  }
}
