import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Calendar,
  type CalendarUnit,
  isTimeZone,
  zoneRules,
} from "../../../topology/language/calendar.ts";
import { calendarWindow } from "../../oracle/calendar.ts";

const HOUR_MS = 3_600_000;
const ZONES = [
  "UTC",
  "Asia/Shanghai",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "Pacific/Apia",
];
const UNITS: readonly CalendarUnit[] = ["hour", "day", "week", "month"];

function windowOf(unit: CalendarUnit, zone: string, at: string) {
  const calendar = new Calendar(unit, zone);
  calendar.find(Date.parse(at));
  const { startMs, endMs } = calendar;
  expect(calendar.endOf(startMs)).toBe(endMs);
  expect(new Calendar(unit, zone).endOf(startMs)).toBe(endMs);
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return [text(startMs), text(endMs), (endMs - startMs) / HOUR_MS];
}

describe("windows of a calendar", () => {
  test.each([
    [
      "a day",
      "day",
      "Asia/Shanghai",
      "2015-11-11T03:00Z",
      "2015-11-10T16:00",
      "2015-11-11T16:00",
      24,
    ],
    [
      "a day of 23 hours",
      "day",
      "Europe/Berlin",
      "2024-03-31T10:00Z",
      "2024-03-30T23:00",
      "2024-03-31T22:00",
      23,
    ],
    [
      "a day of 25 hours",
      "day",
      "Europe/Berlin",
      "2024-10-27T22:59Z",
      "2024-10-26T22:00",
      "2024-10-27T23:00",
      25,
    ],
    // Clocks went from midnight to one.
    [
      "a day without midnight",
      "day",
      "America/Sao_Paulo",
      "2018-11-04T12:00Z",
      "2018-11-04T03:00",
      "2018-11-05T02:00",
      23,
    ],
    // Clocks went from midnight back to eleven.
    [
      "a day with two evenings",
      "day",
      "America/Sao_Paulo",
      "2018-02-17T12:00Z",
      "2018-02-17T02:00",
      "2018-02-18T03:00",
      25,
    ],
    // Samoa left out the 30th of December.
    [
      "the day behind one that was left out",
      "day",
      "Pacific/Apia",
      "2011-12-30T12:00Z",
      "2011-12-30T10:00",
      "2011-12-31T10:00",
      24,
    ],
    [
      "an hour half an hour off",
      "hour",
      "Asia/Kolkata",
      "2024-01-01T00:29Z",
      "2023-12-31T23:30",
      "2024-01-01T00:30",
      1,
    ],
    [
      "an hour that comes twice",
      "hour",
      "Europe/Berlin",
      "2024-10-27T01:30Z",
      "2024-10-27T00:00",
      "2024-10-27T02:00",
      2,
    ],
    [
      "the hour behind one that was left out",
      "hour",
      "Europe/Berlin",
      "2024-03-31T01:00Z",
      "2024-03-31T01:00",
      "2024-03-31T02:00",
      1,
    ],
    [
      "an hour and a half",
      "hour",
      "Australia/Lord_Howe",
      "2024-04-06T15:10Z",
      "2024-04-06T14:00",
      "2024-04-06T15:30",
      1.5,
    ],
    [
      "a week from Monday",
      "week",
      "Asia/Tokyo",
      "2024-11-10T14:59Z",
      "2024-11-03T15:00",
      "2024-11-10T15:00",
      168,
    ],
    [
      "a week with a change",
      "week",
      "America/New_York",
      "2024-03-10T12:00Z",
      "2024-03-04T05:00",
      "2024-03-11T04:00",
      167,
    ],
    [
      "a leap month",
      "month",
      "America/New_York",
      "2024-02-29T12:00Z",
      "2024-02-01T05:00",
      "2024-03-01T05:00",
      696,
    ],
    [
      "what 1970 begins in",
      "day",
      "Asia/Shanghai",
      "1970-01-01T01:00Z",
      "1970-01-01T00:00",
      "1970-01-01T16:00",
      16,
    ],
  ] as const)("%s", (_, unit, zone, at, from, to, hours) => {
    expect(windowOf(unit, zone, at)).toEqual([from, to, hours]);
  });

  test("cover each instant once, as a search of the clock by quarters of an hour finds them", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...UNITS.slice(0, 3)),
        fc.constantFrom(...ZONES),
        fc.array(fc.integer({ min: 0, max: Date.UTC(2037, 0) }), { minLength: 1, maxLength: 5 }),
        (unit, zone, times) => {
          const calendar = new Calendar(unit, zone);
          for (const timeMs of times) {
            calendar.find(timeMs);
            const { startMs, endMs } = calendar;
            expect({ startMs, endMs }).toEqual(
              calendarWindow({ kind: "calendar", unit, zone, graceMs: 0 }, timeMs),
            );
            calendar.find(endMs);
            expect(calendar.startMs).toBe(endMs);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("a time zone is known by its name", () => {
  expect(["UTC", "Asia/Shanghai", "", "Asia/Shangai", "Mars/Olympus"].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("the rules of a zone are told from those of another", () => {
  expect(zoneRules("Asia/Shanghai")).toMatch(/^[0-9a-f]{16}$/);
  expect(zoneRules("Asia/Shanghai")).toBe(zoneRules("Asia/Chongqing"));
  expect(zoneRules("Europe/Berlin")).not.toBe(zoneRules("Europe/London"));
});
