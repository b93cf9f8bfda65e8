import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import {
  ManualClock,
  MemoryCluster,
  MemoryLog,
  MemorySchemas,
  TestDriver,
} from "../../../runtime/testing/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const WINDOWS = {
  tumbling: "{ tumbling: 1s, grace: 1s }",
  hopping: "{ hopping: 3s, every: 1s, grace: 0s }",
  sliding: "{ sliding: 500ms, grace: 0s }",
  session: "{ session: 300ms, grace: 0s }",
};
/** Later than every random record: closes every window. */
const END_MS = 60_000;

const planned = (window: string) =>
  define({
    source: "key: string, partitionedBy: key, idle: never",
    value: "long",
    stages: reduce({ window, value: "{ n: count(), sum: sum(value), all: 'collect(value, 5)' }" }),
  });

interface Batch {
  readonly atMs: number;
  readonly keys: number;
  readonly commits: boolean;
}

const batches: fc.Arbitrary<readonly Batch[]> = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: 6000 }),
    keys: fc.integer({ min: 1, max: 250 }),
    commits: fc.boolean(),
  }),
  { minLength: 4, maxLength: 14 },
);

const recordsOf = ({ atMs, keys }: Batch) =>
  Array.from({ length: keys }, (_, n) => ({ atMs: atMs + (n % 7), key: `key ${n}`, value: n }));

/**
 * Works through the batches, one engine after the other: one that stops at its budget is followed by
 * another one that may hold half as much again.
 * @returns results and ledger, and how many engines stopped
 */
async function run(window: string, all: readonly Batch[], firstBytes: number) {
  const cluster = new MemoryCluster();
  const world = { cluster, clock: new ManualClock(), schemas: new MemorySchemas() };
  const createLog = (options: ConstructorParameters<typeof MemoryLog>[0]) =>
    new MemoryLog({ ...options, atomicCommits: true });
  let stateBytes = firstBytes;
  let stops = 0;
  const open = async (): Promise<TestDriver> => {
    for (;;) {
      try {
        const driver = await TestDriver.open({
          plan: planned(window),
          ...world,
          createLog,
          stateBytes,
          commitIntervalMs: 1e9,
        });
        await driver.settle();
        return driver;
      } catch (error) {
        larger(error);
      }
    }
  };
  const larger = (error: unknown) => {
    if (!(error instanceof MillraceError && error.code === "STATE_BUDGET")) throw error;
    stops++;
    stateBytes *= 1.5;
  };
  let driver = await open();
  for (const batch of [...all, { atMs: END_MS, keys: 1, commits: true }]) {
    try {
      await driver.send("s", recordsOf(batch));
      if (batch.commits) await driver.engine.commit();
    } catch (error) {
      larger(error);
      driver = await open();
    }
  }
  await driver.close();
  const reader = await TestDriver.open({ plan: planned(window), ...world, createLog });
  const written = (await results(reader)).sort();
  const ledger = reader.ledger();
  reader.abandon();
  return { written, ledger, stops };
}

describe("an instance that stops at its byte budget", () => {
  test.each(Object.entries(WINDOWS))(
    "is followed by one that loses nothing and counts nothing twice: %s windows",
    async (_, window) => {
      let stopped = 0;
      await fc.assert(
        fc.asyncProperty(
          batches,
          fc.integer({ min: 12_000, max: 60_000 }),
          async (all, stateBytes) => {
            const whole = await run(window, all, Number.MAX_SAFE_INTEGER);
            const { written, ledger, stops } = await run(window, all, stateBytes);
            expect(written).toEqual(whole.written);
            expect(ledger).toEqual(whole.ledger);
            stopped += stops;
          },
        ),
        // Always the same ones: of other twelve, none may come to the budget.
        { numRuns: 12, seed: 1 },
      );
      expect(stopped).toBeGreaterThan(0);
    },
  );

  test("says what to do", async () => {
    const stop = drive({ plan: planned(WINDOWS.tumbling), stateBytes: 20_000 }, (driver) =>
      driver.send("s", recordsOf({ atMs: 0, keys: 1000, commits: false })),
    );
    await expect(stop).rejects.toThrow(/raise --state-bytes, add instances, or shorten windows/);
  });
});
