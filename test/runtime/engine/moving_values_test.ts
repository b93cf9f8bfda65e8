import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TestDriver } from "../../../runtime/testing/mod.ts";
import { define, drive } from "./_driver.ts";

const windowed = (emit: string, value: string) =>
  `windowedReduce: { key: value.who, window: { sliding: 20ms, grace: 5ms }, value: ${value}, emit: ${emit} }`;

/** The same windows, put together in each of the ways. */
const plan = (emit: string) =>
  define({
    source: "idle: never",
    streams: "sums: {}\ntops: {}\nowns: {}",
    stages: `- ${windowed(emit, "{ n: count(), all: 'collect(value.n, 100)' }")}`,
    pipelines: `q:
  - source: s
  - ${windowed(emit, "{ n: count(), sum: sum(value.n), even: count(value.n % 2 == 0) }")}
  - sink: sums
r:
  - source: s
  - ${windowed(emit, "{ n: count(), top: max(value.n), last: last(value.n) }")}
  - sink: tops
w:
  - source: s
  - ${windowed(emit, "{ n: count(), own: { lift: value.n, combine: a + b, inverse: 'a % 3 == 0 ? a / 0 : a - b' } }")}
  - sink: owns`,
  });

async function written(driver: TestDriver, stream: string, isLastOnly: boolean) {
  const lines = (await driver.written(stream)).map(({ key, window, value, timestampMs }) => ({
    name: `${key} ${window?.join("..")}`,
    timestampMs,
    value: value as unknown as Record<string, number> & { readonly all: readonly number[] },
  }));
  return isLastOnly ? [...new Map(lines.map((line) => [line.name, line])).values()] : lines;
}

describe("windows that move along their key's records", () => {
  test.each(["final", "updates", "{ every: 1s }"])("are what they are each by itself: %s", (emit) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            partition: fc.nat(1),
            time: fc.nat(8),
            back: fc.nat(30),
            who: fc.constantFrom("A", "B"),
          }),
          { maxLength: 60, size: "max" },
        ),
        fc.array(fc.nat(60), { maxLength: 2 }),
        async (records, crashes) => {
          const isLastOnly = emit !== "final" && emit !== "updates";
          await drive({ plan: plan(emit), partitions: 2 }, async (driver) => {
            const times = [0, 0];
            for (const [n, { partition, time, back, who }] of records.entries()) {
              times[partition]! += time;
              const atMs = Math.max(0, times[partition]! - (n % 3 === 0 ? back : 0));
              await driver.send("s", [{ partition, atMs, value: { who, n } }]);
              if (isLastOnly && n % 10 === 9) await driver.wait(1000);
              if (crashes.includes(n)) await driver.restart("crash");
            }
            for (const partition of [0, 1]) {
              await driver.send("s", [{ partition, atMs: 9000, value: { who: "C" } }]);
            }
            await driver.wait(3000);
            const single = await written(driver, "out", isLastOnly);
            const sums = await written(driver, "sums", isLastOnly);
            const tops = await written(driver, "tops", isLastOnly);
            const owns = await written(driver, "owns", isLastOnly);
            const names = (lines: typeof single) =>
              lines.map(({ name, timestampMs }) => `${name} ${timestampMs}`).sort();
            expect(names(sums)).toEqual(names(single));
            expect(names(tops)).toEqual(names(single));
            expect(owns.map(({ name, value }) => `${name} ${value["own"]}`)).toEqual(
              sums.map(({ name, value }) => `${name} ${value["sum"]}`),
            );
            expect(
              sums.map(({ name, value }) => `${name} ${JSON.stringify(value)}`).sort(),
            ).toEqual(
              single
                .map(({ name, value: { all } }) => {
                  const sum = all.reduce((left, right) => left + right, 0);
                  const even = all.filter((n) => n % 2 === 0).length;
                  return `${name} ${JSON.stringify({ n: all.length, sum, even })}`;
                })
                .sort(),
            );
            expect(
              tops.map(({ name, value }) => `${name} ${JSON.stringify(value)}`).sort(),
            ).toEqual(
              single
                .map(({ name, value: { all } }) => {
                  const top = Math.max(...all);
                  return `${name} ${JSON.stringify({ n: all.length, top, last: all.at(-1) })}`;
                })
                .sort(),
            );
          });
        },
      ),
      { numRuns: 40 },
    ),
  );

  test("give back what they were made in", async () => {
    await drive({ plan: plan("final"), partitions: 1 }, async (driver) => {
      const bytes: number[] = [];
      for (let round = 0; round < 8; round++) {
        const records = Array.from({ length: 300 }, (_, n) => ({
          atMs: round * 300 + n - (n % 7 === 0 ? 12 : 0) + 20,
          value: { who: "A", n },
        }));
        await driver.send("s", records);
        bytes.push(driver.engine.stateBytes);
      }
      expect(bytes.at(-1)! / bytes[3]!).toBeLessThan(1.05);
    });
  });
});
