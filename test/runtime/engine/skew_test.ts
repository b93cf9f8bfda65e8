import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fetched, TopicPartition } from "../../../runtime/engine/mod.ts";
import { parsePositionMetadata } from "../../../runtime/engine/position_metadata.ts";
import { recordsOf } from "../../../runtime/serde/mod.ts";
import {
  appendRecord,
  MemoryLog,
  type MemoryLogOptions,
  PreparedPlan,
  TestDriver,
} from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { define, reduce } from "./_driver.ts";

const IDLE_MS = 2000;
/** Longer than anything here takes to be read. */
const LONG_MS = 60_000;

const planned = (maxSkewMs?: number) =>
  define({
    source: `idle: ${IDLE_MS}ms, maxFuture: unlimited${maxSkewMs === undefined ? "" : `, maxSkew: ${maxSkewMs}ms`}`,
    streams: "late: {}",
    stages: `- map: { key: value.who }\n${reduce({
      window: "{ tumbling: 1s, grace: 200ms }",
      value: "{ n: count(), total: sum(value.n) }",
      late: "late",
    })}`,
  });

interface Sent {
  readonly atMs: number;
  readonly who: "A" | "B" | "C";
  readonly n: number;
}
/** By partition, in the order of offsets. */
type Backlog = readonly (readonly Sent[])[];

/** A batch a record, so that a fetch is a record. */
async function append(driver: TestDriver, prepared: PreparedPlan, backlog: Backlog): Promise<void> {
  const encoder = prepared.encoder(prepared.stream("s"));
  for (const [partition, records] of backlog.entries()) {
    for (const { atMs, who, n } of records) {
      const batch = new BatchBuilder();
      appendRecord(batch, atMs, null, (await encoder.encode({ value: { who, n } })).value);
      await driver.append("s", partition, batch.finish());
    }
  }
}

/** Notes how far each partition has been read, and by how much it was ahead when a fetch was taken. */
class WatchedLog extends MemoryLog {
  readonly #seen: Seen;

  constructor(options: MemoryLogOptions, seen: Seen) {
    super({ ...options, fetchBatches: 1 });
    this.#seen = seen;
  }

  override async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    const fetched = await super.poll(maxWaitMs);
    this.#seen.note(fetched.filter(({ topic }) => topic === "s"));
    return fetched;
  }
}

class Seen {
  /** Furthest that a partition was ahead of the lowest one with more to read, when it was read, ms. */
  furthestMs = 0;
  readonly timesMs: number[];
  readonly #left: number[];

  constructor(backlog: Backlog) {
    this.timesMs = backlog.map(() => Number.NEGATIVE_INFINITY);
    this.#left = backlog.map(({ length }) => length);
  }

  note(fetched: readonly Fetched[]): void {
    const before = [...this.timesMs];
    const lowest = Math.min(...before.filter((ms, p) => this.#left[p]! > 0 && ms > -Infinity));
    for (const { partition, bytes } of fetched) {
      for (const { timestampMs } of recordsOf(bytes)) {
        this.furthestMs = Math.max(this.furthestMs, before[partition]! - lowest);
        this.timesMs[partition] = Math.max(this.timesMs[partition]!, timestampMs);
        this.#left[partition]!--;
      }
    }
  }
}

const record: fc.Arbitrary<Sent> = fc.record({
  atMs: fc.nat({ max: 20_000 }),
  who: fc.constantFrom("A", "B", "C"),
  n: fc.integer({ min: 0, max: 9 }),
});
/** In order but for some records, from a time of the partition's own on. */
const backlog: fc.Arbitrary<Backlog> = fc.array(
  fc
    .tuple(fc.array(record, { maxLength: 25 }), fc.nat({ max: 30_000 }), fc.nat({ max: 3 }))
    .map(([records, fromMs, disorder]) =>
      records
        .toSorted((a, b) => a.atMs - b.atMs)
        .map((sent, n, all) => ({
          ...sent,
          atMs: fromMs + (n % 7 === 3 ? all[Math.max(0, n - disorder)]! : sent).atMs,
        })),
    ),
  { minLength: 1, maxLength: 4 },
);

async function runWith(
  given: Backlog,
  maxSkewMs: number | undefined,
  how: { readonly bounded?: boolean; readonly instances?: number } = {},
) {
  const plan = planned(maxSkewMs);
  const prepared = new PreparedPlan(plan);
  const seen = new Seen(given);
  const options = {
    plan,
    prepared,
    partitions: given.length,
    startMs: 1_000_000,
    createLog: (log: MemoryLogOptions) => new WatchedLog(log, seen),
  };
  let driver = await TestDriver.open(options);
  if (how.bounded === true) {
    await driver.close();
    await append(driver, prepared, given);
    const { cluster, clock } = driver;
    driver = await TestDriver.open({ ...options, cluster, clock, bounded: true });
  } else {
    await driver.instances(how.instances ?? 1, "clean");
    await append(driver, prepared, given);
  }
  await driver.wait(LONG_MS);
  const written = [...(await driver.written("out")), ...(await driver.written("late"))];
  const shown = written.map(
    ({ key, window, value }) => `${String(key)} ${window?.[0]} ${JSON.stringify(value)}`,
  );
  const ledger = driver.ledger();
  await driver.close();
  return { written: shown.sort(), counted: ledger["counted"], source: ledger["p"], seen };
}

describe("maxSkew", () => {
  test("changes no result, and nothing is read while it is further ahead", async () => {
    let furthestWithoutMs = 0;
    await fc.assert(
      fc.asyncProperty(backlog, fc.integer({ min: 1, max: 5000 }), async (given, maxSkewMs) => {
        const without = await runWith(given, undefined);
        const paused = await runWith(given, maxSkewMs);
        const all = given.reduce((sum, { length }) => sum + length, 0);
        expect(paused.source).toMatchObject({ read: all, passed: all });
        expect(paused.written).toEqual(without.written);
        expect(paused.counted).toEqual(without.counted);
        expect(paused.seen.furthestMs).toBeLessThanOrEqual(maxSkewMs);
        furthestWithoutMs = Math.max(furthestWithoutMs, without.seen.furthestMs);
      }),
      { numRuns: 25, seed: 3 },
    );
    expect(furthestWithoutMs).toBeGreaterThan(20_000);
  }, 120_000);

  test("neither ends nor stops a bounded run, where nobody is ever idle", async () => {
    await fc.assert(
      fc.asyncProperty(backlog, fc.integer({ min: 1, max: 5000 }), async (given, maxSkewMs) => {
        const without = await runWith(given, undefined, { bounded: true });
        const paused = await runWith(given, maxSkewMs, { bounded: true });
        expect(paused.written).toEqual(without.written);
        expect(paused.counted).toEqual(without.counted);
        expect(paused.seen.furthestMs).toBeLessThanOrEqual(maxSkewMs);
      }),
      { numRuns: 15, seed: 4 },
    );
  }, 120_000);

  test("changes no result when the partitions are read by three instances", async () => {
    await fc.assert(
      fc.asyncProperty(backlog, fc.integer({ min: 1, max: 5000 }), async (given, maxSkewMs) => {
        const without = await runWith(given, undefined, { instances: 3 });
        const paused = await runWith(given, maxSkewMs, { instances: 3 });
        expect(paused.written).toEqual(without.written);
        expect(paused.counted).toEqual(without.counted);
      }),
      { numRuns: 10, seed: 5 },
    );
  }, 120_000);

  test("holds across instances, until the lowest partition goes on or is idle; who waits is not idle", async () => {
    const plan = planned(1000);
    const prepared = new PreparedPlan(plan);
    const steps = (fromMs: number, count: number): Sent[] =>
      Array.from({ length: count }, (_, n) => ({ atMs: fromMs + n * 100, who: "A", n }));
    const seen = new Seen([[], []]);
    const driver = await TestDriver.open({
      plan,
      partitions: 2,
      startMs: 1_000_000,
      createLog: (options) => new WatchedLog(options, seen),
    });
    await driver.instances(2, "clean");
    const stateOf = ({ topic, partition }: TopicPartition) =>
      parsePositionMetadata(
        driver.cluster.group(plan.application).offsets.get(`${topic}/${partition}`)!.metadata,
      );
    await append(driver, prepared, [steps(0, 1), []]);
    await driver.wait(1500);
    await append(driver, prepared, [[], steps(500, 50)]);
    await driver.wait(300);
    // Ahead by more than a second, by one record.
    expect(seen.timesMs).toEqual([0, 1100]);
    await append(driver, prepared, [steps(1000, 1), []]);
    // Committed within a second, looked up within another.
    await driver.wait(2000);
    expect(seen.timesMs).toEqual([1000, 2100]);
    expect(stateOf({ topic: "s", partition: 1 })).toMatchObject({ idle: false });
    await driver.wait(IDLE_MS + 4000);
    expect(seen.timesMs).toEqual([1000, 500 + 49 * 100]);
    await driver.wait(IDLE_MS + 3000);
    for (const partition of [0, 1]) {
      expect(stateOf({ topic: "s", partition })).toMatchObject({ idle: true });
    }
    await driver.close();
  });
});
