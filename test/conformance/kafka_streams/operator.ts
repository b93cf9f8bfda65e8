/**
 * What the models of windowed operators have in common.
 *
 * @module
 */

import type { Value } from "../vectors.ts";
import type { WindowResult } from "./semantics.ts";
import { windowKeyHex } from "./window_key_hex.ts";

export interface KeyedRecord {
  readonly key: string | null;
  readonly value: Value;
  readonly ts: number;
}

export interface Processed {
  /** What is forwarded in update mode. */
  readonly updates: readonly WindowResult[];
  /** Windows that refused the record; 1 for a record that is dropped as a whole. */
  readonly drops: number;
}

export const NOTHING: Processed = { updates: [], drops: 0 };
export const DROPPED: Processed = { updates: [], drops: 1 };

/** One window of one key. */
export interface Entry {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  aggregate: Value;
  /** Highest timestamp of its records. */
  ts: number;
  emitted: boolean;
}

export interface Operator {
  /** Whether an end belongs to its window. */
  readonly isInclusive: boolean;
  process(record: KeyedRecord): Processed;
  /** Lets the stream time run to `ts`, if that is later. */
  advance(ts: number): void;
  /** Entries that are closed and have not been given out by this yet. */
  close(): readonly Entry[];
}

export function resultOf(
  kind: "time" | "session",
  { key, start, end, ts }: Omit<Entry, "aggregate" | "emitted">,
  value: Value,
): WindowResult {
  return {
    key,
    windowStart: start,
    windowEnd: end,
    value,
    ts,
    keyHex: windowKeyHex(kind, key, start, end),
  };
}
