/**
 * Windows of a calendar: hours, days, weeks and months of a time zone.
 *
 * A window begins at the first instant of its local hour or date, weeks on Monday, and ends where the
 * next one begins. So a day can have 23 or 25 hours, and an hour that a clock repeats is one window of
 * two. What 1970 begins in begins with it.
 *
 * @module
 */

import { fingerprint } from "./fingerprint.ts";

export type CalendarUnit = "hour" | "day" | "week" | "month";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Windows that are remembered, each a look-up of a few microseconds otherwise. */
const MAX_KNOWN = 4096;
/** The longest there are: a clock that is put back makes a window longer. */
const LONGEST_MS: Readonly<Record<CalendarUnit, number>> = {
  hour: 2 * HOUR_MS,
  day: 25 * HOUR_MS,
  week: 7 * DAY_MS + HOUR_MS,
  month: 31 * DAY_MS + HOUR_MS,
};

/** At most so long is a window, ms. */
export function longestCalendarMs(unit: CalendarUnit): number {
  return LONGEST_MS[unit];
}

/** True for a time zone that this machine knows by that name. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Changes with what this machine's zone data say of a zone, 1970 to 2040. */
export function zoneRules(zone: string): string {
  const clock = new LocalClock(zone);
  const offsets: number[] = [];
  for (let year = 1970; year < 2040; year++) {
    for (let month = 0; month < 12; month++) {
      for (const day of [1, 15]) offsets.push(clock.offsetMs(Date.UTC(year, month, day)));
    }
  }
  return fingerprint(offsets);
}

/** The windows of one unit in one zone. */
export class Calendar {
  readonly #unit: CalendarUnit;
  readonly #clock: LocalClock;
  /** End by start. */
  readonly #known = new Map<number, number>();
  /** Of the window that was asked for last, ms. */
  startMs = Number.NaN;
  endMs = Number.NaN;

  /** @throws {RangeError} for a zone that is not known */
  constructor(unit: CalendarUnit, zone: string) {
    this.#unit = unit;
    this.#clock = new LocalClock(zone);
  }

  /** Finds the window that covers an instant: `startMs` and `endMs` are its own then. */
  find(timeMs: number): void {
    if (timeMs >= this.startMs && timeMs < this.endMs) return;
    const clock = this.#clock;
    let localMs = startOfUnit(this.#unit, timeMs + clock.offsetMs(timeMs));
    let startMs = clock.firstInstant(localMs);
    let endMs: number;
    for (;;) {
      localMs = nextUnit(this.#unit, localMs);
      endMs = clock.firstInstant(localMs);
      if (timeMs < endMs) break;
      // A clock that was put back over the edge: the date had begun before.
      startMs = endMs;
    }
    startMs = Math.max(0, startMs);
    this.startMs = startMs;
    this.endMs = endMs;
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(startMs, endMs);
  }

  /** End of the window that begins there, ms. */
  endOf(startMs: number): number {
    const known = this.#known.get(startMs);
    if (known !== undefined) return known;
    this.find(startMs);
    return this.endMs;
  }
}

/** What clocks of a zone show. Local times are ms as if the zone were UTC. */
class LocalClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.#format = formatOf(zone);
  }

  /** Local time less UTC, ms. */
  offsetMs(timeMs: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(timeMs)) parts[type] = Number(value);
    const { year, month, day, hour, minute, second } = parts as Record<string, number> &
      Readonly<Record<"year" | "month" | "day" | "hour" | "minute" | "second", number>>;
    const localMs = Date.UTC(year, month - 1, day, hour, minute, second);
    return localMs - Math.floor(timeMs / 1000) * 1000;
  }

  /** First instant at which clocks show a local time or, where they leap over it, a later one. */
  firstInstant(localMs: number): number {
    const before = this.offsetMs(localMs - DAY_MS);
    const after = this.offsetMs(localMs + DAY_MS);
    const candidates = [localMs - before, localMs - after].sort((a, b) => a - b);
    for (const candidate of candidates) {
      if (candidate + this.offsetMs(candidate) === localMs) return candidate;
    }
    // The clock leaps between the two.
    let [low, high] = candidates as [number, number];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetMs(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  }
}

/** By zone: they take long to make. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      calendar: "gregory",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

function startOfUnit(unit: CalendarUnit, localMs: number): number {
  const date = new Date(localMs);
  const day = Math.floor(localMs / DAY_MS) * DAY_MS;
  switch (unit) {
    case "hour":
      return Math.floor(localMs / HOUR_MS) * HOUR_MS;
    case "day":
      return day;
    case "week":
      return day - ((date.getUTCDay() + 6) % 7) * DAY_MS;
    case "month":
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  }
}

function nextUnit(unit: CalendarUnit, localMs: number): number {
  switch (unit) {
    case "hour":
      return localMs + HOUR_MS;
    case "day":
      return localMs + DAY_MS;
    case "week":
      return localMs + 7 * DAY_MS;
    case "month": {
      const date = new Date(localMs);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    }
  }
}
