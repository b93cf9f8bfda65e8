/**
 * Tells how far the restore of a task is, when it takes long.
 *
 * @module
 */

import type { Clock } from "./ports.ts";

const TOLD_EVERY_MS = 1000;

export interface RestoringEvent {
  readonly kind: "restoring";
  readonly task: string;
  /** Read from the changelog so far. */
  readonly entries: number;
  readonly entriesPerSecond: number;
  /** Of the changelog, 0 to 1. */
  readonly share: number;
  /** At this pace. */
  readonly leftMs: number;
}

/** @returns what is to be called after each fetch, with the entries so far and the next offset */
export function tellProgress(
  { task, from, to }: { readonly task: string; readonly from: number; readonly to: number },
  clock: Clock,
  onEvent: (event: RestoringEvent) => void,
): (entries: number, offset: number) => void {
  const startMs = clock.monotonic();
  let toldMs = startMs;
  return (entries, offset) => {
    const nowMs = clock.monotonic();
    if (nowMs - toldMs < TOLD_EVERY_MS) return;
    toldMs = nowMs;
    const tookMs = nowMs - startMs;
    const share = Math.min(1, (offset - from) / (to - from));
    onEvent({
      kind: "restoring",
      task,
      entries,
      entriesPerSecond: Math.round((entries * 1000) / tookMs),
      share,
      leftMs: share > 0 ? Math.round((tookMs * (1 - share)) / share) : 0,
    });
  };
}
