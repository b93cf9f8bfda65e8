import { expect, test } from "vitest";
import { type RestoringEvent, tellProgress } from "../../../runtime/engine/restore_progress.ts";
import { ManualClock } from "../../../runtime/testing/mod.ts";

test("a restore that takes long is told once a second: entries, their rate, the share, the time left", () => {
  const clock = new ManualClock(10_000);
  const told: RestoringEvent[] = [];
  const progress = tellProgress({ task: "p/0", from: 1000, to: 5000 }, clock, (event) => {
    told.push(event);
  });
  clock.moveTo(10_900);
  progress(400, 1500);
  expect(told).toEqual([]);
  clock.moveTo(12_000);
  progress(900, 2000);
  clock.moveTo(12_500);
  progress(1500, 3000);
  clock.moveTo(14_000);
  progress(3600, 5000);
  expect(told).toEqual([
    {
      kind: "restoring",
      task: "p/0",
      entries: 900,
      entriesPerSecond: 450,
      share: 0.25,
      leftMs: 6000,
    },
    { kind: "restoring", task: "p/0", entries: 3600, entriesPerSecond: 900, share: 1, leftMs: 0 },
  ]);
});
