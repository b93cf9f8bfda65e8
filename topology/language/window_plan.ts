/**
 * Windows in the plan.
 *
 * @module
 */

import type { CalendarUnit } from "./calendar.ts";

/** Which records a store keeps together. */
export type WindowPlan =
  | OwnWindow
  /** The window that each record is the result of. */
  | { readonly kind: "same"; readonly of: OwnWindow }
  /** All of a key. @param retentionMs it is forgotten after so long without a record. @default never */
  | { readonly kind: "none"; readonly retentionMs?: number };

/** Windows that a stage puts records into by their event times. */
export type OwnWindow = HoppingWindow | SlidingWindow | SessionWindow | CalendarWindow;

/** Tumbling where size and advance are equal. */
export interface HoppingWindow {
  readonly kind: "hopping";
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
  readonly offsetMs: number;
  /**
   * Kept as panes, whose edges are the starts and ends of windows, and put together as windows close.
   * Absent: each window has its own entries.
   */
  readonly panes?: true;
}

/**
 * `[a, a + difference]`, both ends in it: one that ends at each record, and one that begins right behind
 * each if any record is in it. Those that would begin before 1970 are one, `[0, difference]`.
 */
export interface SlidingWindow {
  readonly kind: "sliding";
  readonly differenceMs: number;
  readonly graceMs: number;
}

/** From a first record to a last one, both in it: no two neighbours are further apart than the gap. */
export interface SessionWindow {
  readonly kind: "session";
  readonly gapMs: number;
  readonly graceMs: number;
}

export interface CalendarWindow {
  readonly kind: "calendar";
  readonly unit: CalendarUnit;
  /** IANA name. */
  readonly zone: string;
  /** Changes with what the zone data of the machine that planned it say of the zone. */
  readonly zoneRules: string;
  readonly graceMs: number;
}

/** What tells the end of a window from its start. */
export type WindowExtent =
  | { readonly kind: "fixed"; readonly sizeMs: number }
  | { readonly kind: "calendar"; readonly unit: CalendarUnit; readonly zone: string }
  /** Nothing: both stand in the key. */
  | { readonly kind: "session" };
