/**
 * State of window stages: tables in typed arrays, a byte budget, the changelog's format.
 *
 * @module
 */

export type { AccumulatorCodec, AccumulatorObject } from "./accumulator.ts";
export * from "./changelog.ts";
export { ENTRY_OFFSETS, ENTRY_RECORDS, EntryTable } from "./entry_table.ts";
export { DEFAULT_STATE_BYTES, MemoryBudget } from "./memory_budget.ts";
export { Pane } from "./pane.ts";
export {
  type EntryImage,
  type EntryPlace,
  WindowTable,
  type WindowTableOptions,
} from "./window_table.ts";
