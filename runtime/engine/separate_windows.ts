/**
 * Windows with entries of their own each: those that follow each other, those of a calendar, those of
 * results; and the one that never closes.
 *
 * @module
 */

import type { Pane, WindowTable } from "../state/mod.ts";
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
    const { table, forever, graceMs, inclusive } = this.#options;
    if (forever) return;
    const closed = table
      .open()
      .filter(({ boundMs }) =>
        inclusive ? boundMs + graceMs < watermarkMs : boundMs + graceMs <= watermarkMs,
      )
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

  restored(): void {}

  release(): void {}
}
