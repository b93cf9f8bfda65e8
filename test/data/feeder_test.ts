import { expect, test } from "vitest";
import { type FedRecord, feed, MAX_RUN } from "../../data/mod.ts";
import { ManualClock } from "../../runtime/testing/mod.ts";

const START_MS = 1_000_000;

function setUp(
  rate: number | "max",
  rows: number,
  writeTakesMs: (written: number) => number = () => 0,
) {
  const clock = new ManualClock(START_MS);
  const written: FedRecord[] = [];
  const runs: number[] = [];
  const stop = new AbortController();
  const done = feed({
    rows: Array.from({ length: rows }, (_, n) => n),
    rate,
    partitions: 3,
    encode: (row) => Uint8Array.of(row & 255),
    write: async (records) => {
      const takesMs = writeTakesMs(written.length);
      written.push(...records);
      runs.push(records.length);
      if (takesMs > 0) clock.moveTo(clock.now() + takesMs);
    },
    clock,
    signal: stop.signal,
  });
  /** Lets the feeder run into its next sleep. */
  const idle = () => new Promise((resolve) => setImmediate(resolve));
  const tick = async (ms: number, stepMs = 1) => {
    await idle();
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.moveTo(clock.now() + stepMs);
      await idle();
    }
  };
  return { clock, written, runs, stop, done, tick };
}

test("feeds at its rate, row i to partition i mod n, stamped with the wall clock", async () => {
  const { written, tick, stop, done } = setUp(10, 1000);
  await tick(999);
  expect(written.length).toBeGreaterThanOrEqual(9);
  expect(written.length).toBeLessThanOrEqual(10);
  await tick(1001);
  expect(written.length).toBeGreaterThanOrEqual(19);
  expect(written.length).toBeLessThanOrEqual(21);
  expect(written.map(({ partition }) => partition)).toEqual(written.map((_, n) => n % 3));
  for (const [n, { timestampMs }] of written.entries()) {
    expect(Math.abs(timestampMs - (START_MS + n * 100))).toBeLessThanOrEqual(100);
  }
  stop.abort();
  await done;
});

test("keeps a rate that is faster than the clock's ticks", async () => {
  const { written, tick, stop, done } = setUp(5000, 100_000);
  await tick(1000, 10);
  expect(Math.abs(written.length - 5000)).toBeLessThan(100);
  stop.abort();
  await done;
});

test("catches up by a second at most after it was held up", async () => {
  // One write takes a minute: 6,000 records were due in it.
  const { written, tick, stop, done } = setUp(100, 100_000, (count) =>
    count === 100 ? 60_000 : 0,
  );
  await tick(1500);
  const caughtUp = written.length;
  expect(caughtUp).toBeGreaterThan(100);
  expect(caughtUp).toBeLessThan(400);
  stop.abort();
  await done;
});

test("catches up by a second at most when it was the rows that were late", async () => {
  const clock = new ManualClock(START_MS);
  const stop = new AbortController();
  let written = 0;
  function* rows() {
    for (let n = 0; n < 100_000; n++) {
      // The disk is away for a minute: 300,000 records were due in it.
      if (n === 10) clock.moveTo(clock.now() + 60_000);
      yield n;
    }
  }
  const done = feed({
    rows: rows(),
    rate: 5000,
    partitions: 1,
    encode: () => new Uint8Array(1),
    write: async (records) => {
      written += records.length;
    },
    clock,
    signal: stop.signal,
  });
  for (let passed = 0; passed < 20; passed++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.moveTo(clock.now() + 1);
  }
  expect(written).toBeGreaterThan(5000);
  expect(written).toBeLessThan(5300);
  stop.abort();
  await done;
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a rate of %s", async (rate) => {
  await expect(setUp(rate, 1).done).rejects.toThrow(RangeError);
});

test("stops without an error on a clock whose sleep is rejected by the signal", async () => {
  const stop = new AbortController();
  const written: FedRecord[] = [];
  const done = feed({
    rows: [1, 2, 3],
    rate: 10,
    partitions: 1,
    encode: () => new Uint8Array(1),
    write: async (records) => {
      written.push(...records);
    },
    clock: {
      now: () => START_MS,
      monotonic: () => 0,
      sleep: (_, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          stop.abort();
        }),
    },
    signal: stop.signal,
  });
  expect(await done).toBe(1);
  expect(written).toHaveLength(1);
});

test("at max writes runs of bounded length without waiting, and says how many", async () => {
  const { done, runs, written, clock } = setUp("max", 2500);
  expect(await done).toBe(2500);
  expect(runs).toEqual([MAX_RUN, MAX_RUN, 500]);
  expect(written.map(({ value }) => value[0])).toEqual(written.map((_, n) => n & 255));
  expect(clock.now()).toBe(START_MS);
});

test("stops in its sleep when it is told to", async () => {
  const { done, stop, tick, written } = setUp(1, 10);
  await tick(1500);
  stop.abort();
  const before = written.length;
  expect(await done).toBe(before);
});
