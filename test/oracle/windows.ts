/**
 * Which windows records count in, by definition: each kind is one function that looks at all records
 * of one key at once.
 */

import type { Window } from "./description.ts";

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
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
  }
}

/** Timestamp of a window's final result. */
export function resultTimeMs({ kind }: Window, { endMs }: Interval): number {
  return kind === "hopping" || kind === "same" ? endMs - 1 : endMs;
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
