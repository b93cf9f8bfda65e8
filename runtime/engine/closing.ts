/**
 * What the passing of time does to a stage: windows close, keys are forgotten, the newest results go
 * out.
 *
 * @module
 */

import { isReduce } from "../../topology/language/mod.ts";
import { ENTRY_RECORDS, type Pane } from "../state/mod.ts";
import type { WindowCounts } from "./ledger.ts";
import type { Stage } from "./stage.ts";

/** How often keys are looked through within their retention. */
const SWEEPS = 4;

/**
 * Closes the windows that the watermark has passed, in order.
 * @returns the panes that no open window needs; they still stand in the changelog
 */
export function closeWindows(stage: Stage, watermarkMs: number): readonly Pane[] {
  const { table, node, overlapping } = stage;
  if (table === undefined) return [];
  if (overlapping !== undefined) return overlapping.close(watermarkMs);
  const final = isReduce(node) && node.emit === "final";
  const closed = dropClosed(stage, watermarkMs);
  for (const pane of closed) {
    if (final) {
      for (const entry of pane.sorted()) stage.result(pane, entry, pane.startMs);
    } else {
      for (const entry of pane.takeChanged()) stage.result(pane, entry, pane.startMs);
      // Written already, update by update: the ledger counts the records as their window leaves.
      (stage.counts as WindowCounts).resultRecords += pane.records();
    }
  }
  return closed;
}

/**
 * Takes out what the watermark has closed, without a result.
 * @returns the panes, in order
 */
export function dropClosed(stage: Stage, watermarkMs: number): readonly Pane[] {
  const { table, overlapping } = stage;
  if (table === undefined) return [];
  if (overlapping !== undefined) return overlapping.skipTo(watermarkMs);
  const closed = table.open().filter((pane) => stage.isClosed(pane.startMs, watermarkMs));
  for (const pane of closed) table.detach(pane);
  return closed;
}

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
  const pane = stage.table!.pane(0);
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
  const { everyMs, table } = stage;
  if (everyMs === undefined) return false;
  const sinceMs = nowMs - stage.emittedAtMs;
  // A wall clock that was set back is not waited for.
  if (sinceMs >= 0 && sinceMs < everyMs && !ended) return false;
  let some = false;
  table!.takeChanged((pane, entry) => {
    some = true;
    stage.result(pane, entry, pane.startMs);
  });
  if (some) stage.emittedAtMs = nowMs;
  return some;
}
