/**
 * Windows with entries of their own each, one of which begins later than another when it ends later:
 * those that follow each other, those of a calendar, those of results; and the one that never closes.
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
    // In order of their starts they are in order of their ends.
    const closed = this.#options.table.detachWhile((pane) =>
      this.#isClosed(pane.boundMs, watermarkMs),
    );
    for (const pane of closed) gone.push(pane);
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
    const { startMs, boundMs, key, keyStart, keyEnd, records } = partial;
    const { counts } = this.#context;
    if (this.#isClosed(boundMs, watermarkMs)) {
      counts.lateAtOperator += records;
      return;
    }
    counts.accepted += records;
    const pane = this.#options.table.pane(startMs, boundMs);
    foldInto(pane, pane.find(key, keyStart, keyEnd), partial, this.#context);
  }

  clear(): void {
    this.#options.table.release();
  }

  restored(): void {}

  release(): void {}

  #isClosed(endMs: number, watermarkMs: number): boolean {
    const { forever, graceMs } = this.#options;
    return !forever && endMs + graceMs <= watermarkMs;
  }
}
