/**
 * Results of windows that overlap, of those keys only that have changed since they went out last. Each
 * is put together by itself, of the few parts that its window has.
 *
 * @module
 */

import type { EntryTable, Pane } from "../state/mod.ts";
import { ChangedKeys } from "./changed_keys.ts";
import type { OverlappingOptions } from "./overlapping_windows.ts";
import { PaneTree } from "./pane_tree.ts";
import type { WindowsContext } from "./windows.ts";

export class ChangedResults {
  readonly #options: OverlappingOptions;
  readonly #context: WindowsContext;
  readonly #tree: PaneTree;
  readonly #changed: ChangedKeys;
  /** The result that is being put together. */
  readonly #made: EntryTable;
  /** What panes were when time went on last: one that has not changed since is done with, most likely. */
  readonly #versions = new WeakMap<Pane, number>();

  constructor(options: OverlappingOptions, context: WindowsContext) {
    const { table } = options;
    this.#options = options;
    this.#context = context;
    this.#tree = new PaneTree(options, context.combiner.combine);
    this.#changed = new ChangedKeys(table.shape.budget);
    this.#made = table.combined();
  }

  /** Sends out what has changed in a window. @param panes those that count in it */
  emit(startMs: number, panes: readonly Pane[]): void {
    const changed = this.#changed.of(panes);
    if (changed.length === 0) return;
    const parts = this.#tree.partsOf(
      startMs,
      panes,
      (pane) => this.#versions.get(pane) === pane.version,
    );
    const { keys } = this.#changed;
    for (const entry of changed) {
      this.#emit(parts, startMs, keys.keys, keys.keyStart(entry), keys.keyEnd(entry));
    }
  }

  /** Panes that stay as they are until the next call can be put together. */
  settle(panes: readonly Pane[]): void {
    for (const pane of panes) this.#versions.set(pane, pane.version);
  }

  leave(panes: readonly Pane[], nextMs: number): void {
    this.#changed.leave(panes);
    this.#tree.leave(panes, nextMs);
  }

  /** All that has changed has gone out. */
  clear(): void {
    this.#changed.clear();
  }

  release(): void {
    this.#tree.release();
    this.#changed.release();
    this.#made.release();
  }

  #emit(
    parts: readonly EntryTable[],
    startMs: number,
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
  ): void {
    const { result, combiner } = this.#context;
    const endMs = startMs + this.#options.sizeMs;
    const made = this.#made;
    let only: EntryTable | undefined;
    let place = -1;
    for (const part of parts) {
      const found = part.seek(keys, keyStart, keyEnd);
      if (found < 0) continue;
      if (place < 0) {
        only = part;
        place = found;
        continue;
      }
      if (only !== made) {
        const first = made.find(keys, keyStart, keyEnd);
        combiner.combine(made, first, only!, place);
        only = made;
        place = first;
      }
      combiner.combine(made, place, part, found);
    }
    result(only!, place, startMs, endMs);
    if (only === made) made.remove(place);
  }
}
