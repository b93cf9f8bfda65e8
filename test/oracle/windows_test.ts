import { describe, expect, test } from "vitest";
import { calendarWindow } from "./calendar.ts";
import type { CalendarUnit, Window } from "./description.ts";
import { hoppingWindows, type Timed, windowed } from "./windows.ts";

/** Records at these times of one partition, in this order. */
function read(...times: readonly number[]): Timed[] {
  let streamTimeMs = Number.NEGATIVE_INFINITY;
  return times.map((timeMs) => {
    streamTimeMs = Math.max(streamTimeMs, timeMs);
    return { timeMs, streamTimeMs, window: undefined };
  });
}

/** `<start>..<end>: <times>` of each window, and the times of the records that were refused. */
function show(window: Window, records: readonly Timed[]) {
  const { windows, refused } = windowed(window, records);
  return {
    windows: windows
      .toSorted((a, b) => a.window.startMs - b.window.startMs)
      .map(
        ({ window: { startMs, endMs }, records }) =>
          `${startMs}..${endMs}: ${records.map(({ timeMs }) => timeMs).join(" ")}`,
      ),
    refused: refused.map(
      ({ record, windows }) =>
        `${record.timeMs}: ${windows.map(({ startMs }) => startMs).join(" ")}`,
    ),
  };
}

describe("hopping windows", () => {
  const starts = (sizeMs: number, advanceMs: number, offsetMs: number, timeMs: number) =>
    hoppingWindows({ kind: "hopping", sizeMs, advanceMs, offsetMs, graceMs: 0 }, timeMs).map(
      ({ startMs }) => startMs,
    );

  test("begin at every multiple of the advance that covers the time", () => {
    expect(starts(10, 10, 0, 9)).toEqual([0]);
    expect(starts(10, 10, 0, 10)).toEqual([10]);
    expect(starts(10, 5, 0, 12)).toEqual([5, 10]);
  });

  test("of 7 every 3 are two or three", () => {
    expect(starts(7, 3, 0, 12)).toEqual([6, 9, 12]);
    expect(starts(7, 3, 0, 13)).toEqual([9, 12]);
    expect(starts(7, 3, 0, 14)).toEqual([9, 12]);
    expect(starts(7, 3, 0, 15)).toEqual([9, 12, 15]);
  });

  test("stand on their offset, and none begins below 0", () => {
    expect(starts(7, 3, 2, 13)).toEqual([8, 11]);
    expect(starts(7, 3, 0, 2)).toEqual([0]);
    expect(starts(10, 10, 4, 3)).toEqual([]);
  });

  test("refuse a record one by one, at equality too", () => {
    const window: Window = { kind: "hopping", sizeMs: 10, advanceMs: 5, offsetMs: 0, graceMs: 2 };
    expect(show(window, read(4, 12, 4))).toEqual({
      windows: ["0..10: 4", "5..15: 12", "10..20: 12"],
      refused: ["4: 0"],
    });
    expect(show(window, read(11, 7)).refused).toEqual([]);
    expect(show(window, read(12, 7))).toEqual({
      windows: ["5..15: 12 7", "10..20: 12"],
      refused: ["7: 0"],
    });
  });
});

describe("sessions", () => {
  const window: Window = { kind: "session", gapMs: 5, graceMs: 10 };

  test("go on over a gap, at equality too", () => {
    expect(show(window, read(1, 6, 12)).windows).toEqual(["1..6: 1 6", "12..12: 12"]);
  });

  test("are merged by a record that comes between them", () => {
    expect(show(window, read(0, 10, 5)).windows).toEqual(["0..10: 0 5 10"]);
  });

  test("refuse a record more than the grace behind", () => {
    expect(show(window, read(20, 10, 9))).toEqual({
      windows: ["10..10: 10", "20..20: 20"],
      refused: ["9: 9"],
    });
  });
});

describe("sliding windows", () => {
  const window: Window = { kind: "sliding", differenceMs: 10, graceMs: 0 };

  test("end at each record, and begin behind it where another follows", () => {
    // 20 alone; 20 and 25; behind 20: 25 alone.
    expect(show(window, read(20, 25)).windows).toEqual([
      "10..20: 20",
      "15..25: 20 25",
      "21..31: 25",
    ]);
    // At the difference both are in one window, and one further they are not.
    expect(show(window, read(20, 30)).windows).toEqual([
      "10..20: 20",
      "20..30: 20 30",
      "21..31: 30",
    ]);
    expect(show(window, read(20, 31)).windows).toEqual(["10..20: 20", "21..31: 31"]);
    expect(show(window, read(20, 20)).windows).toEqual(["10..20: 20 20"]);
  });

  test("take a late record where they have not closed for it", () => {
    // [10, 20] has closed by 25; what begins behind 20 and what ends at 25 has not.
    expect(show(window, read(25, 20))).toEqual({
      windows: ["15..25: 25 20", "21..31: 25"],
      refused: [],
    });
    expect(show(window, read(30, 20)).windows).toEqual(["20..30: 30 20", "21..31: 30"]);
    expect(show(window, read(31, 20))).toEqual({ windows: ["21..31: 31"], refused: ["20: 10 20"] });
  });

  test("wait for their grace, at equality too", () => {
    const patient: Window = { ...window, graceMs: 5 };
    expect(show(patient, read(25, 20)).windows).toContain("10..20: 20");
    expect(show(patient, read(26, 20)).windows).not.toContain("10..20: 20");
  });
});

describe("windows of a calendar", () => {
  const within = (unit: CalendarUnit, zone: string, at: string) => {
    const window = { kind: "calendar" as const, unit, zone, graceMs: 0 };
    const { startMs, endMs } = calendarWindow(window, Date.parse(at));
    const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
    return { from: text(startMs), to: text(endMs), hours: (endMs - startMs) / 3_600_000 };
  };

  test("are days of 23 and 25 hours where the clock changes", () => {
    expect(within("day", "Europe/Berlin", "2024-03-31T10:00:00Z")).toEqual({
      from: "2024-03-30T23:00",
      to: "2024-03-31T22:00",
      hours: 23,
    });
    expect(within("day", "Europe/Berlin", "2024-10-27T22:59:59.999Z")).toEqual({
      from: "2024-10-26T22:00",
      to: "2024-10-27T23:00",
      hours: 25,
    });
    expect(within("day", "Asia/Shanghai", "2024-11-10T16:00:00Z").from).toBe("2024-11-10T16:00");
  });

  test("are weeks from Monday and whole months", () => {
    expect(within("week", "Asia/Tokyo", "2024-11-10T14:59:59Z")).toEqual({
      from: "2024-11-03T15:00",
      to: "2024-11-10T15:00",
      hours: 168,
    });
    expect(within("month", "America/New_York", "2024-02-29T12:00:00Z")).toEqual({
      from: "2024-02-01T05:00",
      to: "2024-03-01T05:00",
      hours: 29 * 24,
    });
  });

  test("are hours of the local clock: half an hour off, left out, or twice as long", () => {
    expect(within("hour", "Asia/Kolkata", "2024-01-01T00:29:00Z").from).toBe("2023-12-31T23:30");
    expect(within("hour", "Europe/Berlin", "2024-03-31T01:00:00Z")).toMatchObject({ hours: 1 });
    expect(within("hour", "Europe/Berlin", "2024-10-27T01:30:00Z")).toEqual({
      from: "2024-10-27T00:00",
      to: "2024-10-27T02:00",
      hours: 2,
    });
  });
});
