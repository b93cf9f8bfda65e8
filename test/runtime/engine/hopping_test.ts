/** Windows that overlap: a record counts in each that covers it, and is late for each apart. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { define, drive, reduce, results } from "./_driver.ts";

const at = (atMs: number, who = "A") => ({ atMs, partition: 0, value: { who, n: 1 } });
const hopping = (sizeMs: number, everyMs: number, graceMs: number, offsetMs = 0) =>
  define({
    source: "maxFuture: unlimited",
    streams: "late: {}",
    stages: `- map: { key: value.who }
${reduce({
  window: `{ hopping: ${sizeMs}ms, every: ${everyMs}ms, grace: ${graceMs}ms, offset: ${offsetMs}ms }`,
  late: "late",
})}`,
  });

describe("hopping windows", () => {
  test("count a record in every window that covers it, through a crash", async () => {
    await drive({ plan: hopping(3000, 1000, 0), partitions: 1 }, async (driver) => {
      await driver.send("s", [at(0), at(1500), at(2500, "B")]);
      await driver.restart("crash");
      await driver.send("s", [at(2600), at(10_000, "C")]);
      expect(await results(driver)).toEqual([
        'A 0 {"n":3}',
        'B 0 {"n":1}',
        'A 1000 {"n":2}',
        'B 1000 {"n":1}',
        'A 2000 {"n":1}',
        'B 2000 {"n":1}',
      ]);
      expect(driver.ledger()["counted"]).toMatchObject({ in: 5, accepted: 1 + 2 + 3 + 3 + 3 });
    });
  });

  test("refuse a record in those that have closed and take it in the others, with one late copy", async () => {
    await drive({ plan: hopping(3000, 1000, 500), partitions: 1 }, async (driver) => {
      await driver.send("s", [at(4600), at(2100)]);
      const late = await driver.written("late");
      expect(late.map(({ headers }) => headers)).toMatchObject([
        {
          "millrace.late.first": "0",
          "millrace.late.last": "1000",
          "millrace.late.windows": "2",
        },
      ]);
      expect(driver.ledger()["counted"]).toMatchObject({ in: 2, accepted: 3 + 1, lateAtSource: 2 });
    });
  });

  test("are what the plain definition says, for any times, sizes and grace", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ time: fc.nat(400), who: fc.constantFrom("A", "B") }), {
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(50),
        fc.nat(20),
        fc.array(fc.nat(40), { maxLength: 3 }),
        async (records, size, every, grace, offset, crashes) => {
          const advance = Math.min(size, every);
          const plan = hopping(size, advance, grace, offset % advance);
          const expected = plainly(records, size, advance, grace, offset % advance);
          await drive({ plan, partitions: 1 }, async (driver) => {
            for (const [n, { time, who }] of records.entries()) {
              await driver.send("s", [at(time, who)]);
              if (crashes.includes(n)) await driver.restart("crash");
            }
            // Closes everything; its own windows stay open.
            await driver.send("s", [at(100_000, "C")]);
            // What a crash left uncommitted is written again, with the same values.
            expect([...new Set(await results(driver))].sort()).toEqual(expected.results.sort());
            const { accepted, lateAtSource } = driver.ledger()["counted"]!;
            const last = Math.ceil(size / advance) + 1;
            expect(accepted! - expected.accepted).toBeGreaterThan(0);
            expect(accepted! - expected.accepted).toBeLessThanOrEqual(last);
            expect(lateAtSource).toBe(expected.late);
            const late = (await driver.written("late")).length;
            if (crashes.length === 0) expect(late).toBe(expected.lateRecords);
            else expect(late).toBeGreaterThanOrEqual(expected.lateRecords);
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Every window apart, from the words of the semantics. */
function plainly(
  records: readonly { readonly time: number; readonly who: string }[],
  size: number,
  advance: number,
  grace: number,
  offset: number,
) {
  const counts = new Map<number, Map<string, number>>();
  let streamTime = -1;
  let late = 0;
  let lateRecords = 0;
  let accepted = 0;
  for (const { time, who } of records) {
    streamTime = Math.max(streamTime, time);
    let refused = 0;
    for (let start = offset; start <= time; start += advance) {
      if (start + size <= time) continue;
      if (start + size + grace <= streamTime) {
        refused++;
        continue;
      }
      accepted++;
      const window = counts.get(start) ?? new Map<string, number>();
      window.set(who, (window.get(who) ?? 0) + 1);
      counts.set(start, window);
    }
    late += refused;
    if (refused > 0) lateRecords++;
  }
  const results = [...counts]
    .sort(([a], [b]) => a - b)
    .flatMap(([start, keys]) => [...keys].sort().map(([key, n]) => `${key} ${start} {"n":${n}}`));
  return { results, late, lateRecords, accepted };
}
