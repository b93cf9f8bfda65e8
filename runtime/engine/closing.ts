/**
 * What the passing of time does to a stage besides closing its windows: keys are forgotten, the newest
 * results go out.
 *
 * @module
 */

import { ENTRY_RECORDS, type WindowTable } from "../state/mod.ts";
import type { WindowCounts } from "./ledger.ts";
import type { Stage } from "./stage.ts";

/** How often keys are looked through within their retention. */
const SWEEPS = 4;

/**
 * Frees the keys that have outlived their retention. Records find them gone anyway, by their own
 * stream time: this only looks now and then.
 * @returns true when there were any
 */
export function forgetKeys(stage: Stage, watermarkMs: number): boolean {
  const { retentionMs } = stage;
  if (retentionMs === Number.POSITIVE_INFINITY) return false;
  if (!(watermarkMs - stage.sweptAtMs >= retentionMs / SWEEPS)) return false;
  stage.sweptAtMs = watermarkMs;
  // Only a reduce without windows forgets: its table has the one pane that never closes.
  const pane = (stage.table as WindowTable).pane(0, 0);
  let records = 0;
  pane.forEach((entry) => {
    const { f64 } = pane;
    // What has not gone out yet is waited for.
    if (f64[entry + ENTRY_RECORDS]! === 0 || pane.isChanged(entry)) return;
    if (f64[entry + stage.maxTime]! + retentionMs <= watermarkMs) records += pane.delete(entry);
  });
  (stage.counts as WindowCounts).expiredRecords += records;
  return records > 0;
}

/**
 * Sends out what has changed, when it is time, and in any case when nothing follows.
 * @returns true when there was something
 */
export function emitNewest(stage: Stage, nowMs: number, ended: boolean): boolean {
  const { everyMs, windows } = stage;
  if (everyMs === undefined) return false;
  const sinceMs = nowMs - stage.emittedAtMs;
  // A wall clock that was set back is not waited for.
  if (sinceMs >= 0 && sinceMs < everyMs && !ended) return false;
  const some = windows!.emitChanged();
  if (some) stage.emittedAtMs = nowMs;
  return some;
}
