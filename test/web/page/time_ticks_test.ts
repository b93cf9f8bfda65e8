import { describe, expect, test } from "vitest";
import { Wording } from "../../../web/page/texts.ts";
import { tickTexts } from "../../../web/page/time_ticks.ts";

const en = new Wording("en");
const NOON_MS = new Date(2015, 10, 11, 12).getTime();
const ticks = (fromMs: number, stepMs: number, count: number) =>
  Array.from({ length: count }, (_, i) => fromMs + i * stepMs);

describe("time axis", () => {
  test("the first tick carries the date", () => {
    expect(tickTexts(en, ticks(NOON_MS, 5_000, 3), () => true)).toEqual([
      "12:00:00\n11 Nov 2015",
      "12:00:05",
      "12:00:10",
    ]);
  });

  test("a date that would be cut at the edge is on the next tick with room", () => {
    const splits = ticks(NOON_MS, 5_000, 3);
    expect(tickTexts(en, splits, (ms) => ms > splits[0]!)).toEqual([
      "12:00:00",
      "12:00:05\n11 Nov 2015",
      "12:00:10",
    ]);
  });

  test("a new day is named, once", () => {
    const midnightMs = new Date(2015, 10, 12).getTime();
    expect(tickTexts(en, ticks(midnightMs - 60_000, 60_000, 4), () => true)).toEqual([
      "23:59\n11 Nov 2015",
      "00:00\n12 Nov 2015",
      "00:01",
      "00:02",
    ]);
  });

  test("a date nobody had room for gives way to the new day's", () => {
    const midnightMs = new Date(2015, 10, 12).getTime();
    const splits = ticks(midnightMs - 60_000, 60_000, 3);
    expect(tickTexts(en, splits, (ms) => ms > midnightMs)).toEqual([
      "23:59",
      "00:00",
      "00:01\n12 Nov 2015",
    ]);
  });
});
