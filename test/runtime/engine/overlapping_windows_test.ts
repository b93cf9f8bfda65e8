import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryLog, type MemoryLogOptions } from "../../../runtime/testing/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

/**
 * All of them with an inverse; one without; one that is no number; one of one's own, whose inverse fails
 * now and then.
 */
const AGGREGATORS = {
  inverse: "{ n: count(), x: sum(value.n) }",
  numbers: "{ n: count(), x: max(value.n) }",
  objects: "{ n: count(), x: 'collect(value.n, 1000)' }",
  own: "{ n: count(), x: { lift: value.n, combine: a + b, inverse: 'a % 3 == 0 ? a / 0 : a - b' } }",
};

interface Shape {
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly offsetMs: number;
  readonly graceMs: number;
}

const planned = (value: string, { sizeMs, advanceMs, offsetMs, graceMs }: Shape, source = "") =>
  define({
    source: `key: string, partitionedBy: key, maxFuture: unlimited${source}`,
    stages: reduce({
      value,
      window: `{ hopping: ${sizeMs}ms, every: ${advanceMs}ms, offset: ${offsetMs}ms, grace: ${graceMs}ms }`,
    }),
  });

interface Sent {
  readonly key: string;
  readonly atMs: number;
  readonly n: number;
}

const shape: fc.Arbitrary<Shape> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 20 }))
  .chain(([advanceMs, more]) =>
    fc.record({
      sizeMs: fc.constant(advanceMs + more),
      advanceMs: fc.constant(advanceMs),
      offsetMs: fc.integer({ min: 0, max: advanceMs - 1 }),
      graceMs: fc.integer({ min: 0, max: 4 }),
    }),
  );

const sent: fc.Arbitrary<readonly Sent[]> = fc
  .array(
    fc.record({
      key: fc.constantFrom("a", "b", "c"),
      stepMs: fc.oneof(fc.integer({ min: -12, max: 6 }), fc.integer({ min: 0, max: 60 })),
      n: fc.integer({ min: -9, max: 9 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((steps) => {
    let timeMs = 40;
    return steps.map(({ key, stepMs, n }) => {
      timeMs = Math.max(0, timeMs + stepMs);
      return { key, atMs: timeMs, n };
    });
  });

const LAST_MS = 10_000;

/** `key start n`, with the numbers of the records that count in it. */
function expectedOf(records: readonly Sent[], shape: Shape) {
  const { sizeMs, advanceMs, offsetMs, graceMs } = shape;
  const windows = new Map<string, number[]>();
  let streamMs = -1;
  let late = 0;
  for (const { key, atMs, n } of records) {
    streamMs = Math.max(streamMs, atMs);
    for (let start = offsetMs; start <= atMs; start += advanceMs) {
      if (start + sizeMs <= atMs) continue;
      if (start + sizeMs + graceMs <= streamMs) late++;
      else windows.set(`${start} ${key}`, [...(windows.get(`${start} ${key}`) ?? []), n]);
    }
  }
  return { windows, late };
}

const combined = {
  inverse: (all: readonly number[]) => all.reduce((a, b) => a + b, 0),
  numbers: (all: readonly number[]) => Math.max(...all),
  objects: (all: readonly number[]) => all.toSorted((a, b) => a - b),
  own: (all: readonly number[]) => all.reduce((a, b) => a + b, 0),
};

describe("windows that overlap", () => {
  test.each(["inverse", "numbers", "objects", "own"] as const)(
    "have the records that they cover and no others, whatever their edges: %s",
    async (kind) => {
      const step = fc.constantFrom("go on" as const, "commit" as const, "crash" as const);
      await fc.assert(
        fc.asyncProperty(shape, sent, fc.array(step), async (shape, records, steps) => {
          const plan = planned(AGGREGATORS[kind], shape, ", idle: never");
          await drive({ plan, commitIntervalMs: 1e9 }, async (driver) => {
            const all = [...records, { key: "end", atMs: LAST_MS, n: 0 }];
            for (const [n, { key, atMs, n: value }] of all.entries()) {
              await driver.send("s", [{ atMs, key, value: { n: value } }]);
              if (steps[n] === "commit") await driver.engine.commit();
              if (steps[n] === "crash") await driver.restart("crash");
            }
            const { windows, late } = expectedOf(records, shape);
            const actual = new Map<string, unknown>();
            for (const { key, window, value } of await driver.written("out")) {
              const { n, x } = value as { n: number; x: number | number[] };
              const name = `${window![0]} ${String(key)}`;
              const entry = [n, typeof x === "number" ? x : x.toSorted((a, b) => a - b)];
              // After a crash a result may come again, and is the same.
              expect(actual.get(name) ?? entry).toEqual(entry);
              actual.set(name, entry);
            }
            const expected = [...windows].map(([name, ns]) => [
              name,
              [ns.length, combined[kind](ns)],
            ]);
            expect(actual).toEqual(new Map(expected as [string, unknown][]));
            if (steps.includes("crash")) return;
            const counts = driver.ledger()["counted"]!;
            expect(counts["lateAtSource"]).toBe(late);
            const counted = [...windows.values()].reduce((sum, { length }) => sum + length, 0);
            expect(counts["resultRecords"]).toBe(counted);
          });
        }),
        { numRuns: 120 },
      );
    },
  );

  test.each([
    ["inverse", false],
    ["numbers", false],
    ["inverse", true],
    ["numbers", true],
  ] as const)(
    "take a record that comes back from an idle partition into those that are open: %s, put together before: %s",
    async (kind, preAggregates) => {
      const window = "{ hopping: 4s, every: 1s, grace: 0s }";
      const plan = define({
        source: "idle: 1s, maxFuture: unlimited",
        stages: `- map: { key: value.who }\n${reduce({ value: AGGREGATORS[kind], window })}`,
      });
      const createLog = (options: MemoryLogOptions) =>
        new MemoryLog({ ...options, atomicCommits: preAggregates });
      await drive({ plan, partitions: 2, createLog }, async (driver) => {
        const at = (partition: number, atMs: number, n: number) => ({
          partition,
          atMs,
          value: { who: "A", n },
        });
        await driver.send("s", [at(1, 8200, 1), at(1, 9100, 1), at(1, 10_000, 1)]);
        await driver.wait(1500);
        // The windows from 5 s and 6 s on have closed; its own partition knows of none.
        await driver.send("s", [at(0, 8500, 5)]);
        expect(driver.ledger()["counted"]).toMatchObject({ lateAtSource: 0, lateAtOperator: 2 });
        await driver.wait(10_000);
        const values = (await driver.written("out")).map(({ window, value }) => [
          window![0],
          { ...(value as object) },
        ]);
        const all = { n: 4, x: kind === "inverse" ? 8 : 5 };
        expect(values).toContainEqual([6000, { n: 2, x: kind === "inverse" ? 2 : 1 }]);
        expect(values).toContainEqual([7000, all]);
        expect(values).toContainEqual([8000, all]);
      });
    },
  );

  test("are not written again after a clean stop that came when a window had closed and its panes had not", async () => {
    const shape = { sizeMs: 2000, advanceMs: 1000, offsetMs: 0, graceMs: 0 };
    for (const value of Object.values(AGGREGATORS)) {
      await drive({ plan: planned(value, shape, ", idle: 1s") }, async (driver) => {
        await driver.send("s", [{ atMs: 1500, key: "a", value: { n: 1 } }]);
        await driver.engine.commit();
        // Nothing comes any more: only the clock closes the window from 0 on, not the one from 1 s on.
        await driver.wait(1600);
        expect((await driver.written("out")).map(({ window }) => window![0])).toEqual([0]);
        await driver.restart("clean");
        await driver.wait(5000);
        expect((await driver.written("out")).map(({ window }) => window![0])).toEqual([1000]);
      });
    }
  });

  test("hold no more after many of them than after the first ones", async () => {
    const shape = { sizeMs: 7000, advanceMs: 3000, offsetMs: 0, graceMs: 0 };
    for (const value of Object.values(AGGREGATORS)) {
      await drive({ plan: planned(value, shape, ", idle: never") }, async (driver) => {
        const send = (fromMs: number) =>
          driver.send(
            "s",
            Array.from({ length: 400 }, (_, n) => ({
              atMs: fromMs + n * 50,
              key: `${fromMs} ${n % 40}`,
              value: { n },
            })),
          );
        // From the second round on some panes wait for their tombstones.
        for (let round = 0; round < 2; round++) await send(round * 20_000);
        const usedBytes = driver.engine.stateBytes;
        for (let round = 2; round < 80; round++) await send(round * 20_000);
        expect(driver.engine.stateBytes).toBeLessThan(usedBytes * 2);
      });
    }
  });
});
