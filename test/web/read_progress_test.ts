import { describe, expect, test } from "vitest";
import { ReadProgress } from "../../web/read_progress.ts";

const MAX_BYTES = 1_000;

function entry(partition: number, bytes: number, end: number, next?: number) {
  const entry = {
    topic: "result",
    partition,
    bytes: new Uint8Array(bytes),
    highWatermark: end,
    lastStableOffset: end,
    asOfMs: 0,
    incarnation: undefined,
  };
  return { entry, next };
}

function progressOf(partitions: number): ReadProgress {
  const progress = new ReadProgress(MAX_BYTES);
  progress.expect(new Map([["result", partitions]]));
  return progress;
}

describe("read progress", () => {
  test("is not complete before it is known what there is", () => {
    const progress = new ReadProgress(MAX_BYTES);
    expect(progress.isComplete).toBe(false);
    progress.expect(new Map());
    expect(progress.isComplete).toBe(true);
  });

  test("needs the end of every partition, in any order, not at the same time", () => {
    const progress = progressOf(2);
    progress.note([entry(1, 0, 0)]);
    expect(progress.isComplete).toBe(false);
    progress.note([entry(0, 100, 5, 5), entry(1, 100, 9, 3)]);
    expect(progress.isComplete).toBe(true);
  });

  test("records short of the end are not the end, nor is a batch without one", () => {
    const progress = progressOf(1);
    progress.note([entry(0, 100, 5, 4)]);
    progress.note([entry(0, 100, 5, undefined)]);
    expect(progress.isComplete).toBe(false);
    progress.note([entry(0, 100, 5, 5)]);
    expect(progress.isComplete).toBe(true);
  });

  test("a partition that a full answer had no room for is not at its end", () => {
    const progress = progressOf(2);
    progress.note([entry(0, 990, 5, 5), entry(1, 0, 7)]);
    expect(progress.isComplete).toBe(false);
    progress.note([entry(1, 0, 7)]);
    expect(progress.isComplete).toBe(true);
  });

  test("starts over: what there is has to be asked for again", () => {
    const progress = progressOf(1);
    progress.note([entry(0, 0, 0)]);
    progress.restart();
    expect([progress.knowsPartitions, progress.isComplete]).toEqual([false, false]);
    progress.expect(new Map([["result", 1]]));
    expect(progress.isComplete).toBe(false);
  });
});
