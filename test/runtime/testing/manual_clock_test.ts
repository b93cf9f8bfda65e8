import { expect, test } from "vitest";
import { ManualClock } from "../../../runtime/testing/mod.ts";

test("a sleeper wakes when the clock reaches its time, not before, and at once when aborted", async () => {
  const clock = new ManualClock(1000);
  const woken: string[] = [];
  const abort = new AbortController();
  void clock.sleep(100).then(() => woken.push("100"));
  void clock.sleep(200).then(() => woken.push("200"));
  void clock.sleep(1e9, abort.signal).then(() => woken.push("aborted"));
  clock.moveTo(1099);
  await Promise.resolve();
  expect(woken).toEqual([]);
  clock.moveTo(1100);
  await Promise.resolve();
  expect(woken).toEqual(["100"]);
  clock.moveTo(500);
  expect(clock.now()).toBe(1100);
  abort.abort();
  await Promise.resolve();
  expect(woken).toEqual(["100", "aborted"]);
  clock.moveTo(1200);
  await Promise.resolve();
  expect(woken).toEqual(["100", "aborted", "200"]);
});
