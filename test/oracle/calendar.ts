/** Windows of a calendar: all that has the same local hour, date, week or month stands together. */

import type { CalendarUnit, Window } from "./description.ts";
import type { Interval } from "./windows.ts";

const QUARTER_MS = 15 * 60_000;
const SECOND_MS = 1000;

/** What was found, by unit and zone: all instants in a window are of that window. */
const found = new Map<string, Interval[]>();

/** From the first instant that has this one's local hour, date, week or month to the first that has not. */
export function calendarWindow(
  { unit, zone }: Extract<Window, { kind: "calendar" }>,
  timeMs: number,
): Interval {
  const name = `${unit} ${zone}`;
  const windows = found.get(name) ?? [];
  found.set(name, windows);
  let window = windows.find(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
  if (window === undefined) {
    window = findWindow(unit, zone, timeMs);
    windows.push(window);
  }
  return window;
}

function findWindow(unit: CalendarUnit, zone: string, timeMs: number): Interval {
  const format = formatOf(zone);
  const name = (atMs: number) => nameOf(unit, format, atMs);
  const here = name(timeMs);
  const second = Math.floor(timeMs / SECOND_MS) * SECOND_MS;
  // Quarters of an hour first: no change of the clock is undone within one.
  let startMs = second;
  while (name(startMs - QUARTER_MS) === here) startMs -= QUARTER_MS;
  while (name(startMs - SECOND_MS) === here) startMs -= SECOND_MS;
  let lastMs = second;
  while (name(lastMs + QUARTER_MS) === here) lastMs += QUARTER_MS;
  while (name(lastMs + SECOND_MS) === here) lastMs += SECOND_MS;
  return { startMs: Math.max(0, startMs), endMs: lastMs + SECOND_MS };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      calendar: "gregory",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
    });
  formats.set(zone, format);
  return format;
}

function nameOf(unit: CalendarUnit, format: Intl.DateTimeFormat, atMs: number): string {
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const [year, month, day] = [parts.get("year")!, parts.get("month")!, parts.get("day")!];
  switch (unit) {
    case "hour":
      return `${year}-${month}-${day} ${parts.get("hour")}`;
    case "day":
      return `${year}-${month}-${day}`;
    case "week":
      return mondayOf(year, month, day);
    case "month":
      return `${year}-${month}`;
  }
}

/** Date of the Monday on or before a date. */
function mondayOf(year: number, month: number, day: number): string {
  const date = new Date(Date.UTC(year, month - 1, day));
  while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}
