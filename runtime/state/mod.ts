/**
 * State of window stages: tables in typed arrays, a byte budget, the changelog's format.
 *
 * @module
 */

export type { AccumulatorCodec, AccumulatorObject } from "./accumulator.ts";
export * from "./changelog.ts";
export type { EntryImage, EntryPlace, EntryShapeOptions } from "./entry_shape.ts";
export { ENTRY_OFFSETS, ENTRY_RECORDS, EntryTable } from "./entry_table.ts";
export { DEFAULT_STATE_BYTES, MemoryBudget } from "./memory_budget.ts";
export { Pane } from "./pane.ts";
export type { StageTable } from "./stage_table.ts";
export type { TimedEntries } from "./timed_entries.ts";
export { Timeline } from "./timeline.ts";
export type { TrackedEntries } from "./tracked_entries.ts";
export { WindowTable } from "./window_table.ts";
