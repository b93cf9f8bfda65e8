/**
 * State of one stage of one task whose windows depend on the records: all entries in one table.
 *
 * @module
 */

import type { EntryImage, EntryPlace, EntryShape } from "./entry_shape.ts";
import { EntryTable } from "./entry_table.ts";
import type { PlacedEntries } from "./placed_entries.ts";
import type { EntryGroup, StageTable } from "./stage_table.ts";
import type { TrackedEntries } from "./tracked_entries.ts";

export class PlacedTable<E extends PlacedEntries = PlacedEntries> implements StageTable {
  readonly entries: E;

  constructor(entries: E) {
    this.entries = entries;
  }

  get shape(): EntryShape {
    return this.entries.shape;
  }

  groups(): readonly EntryGroup[] {
    return [{ startMs: 0, boundMs: 0, entries: this.entries }];
  }

  group(): TrackedEntries {
    return this.entries;
  }

  /** Entries of the same shape, which have no place. */
  combined(): EntryTable {
    return new EntryTable(this.shape.layout, this.shape.budget);
  }

  drainDirty(visit: (entries: TrackedEntries, entry: number) => boolean): boolean {
    return this.entries.drainDirty((entry) => visit(this.entries, entry));
  }

  takeDeleted(visit: (entries: TrackedEntries, entry: number) => void): void {
    for (const entry of this.entries.takeDeleted()) visit(this.entries, entry);
  }

  image(entries: TrackedEntries, entry: number): EntryImage {
    return this.entries.shape.image(entries, entry);
  }

  restore(at: EntryPlace, image: EntryImage | undefined): boolean {
    return this.entries.restore(at, image);
  }

  restored(): void {
    this.entries.restored();
  }

  changeAll(): void {
    this.entries.changeAll();
  }

  release(): void {
    this.entries.release();
  }
}
