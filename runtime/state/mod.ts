/**
 * State of window stages: tables in typed arrays, a byte budget, the changelog's format.
 *
 * @module
 */

export type { AccumulatorCodec, AccumulatorObject } from "./accumulator.ts";
export * from "./changelog.ts";
export {
  type EntryImage,
  type EntryPlace,
  EntryShape,
  type EntryShapeOptions,
} from "./entry_shape.ts";
export { ENTRY_OFFSETS, ENTRY_RECORDS, EntryTable } from "./entry_table.ts";
export { DEFAULT_STATE_BYTES, MemoryBudget } from "./memory_budget.ts";
export { Pane } from "./pane.ts";
export { PlacedEntries } from "./placed_entries.ts";
export { PlacedTable } from "./placed_table.ts";
export {
  encodeSnapshot,
  type SnapshotBytes,
  type SnapshotHead,
  type SnapshotOrigin,
  SnapshotReader,
} from "./snapshot.ts";
export type { EntryGroup, StageTable } from "./stage_table.ts";
export { TimedEntries } from "./timed_entries.ts";
export type { TrackedEntries } from "./tracked_entries.ts";
export { groupOf, WindowTable } from "./window_table.ts";
