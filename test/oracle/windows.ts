/**
 * Which windows records count in, by definition: each kind is one function that looks at all records
 * of one key at once.
 */

import { calendarWindow } from "./calendar.ts";
import type { Window } from "./description.ts";

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
  /** The end is in it. */
  readonly inclusive?: true;
}

/** What a rule needs to know of a record. */
export interface Timed {
  readonly timeMs: number;
  /** Stream time of its source partition when it was read, itself included. */
  readonly streamTimeMs: number;
  /** Window of the result that it is. */
  readonly window: Interval | undefined;
}

export interface Windowed<T> {
  readonly windows: readonly { readonly window: Interval; readonly records: readonly T[] }[];
  /** Records with the windows that were closed for them. */
  readonly refused: readonly { readonly record: T; readonly windows: readonly Interval[] }[];
}

/** Puts the records of one key, in any order, into their windows. */
export function windowed<T extends Timed>(window: Window, records: readonly T[]): Windowed<T> {
  switch (window.kind) {
    case "hopping":
      return perRecord(records, ({ timeMs }) => hoppingWindows(window, timeMs), window.graceMs);
    case "same":
      return perRecord(records, (record) => [record.window!], 0);
    case "calendar":
      return perRecord(records, ({ timeMs }) => [calendarWindow(window, timeMs)], window.graceMs);
    case "session":
      return sessions(window, records);
    case "sliding":
      return slides(window, records);
  }
}

/** Timestamp of a window's final result. */
export function resultTimeMs({ endMs, inclusive }: Interval): number {
  return inclusive ? endMs : endMs - 1;
}

/** For windows that a record's time alone decides. */
function perRecord<T extends Timed>(
  records: readonly T[],
  windowsOf: (record: T) => readonly Interval[],
  graceMs: number,
): Windowed<T> {
  const windows = new Map<string, { window: Interval; records: T[] }>();
  const refused: { record: T; windows: Interval[] }[] = [];
  for (const record of records) {
    const late: Interval[] = [];
    for (const window of windowsOf(record)) {
      if (window.endMs + graceMs <= record.streamTimeMs) {
        late.push(window);
        continue;
      }
      const name = `${window.startMs} ${window.endMs}`;
      if (!windows.has(name)) windows.set(name, { window, records: [] });
      windows.get(name)!.records.push(record);
    }
    if (late.length > 0) refused.push({ record, windows: late });
  }
  return { windows: [...windows.values()], refused };
}

/** Every `[start, start + size)` with a start at or after 0, `offset` from a multiple of `advance`. */
export function hoppingWindows(
  { sizeMs, advanceMs, offsetMs }: Extract<Window, { kind: "hopping" }>,
  timeMs: number,
): Interval[] {
  const windows: Interval[] = [];
  for (let startMs = Math.max(0, timeMs - sizeMs + 1); startMs <= timeMs; startMs++) {
    if ((startMs - offsetMs) % advanceMs !== 0) continue;
    windows.push({ startMs, endMs: startMs + sizeMs });
  }
  return windows;
}

/** What is accepted, cut wherever more than the gap is between two neighbours. */
function sessions<T extends Timed>(
  { gapMs, graceMs }: Extract<Window, { kind: "session" }>,
  records: readonly T[],
): Windowed<T> {
  const isLate = ({ timeMs, streamTimeMs }: T) => timeMs + graceMs < streamTimeMs;
  const windows: { window: Interval; records: T[] }[] = [];
  const accepted = records.filter((record) => !isLate(record));
  for (const record of accepted.toSorted((a, b) => a.timeMs - b.timeMs)) {
    const { timeMs } = record;
    const before = windows.at(-1);
    if (before === undefined || before.window.endMs + gapMs < timeMs) {
      const window = { startMs: timeMs, endMs: timeMs, inclusive: true } as const;
      windows.push({ window, records: [record] });
    } else {
      before.window = { ...before.window, endMs: timeMs };
      before.records.push(record);
    }
  }
  const refused = records.filter(isLate).map((record) => ({
    record,
    windows: [{ startMs: record.timeMs, endMs: record.timeMs }],
  }));
  return { windows, refused };
}

/**
 * Windows that end at a record that they hold (that of the records before the first difference is
 * `[0, difference]`), and those that begin behind a record and hold any. A record counts in those that have not closed for it; one that counts in none is refused.
 */
function slides<T extends Timed>(
  { differenceMs, graceMs }: Extract<Window, { kind: "sliding" }>,
  records: readonly T[],
): Windowed<T> {
  const countsIn = ({ timeMs, streamTimeMs }: T, startMs: number) =>
    startMs <= timeMs &&
    timeMs <= startMs + differenceMs &&
    startMs + differenceMs >= streamTimeMs - graceMs;
  // The last window that a record is in begins with it.
  const counted = records.filter((record) => countsIn(record, record.timeMs));
  const starts = new Set<number>();
  for (const record of counted) {
    const { timeMs } = record;
    // Windows that would begin before 1970 are one.
    const startMs = Math.max(0, timeMs - differenceMs);
    if (countsIn(record, startMs)) starts.add(startMs);
    if (counted.some((other) => countsIn(other, timeMs + 1))) starts.add(timeMs + 1);
  }
  const windows = [...starts]
    .sort((a, b) => a - b)
    .map((startMs) => ({
      window: { startMs, endMs: startMs + differenceMs, inclusive: true as const },
      records: counted.filter((record) => countsIn(record, startMs)),
    }));
  const refused = records
    .filter((record) => !counted.includes(record))
    .map((record) => ({
      record,
      windows: [
        {
          startMs: Math.max(0, record.timeMs - differenceMs),
          endMs: Math.max(differenceMs, record.timeMs),
        },
        { startMs: record.timeMs, endMs: record.timeMs + differenceMs },
      ],
    }));
  return { windows, refused };
}
