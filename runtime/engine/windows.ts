/**
 * How the windows of one stage close.
 *
 * @module
 */

import type { EntryTable, Pane } from "../state/mod.ts";
import type { WindowCounts } from "./ledger.ts";
import type { PartialResult } from "./partial_result.ts";
import type { Combiner, ResultProgram } from "./program/mod.ts";

export interface Windows {
  /**
   * Closes the windows that the watermark has passed, in order, and sends out what is due of them.
   * @param gone takes the panes that no open window needs; they still stand in the changelog
   * @returns true when anything has closed
   */
  close(watermarkMs: number, gone: Pane[]): boolean;
  /** Takes out what the restored watermark has closed, without a result; `gone` as above. */
  skipTo(watermarkMs: number, gone: Pane[]): void;
  /** Takes in what another task has put together, and counts it. */
  fold(partial: PartialResult, watermarkMs: number): void;
  /** Start and bound of an entry's window, ms, where windows do not stand in panes. */
  boundsOf?(entry: number): readonly [startMs: number, boundMs: number];
  /** Forgets all entries: they have travelled on. */
  clear(): void;
  /** Sends out the newest results of what has changed. @returns true when there was anything */
  emitChanged(): boolean;
  /** The stage's table was restored. */
  restored(): void;
  /** Gives back to the budget what is not the table's. */
  release(): void;
}

/** What windows need of their stage. */
export interface WindowsContext {
  readonly emit: "final" | "updates" | "every";
  readonly counts: WindowCounts;
  readonly combiner: Combiner;
  /** True for an entry whose accumulators have become null. */
  isNull(entries: EntryTable, entry: number): boolean;
  /** Makes and forwards the result of one entry. */
  result: ResultProgram;
}
