/**
 * Windows with entries of their own each: those that follow each other, those of a calendar, those of
 * results; and the one that never closes.
 *
 * @module
 */

import type { Pane, WindowTable } from "../state/mod.ts";
import { foldInto, type PartialResult } from "./partial_result.ts";
import type { Windows, WindowsContext } from "./windows.ts";

export interface SeparateOptions {
  readonly table: WindowTable;
  /** They never close. */
  readonly forever: boolean;
  readonly graceMs: number;
  /** Their ends are in them. */
  readonly inclusive: boolean;
}

export class SeparateWindows implements Windows {
  readonly #options: SeparateOptions;
  readonly #context: WindowsContext;

  constructor(options: SeparateOptions, context: WindowsContext) {
    this.#options = options;
    this.#context = context;
  }

  close(watermarkMs: number, gone: Pane[]): boolean {
    const { emit, counts, result } = this.#context;
    const first = gone.length;
    this.skipTo(watermarkMs, gone);
    for (const pane of gone.slice(first)) {
      const { startMs, boundMs } = pane;
      const due = emit === "final" ? pane.sorted() : pane.takeChanged();
      for (const entry of due) result(pane, entry, startMs, boundMs);
      // Written already, update by update: the ledger counts the records as their window leaves.
      if (emit !== "final") counts.resultRecords += pane.records();
    }
    return gone.length > first;
  }

  skipTo(watermarkMs: number, gone: Pane[]): void {
    const { table, forever } = this.#options;
    if (forever) return;
    const closed = table
      .open()
      .filter(({ boundMs }) => this.#isClosed(boundMs, watermarkMs))
      .sort((a, b) => a.boundMs - b.boundMs);
    for (const pane of closed) table.detach(pane);
    gone.push(...closed);
  }

  emitChanged(): boolean {
    const { result } = this.#context;
    let some = false;
    this.#options.table.takeChanged((pane, entry) => {
      some = true;
      result(pane, entry, pane.startMs, pane.boundMs);
    });
    return some;
  }

  fold(partial: PartialResult, watermarkMs: number): void {
    const { startMs, boundMs, records } = partial;
    const { counts } = this.#context;
    if (this.#isClosed(boundMs, watermarkMs)) {
      counts.lateAtOperator += records;
      return;
    }
    counts.accepted += records;
    foldInto(this.#options.table.pane(startMs, boundMs), partial, this.#context);
  }

  clear(): void {
    this.#options.table.release();
  }

  restored(): void {}

  release(): void {}

  #isClosed(endMs: number, watermarkMs: number): boolean {
    const { forever, graceMs, inclusive } = this.#options;
    if (forever) return false;
    return inclusive ? endMs + graceMs < watermarkMs : endMs + graceMs <= watermarkMs;
  }
}
