/**
 * What another task has put together of records of one key, and how an entry takes it in.
 *
 * @module
 */

import type { EntryTable, TrackedEntries } from "../state/mod.ts";
import type { WindowsContext } from "./windows.ts";

/** It stands in an entry of the shape that the stage's own have. */
export interface PartialResult {
  /** Of its window or slice (see `Pane`); of a session its first and its last time. */
  readonly startMs: number;
  readonly boundMs: number;
  /** A range of these bytes. */
  readonly key: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly entries: EntryTable;
  readonly entry: number;
  /** How many were put together. */
  readonly records: number;
  /** Number of the input that it came from, and its offset there. */
  readonly input: number;
  readonly offset: number;
}

/** Combines it into an entry of its key, unless that was restored and has it already. */
export function foldInto(
  into: TrackedEntries,
  own: number,
  partial: PartialResult,
  { combiner, emit }: WindowsContext,
): void {
  const { entries, entry, input, offset } = partial;
  if (into.covers(own, input, offset)) return;
  combiner.combine(into, own, entries, entry);
  if (emit === "every") into.change(own);
}
