/**
 * State of one stage of one task, as the changelog sees it.
 *
 * @module
 */

import type { EntryImage, EntryPlace, EntryShape } from "./entry_shape.ts";
import type { EntryTable } from "./entry_table.ts";
import type { TrackedEntries } from "./tracked_entries.ts";

/** Entries that stand together, and where: of a pane its start and bound, else 0. */
export interface EntryGroup {
  readonly startMs: number;
  readonly boundMs: number;
  readonly entries: TrackedEntries;
}

export interface StageTable {
  readonly shape: EntryShape;
  /** All entries. */
  groups(): readonly EntryGroup[];
  /** The entries of a group, made if there is none. */
  group(startMs: number, boundMs: number): TrackedEntries;
  /** Entries of the same shape, which stand nowhere. */
  combined(): EntryTable;
  /**
   * Calls back for entries changed since they were last visited, until the visitor returns true: the
   * next call goes on behind it.
   * @returns whether all were visited
   */
  drainDirty(visit: (entries: TrackedEntries, entry: number) => boolean): boolean;
  /** Calls back for every entry deleted since the last call. */
  takeDeleted(visit: (entries: TrackedEntries, entry: number) => void): void;
  image(entries: TrackedEntries, entry: number): EntryImage;
  /**
   * Puts back what the changelog holds; undefined deletes.
   * @returns false when the image does not fit this table: other inputs or accumulators
   * @throws {MillraceError} STATE_CORRUPT for an accumulator that cannot be read
   */
  restore(at: EntryPlace, image: EntryImage | undefined): boolean;
  /** All of the changelog was given to `restore`. */
  restored(): void;
  /** Counts every result as changed since it went out. */
  changeAll(): void;
  /** Gives everything back to the budget. */
  release(): void;
}
