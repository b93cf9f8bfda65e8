/**
 * Where Kafka Streams had a choice that an engine can make differently, as values and functions. A
 * model of its operators (the files beside this one) is given them, so that a difference on purpose
 * is one field, and everything else that a case says stays as Kafka Streams gave it.
 *
 * @module
 */

import type { OutputRecord } from "../vectors.ts";

/** A result on its way out: no input index yet. */
export type WindowResult = Omit<Required<OutputRecord>, "i" | "topic">;

/** What can be asked about a record that comes to a session. */
export interface SessionArrival {
  readonly ts: number;
  /** End of the session that it would be merged into, or of its own. */
  readonly mergedEnd: number;
  readonly streamTimeMs: number;
  readonly gapMs: number;
  readonly graceMs: number;
}

export interface Semantics {
  /** Whether a null value is a value like others for windows and stateless stages. */
  readonly takesNullValues: boolean;
  /** Whether records that never come to the operator, or are dropped there, move its stream time. */
  readonly droppedMoveTime: boolean;
  /** Whether sliding windows are what a walk over those that were made before finds, or by definition. */
  readonly walksSlidingWindows: boolean;
  /** Whether a window that is left of a record and right of the one before is forwarded for both. */
  readonly forwardsTwice: boolean;
  /** Whether updates of sliding windows come as the walk makes them, or by the starts of the windows. */
  readonly walksInOrder: boolean;
  /** Whether the pieces of merged sessions keep their own initialisers and parentheses. */
  readonly nestsMerges: boolean;
  /** Whether final results after updates wait in a buffer with a stream time of its own. */
  readonly buffersUpdates: boolean;
  refusesSession(arrival: SessionArrival): boolean;
  /** Order of results that become final with one record. */
  compareFinals(a: WindowResult, b: WindowResult): number;
  /** @param isInclusive of `windowEnd` */
  finalTimestamp(result: WindowResult, isInclusive: boolean): number;
}

export const KAFKA_STREAMS: Semantics = {
  takesNullValues: true,
  droppedMoveTime: false,
  walksSlidingWindows: true,
  forwardsTwice: true,
  walksInOrder: true,
  nestsMerges: true,
  buffersUpdates: true,
  refusesSession: ({ mergedEnd, streamTimeMs, gapMs, graceMs }) =>
    mergedEnd + gapMs + graceMs < streamTimeMs,
  compareFinals: (a, b) =>
    a.windowEnd - b.windowEnd || a.windowStart - b.windowStart || compareText(a.keyHex, b.keyHex),
  finalTimestamp: ({ ts }) => ts,
};

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
