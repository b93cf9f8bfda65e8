/**
 * Keys whose results have changed in windows that overlap, one window after the other: a key stands
 * here with the number of panes in the window that it has changed in.
 *
 * @module
 */

import { ENTRY_RECORDS, EntryTable, type MemoryBudget, type Pane } from "../state/mod.ts";

const LAYOUT = {
  inputs: 0,
  firstAccumulator: ENTRY_RECORDS + 1,
  initial: Float64Array.of(0),
  objects: 0,
} as const;

export class ChangedKeys {
  readonly keys: EntryTable;
  /** Panes of the last window, by what they were then. */
  readonly #versions = new Map<Pane, number>();

  constructor(budget: MemoryBudget) {
    this.keys = new EntryTable(LAYOUT, budget);
  }

  /**
   * @param panes of a window
   * @returns entries of `keys`, in order
   */
  of(panes: readonly Pane[]): readonly number[] {
    const inside = new Set(panes);
    this.leave([...this.#versions.keys()].filter((pane) => !inside.has(pane)));
    for (const pane of panes) {
      if (this.#versions.has(pane)) continue;
      this.#add(pane, 1);
      this.#versions.set(pane, pane.version);
    }
    return this.keys.sorted();
  }

  /** Takes panes out that are in no window to come, before they are released. */
  leave(panes: readonly Pane[]): void {
    for (const [pane, version] of this.#versions) {
      if (pane.version !== version) this.clear();
    }
    for (const pane of panes) if (this.#versions.delete(pane)) this.#add(pane, -1);
  }

  /** Other entries are changed now. */
  clear(): void {
    this.#versions.clear();
    const { keys } = this;
    keys.forEach((entry) => {
      keys.remove(entry);
    });
  }

  release(): void {
    this.keys.release();
  }

  #add(pane: Pane, change: 1 | -1): void {
    const { keys } = this;
    for (const changed of pane.changed()) {
      const entry = keys.find(pane.keys, pane.keyStart(changed), pane.keyEnd(changed));
      keys.f64[entry + ENTRY_RECORDS]! += change;
      if (keys.f64[entry + ENTRY_RECORDS] === 0) keys.remove(entry);
    }
  }
}
