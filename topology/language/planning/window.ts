/**
 * The window of a windowedReduce.
 *
 * @module
 */

import { isTimeZone, zoneRules } from "../calendar.ts";
import type { Duration, Window, WindowedReduce } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import { showDuration } from "../duration.ts";
import type { OwnWindow, WindowPlan } from "../plan.ts";
import { suggest } from "../suggest.ts";
import type { Flow, Planning, RecordWindow } from "./context.ts";
import { durationMs } from "./streams.ts";

/** Windows of one stage that a record can be in: each of them has results of its own. */
const MAX_OVERLAP = 1000;

/** A window that a store is planned for. */
export type StoredWindow = Exclude<WindowPlan, { readonly kind: "none" }>;

/** @returns undefined when it is wrong, which has been reported */
export function planWindow(
  body: WindowedReduce,
  path: Path,
  above: RecordWindow | undefined,
  planning: Planning,
): StoredWindow | undefined {
  const at = [...path, "window"];
  if (body.window === "same") return planSame(body, path, above, planning);
  return planOwn(body.window, at, planning);
}

function planSame(
  body: WindowedReduce,
  path: Path,
  above: RecordWindow | undefined,
  { report }: Planning,
): StoredWindow | undefined {
  const at = [...path, "window"];
  if (above === undefined) {
    const message = "window: same means the window of each result, but no window stage is above";
    report.error("BAD_WINDOW", at, message, { hint: "window: { tumbling: 1s, grace: 0s }" });
    return undefined;
  }
  if (above.stage === undefined) {
    const message =
      "window: same needs the window stage in front of it: a source does not tell which windows are complete";
    report.error("BAD_WINDOW", at, message, {
      hint: "read the pipeline that makes them instead of its stream, or give the window here",
    });
    return undefined;
  }
  if (above.emit !== "final") {
    const message = `window: same needs one result per key and window, and "${above.stage}" gives several`;
    report.error("BAD_WINDOW", at, message, { hint: `emit: final in "${above.stage}"` });
    return undefined;
  }
  if (body.late !== undefined) {
    const message = "results of a window are never late for the same one";
    report.error("BAD_WINDOW", [...path, "late"], message, { on: "key", hint: "leave it out" });
    return undefined;
  }
  return { kind: "same", of: above.of };
}

function planOwn(
  window: Exclude<Window, "same">,
  path: Path,
  planning: Planning,
): OwnWindow | undefined {
  const graceMs = durationMs(window.grace, 0);
  if ("sliding" in window) {
    return { kind: "sliding", differenceMs: durationMs(window.sliding, 0), graceMs };
  }
  if ("session" in window) {
    return { kind: "session", gapMs: durationMs(window.session, 0), graceMs };
  }
  if ("calendar" in window) return planCalendar(window, graceMs, path, planning);
  return planHopping(window, graceMs, path, planning);
}

function planCalendar(
  { calendar: unit, zone }: Extract<Window, { readonly calendar: unknown }>,
  graceMs: number,
  path: Path,
  { report }: Planning,
): OwnWindow | undefined {
  if (isTimeZone(zone))
    return { kind: "calendar", unit, zone, zoneRules: zoneRules(zone), graceMs };
  // There are hundreds of zones, and only so many names are looked at.
  const area = zone.slice(0, zone.indexOf("/") + 1);
  const zones = Intl.supportedValuesOf("timeZone").filter((name) => name.startsWith(area));
  const near = suggest(zone, zones);
  report.error("BAD_WINDOW", [...path, "zone"], `there is no time zone "${zone}"`, {
    hint: near === undefined ? "a name like Asia/Shanghai or UTC" : `did you mean "${near}"?`,
  });
  return undefined;
}

function planHopping(
  window: Extract<Window, { readonly tumbling: Duration } | { readonly hopping: Duration }>,
  graceMs: number,
  path: Path,
  { report }: Planning,
): OwnWindow | undefined {
  const size = "tumbling" in window ? window.tumbling : window.hopping;
  const sizeMs = durationMs(size, 0);
  const advanceMs = "every" in window ? durationMs(window.every, 0) : sizeMs;
  if (advanceMs > sizeMs) {
    const message = `windows of ${size} every ${showDuration(advanceMs)} would leave records out`;
    report.error("BAD_WINDOW", [...path, "every"], message, { hint: `every: ${size} is the most` });
    return undefined;
  }
  const windows = Math.ceil(sizeMs / advanceMs);
  if (windows > MAX_OVERLAP) {
    const message = `each record would be in ${windows} windows, more than ${MAX_OVERLAP}`;
    const hint = `every: ${showDuration(Math.ceil(sizeMs / MAX_OVERLAP))} is the least for ${size}`;
    report.error("BAD_WINDOW", [...path, "every"], message, { hint });
    return undefined;
  }
  const offsetMs = durationMs(window.offset, 0) % advanceMs;
  return { kind: "hopping", sizeMs, advanceMs, graceMs, offsetMs };
}

/** Results that come by the wall clock cannot be counted on: which ones there are is chance. */
export function refuseSampled(path: Path, { sampledBy }: Flow, { report }: Planning): boolean {
  if (sampledBy === undefined) return false;
  const message = `a reduce behind "${sampledBy}", which emits by the wall clock: not yet built`;
  report.error("NOT_BUILT", path, message, {
    on: "key",
    hint: `emit: final or emit: updates in "${sampledBy}"`,
  });
  return true;
}
