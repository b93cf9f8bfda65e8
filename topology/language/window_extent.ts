/**
 * How far windows reach: what tells the end of one from its start, and how long one is open.
 *
 * @module
 */

import { Calendar, longestCalendarMs } from "./calendar.ts";
import { showDuration } from "./duration.ts";
import type { OwnWindow, WindowExtent, WindowPlan } from "./plan.ts";

export function extentOf(window: OwnWindow): WindowExtent {
  switch (window.kind) {
    case "hopping":
      return { kind: "fixed", sizeMs: window.sizeMs };
    case "sliding":
      return { kind: "fixed", sizeMs: window.differenceMs };
    case "session":
      return { kind: "session" };
    case "calendar":
      return { kind: "calendar", unit: window.unit, zone: window.zone };
  }
}

export function sameExtent(a: WindowExtent | undefined, b: WindowExtent | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** `1m`, `session`, `day in Asia/Shanghai` */
export function showExtent(extent: WindowExtent): string {
  switch (extent.kind) {
    case "fixed":
      return showDuration(extent.sizeMs);
    case "session":
      return "session";
    case "calendar":
      return `${extent.unit} in ${extent.zone}`;
  }
}

/** For windows whose start alone tells where they end. @returns the end of one, ms */
export function createEndOf(
  extent: Exclude<WindowExtent, { readonly kind: "session" }>,
): (startMs: number) => number {
  if (extent.kind === "fixed") return (startMs) => startMs + extent.sizeMs;
  const calendar = new Calendar(extent.unit, extent.zone);
  return (startMs) => calendar.endOf(startMs);
}

/** Both ends are in such windows. */
export function isInclusive(window: OwnWindow): boolean {
  return window.kind === "sliding" || window.kind === "session";
}

/** The windows that results are of, also behind `window: same`. */
export function ownWindow(window: WindowPlan): OwnWindow | undefined {
  if (window.kind === "none") return undefined;
  return window.kind === "same" ? window.of : window;
}

/** From a record's own time to that of the last result with it, at most, ms; grace left out. */
export function reachMs(window: OwnWindow): number {
  switch (window.kind) {
    case "hopping":
      return window.sizeMs;
    case "sliding":
      return window.differenceMs;
    case "session":
      return window.gapMs;
    case "calendar":
      return longestCalendarMs(window.unit);
  }
}
