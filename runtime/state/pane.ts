/**
 * Entries of one window, or of one slice of windows that overlap.
 *
 * @module
 */

import { encodeEntryKey } from "./changelog.ts";
import type { EntryLayout } from "./entry_table.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { TrackedEntries } from "./tracked_entries.ts";

export class Pane extends TrackedEntries {
  readonly startMs: number;
  /**
   * What tells panes of one start apart, ms: the end of a window; of a slice, the start of the first
   * window that its records count in.
   */
  readonly boundMs: number;

  constructor(startMs: number, boundMs: number, layout: EntryLayout, budget: MemoryBudget) {
    super(layout, budget);
    this.startMs = startMs;
    this.boundMs = boundMs;
  }

  override changelogKey(entry: number): Uint8Array {
    const { startMs, boundMs, keys } = this;
    return encodeEntryKey(startMs, boundMs, keys, this.keyStart(entry), this.keyEnd(entry));
  }
}
