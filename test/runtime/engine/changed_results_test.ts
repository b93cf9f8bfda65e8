import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryLog, type TestDriver } from "../../../runtime/testing/mod.ts";
import type { Plan } from "../../../topology/language/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const VALUE =
  "{ n: count(), sum: sum(value.n), top: max(value.n), first: first(value.n), all: 'collect(value.n, 50)' }";

const planned = (sizeMs: number, advanceMs: number, graceMs: number) =>
  define({
    source: "idle: never",
    stages: reduce({
      key: "value.who",
      window: `{ hopping: ${sizeMs}ms, every: ${advanceMs}ms, grace: ${graceMs}ms, offset: 1ms }`,
      value: VALUE,
      emit: "{ every: 1s }",
    }),
  });

/** The same windows with entries of their own each. */
const withoutPanes = (plan: Plan): Plan => ({
  ...plan,
  subtopologies: plan.subtopologies.map((subtopology) => ({
    ...subtopology,
    stores: subtopology.stores.map((store) => {
      if (store.window.kind !== "hopping") return store;
      const { panes, ...window } = store.window;
      expect(panes).toBe(true);
      return { ...store, window };
    }),
  })),
});

type Step =
  | {
      readonly partition: number;
      readonly time: number;
      readonly back: number;
      readonly who: string;
    }
  | "wait"
  | "commit"
  | "crash";

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      partition: fc.nat(1),
      time: fc.nat(6),
      back: fc.oneof(fc.constant(0), fc.nat(40)),
      who: fc.constantFrom("A", "B", "C"),
    }),
  },
  { weight: 2, arbitrary: fc.constant("wait" as const) },
  { weight: 1, arbitrary: fc.constantFrom("commit" as const, "crash" as const) },
);

/** @returns what was written, in its order, and the counts */
async function run(plan: Plan, steps: readonly Step[], atomicCommits: boolean) {
  let written: unknown[] = [];
  let ledger: unknown;
  const options = {
    plan,
    partitions: 2,
    commitIntervalMs: 1e9,
    ...(atomicCommits && {
      createLog: (log: ConstructorParameters<typeof MemoryLog>[0]) =>
        new MemoryLog({ ...log, atomicCommits }),
    }),
  };
  await drive(options, async (driver) => {
    const times = [0, 0];
    for (const [n, one] of steps.entries()) {
      if (one === "wait") await driver.wait(1000);
      else if (one === "commit") await driver.engine.commit();
      else if (one === "crash") await driver.restart("crash");
      else {
        const { partition, time, back, who } = one;
        times[partition]! += time;
        const atMs = Math.max(0, times[partition]! - back);
        await driver.send("s", [{ partition, atMs, value: { who, n } }]);
      }
    }
    for (const partition of [0, 1]) {
      await driver.send("s", [{ partition, atMs: 100_000, value: { who: "C" } }]);
    }
    await driver.wait(3000);
    written = await linesOf(driver);
    // What was not committed before a crash is counted again.
    const { results: _, ...counts } = driver.ledger()["counted"]!;
    ledger = counts;
  });
  return { written, ledger };
}

async function linesOf(driver: TestDriver) {
  return (await driver.written("out")).map(
    ({ partition, key, window, value, timestampMs }) =>
      `${partition} ${key} ${window?.join("..")} ${timestampMs} ${JSON.stringify(value)}`,
  );
}

describe("newest results of windows that overlap", () => {
  test.each([false, true])("go out as those of windows by themselves: atomic %s", (atomic) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 50, size: "max" }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(20),
        async (steps, size, every, graceMs) => {
          const advanceMs = Math.min(Math.max(1, size - 1), every);
          const plan = planned(Math.max(2, size), advanceMs, graceMs);
          const shared = await run(plan, steps, atomic);
          const single = await run(withoutPanes(plan), steps, atomic);
          expect(shared).toEqual(single);
        },
      ),
      { numRuns: 60 },
    ),
  );

  test("take an entry of each key, however many windows it is in", async () => {
    const plan = define({
      source: "key: string, partitionedBy: key",
      stages: reduce({
        window: "{ hopping: 600ms, every: 10ms, grace: 0s }",
        emit: "{ every: 1s }",
      }),
    });
    const bytesOf = async (of: Plan) => {
      let bytes = 0;
      await drive({ plan: of }, async (driver) => {
        const before = driver.engine.stateBytes;
        const records = Array.from({ length: 500 }, (_, n) => ({
          atMs: 1000,
          key: `${n}`,
          value: {},
        }));
        await driver.send("s", records);
        bytes = driver.engine.stateBytes - before;
        await driver.wait(1000);
        expect(await results(driver)).toHaveLength(60 * 500);
      });
      return bytes;
    };
    expect(await bytesOf(plan)).toBeLessThan((await bytesOf(withoutPanes(plan))) / 30);
  });
});
