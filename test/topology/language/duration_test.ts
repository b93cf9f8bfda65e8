import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration, parseInstant, showDuration } from "../../../topology/language/mod.ts";

test.each([
  ["0s", 0],
  ["400ms", 400],
  ["1s", 1_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "1", "s", "1 s", "-1s", "1.5s", "1S", "1sec", "１s", "1s ", "99999999999999999d"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("what is shown is read back", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (ms) => {
      expect(parseDuration(showDuration(ms))).toBe(ms);
    }),
  );
});

test.each([
  ["0s", 0],
  ["1970-01-01T00:00Z", 0],
  ["2015-11-11T00:00:00+08:00", 1_447_171_200_000],
  ["2015-11-11T00:00:00.5-00:30", 1_447_201_800_500],
  ["2024-02-29T23:59:59.999Z", 1_709_251_199_999],
])("%s is %d ms since 1970", (text, ms) => {
  expect(parseInstant(text)).toBe(ms);
});

test.each([
  "2015-11-11T00:00:00",
  "2015-11-11",
  "2015-13-11T00:00Z",
  "2023-02-29T00:00Z",
  "2015-11-11T24:00Z",
  "1969-12-31T23:59Z",
])("%s is no instant", (text) => {
  expect(parseInstant(text)).toBeUndefined();
});
