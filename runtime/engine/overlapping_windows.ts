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
  /** A pane has changed that windows may have been made of, or there are no more windows. */
  forget(): void;
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
  readonly #values: WindowValues;

  constructor(options: OverlappingOptions, context: WindowsContext) {
    this.#options = options;
    this.#context = context;
    const { combine, subtract } = context.combiner;
    this.#values =
      subtract === undefined
        ? new PaneTree(options, combine)
        : new RunningValue(options.table, combine, subtract);
  }

  /** Lets go of all that was made: for a record in a pane that a window was made of. */
  forget(): void {
    this.#values.forget();
  }

  close(watermarkMs: number, gone: Pane[]): boolean {
    const { table, sizeMs, advanceMs } = this.#options;
    const { result } = this.#context;
    const last = this.#lastClosed(watermarkMs);
    let some = false;
    for (;;) {
      const panes = table.open();
      const start = this.#nextAfter(this.closedMs, panes);
      if (!(start <= last)) break;
      // Its panes may all stay, for windows to come; the watermark must be committed all the same.
      some = true;
      const inside = panes.filter(
        ({ startMs, boundMs }) => boundMs <= start && startMs < start + sizeMs,
      );
      const entries = this.#values.of(start, inside, this.closedMs);
      for (const entry of entries.sorted()) result(entries, entry, start, start + sizeMs);
      this.closedMs = start;
      const left = table.detachWhile(({ startMs }) => startMs < start + advanceMs);
      this.#values.leave(left, start + advanceMs);
      for (const pane of left) gone.push(pane);
    }
    if (Number.isFinite(last)) this.closedMs = Math.max(this.closedMs, last);
    return some;
  }

  skipTo(watermarkMs: number, gone: Pane[]): void {
    const { table, advanceMs } = this.#options;
    const last = this.#lastClosed(watermarkMs);
    for (const pane of table.detachWhile(({ startMs }) => startMs < last + advanceMs)) {
      gone.push(pane);
    }
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

  /** They are for final results only. */
  emitChanged(): boolean {
    return false;
  }

  restored(): void {}

  release(): void {
    this.#values.forget();
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
