import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryLog, type MemoryLogOptions } from "../../../runtime/testing/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const BY_WHO = "- map: { key: value.who }";
const counting = (fields: Readonly<Record<string, string>> = {}, source = "idle: never") =>
  define({ source, stages: `${BY_WHO}\n${reduce(fields)}` });

const at = (partition: number, atMs: number, who: string, n = 0) => ({
  partition,
  atMs,
  value: { who, n },
});

describe("a window behind a repartition", () => {
  test("counts a key's records of all partitions in one task", async () => {
    await drive({ plan: counting(), partitions: 4 }, async (driver) => {
      await driver.send("s", [at(0, 100, "A"), at(1, 200, "A"), at(2, 300, "A"), at(3, 400, "B")]);
      await driver.send(
        "s",
        [0, 1, 2, 3].map((partition) => at(partition, 1000, "C")),
      );
      const written = await driver.written("out");
      expect(
        written
          .map(({ key, window, value, timestampMs }) => [key, window, value, timestampMs])
          .sort(),
      ).toEqual([
        ["A", [0, 1000], { n: 3 }, 999],
        ["B", [0, 1000], { n: 1 }, 999],
      ]);
    });
  });

  test("closes only when every source partition has passed its end", async () => {
    await drive({ plan: counting(), partitions: 4 }, async (driver) => {
      await driver.send(
        "s",
        [0, 1, 2].map((partition) => at(partition, 5000, "A")),
      );
      await driver.send("s", [at(3, 999, "B")]);
      await driver.wait(20_000);
      expect(await results(driver)).toEqual([]);
      await driver.send("s", [at(3, 1000, "B")]);
      expect(await results(driver)).toEqual(['B 0 {"n":1}']);
    });
  });

  test("closes at equality with its end and its grace, not a millisecond before", async () => {
    const plan = counting({ window: "{ tumbling: 1s, grace: 500ms }" });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(0, 0, "A"), at(0, 1499, "A"), at(0, 999, "A")]);
      expect(await results(driver)).toEqual([]);
      await driver.send("s", [at(0, 1500, "B")]);
      expect(await results(driver)).toEqual(['A 0 {"n":2}']);
      await driver.send("s", [at(0, 999, "A")]);
      expect(driver.ledger()["counted"]).toMatchObject({ accepted: 4, lateAtSource: 1 });
    });
  });

  test("writes a closing window's keys in the order of their bytes, windows in order", async () => {
    await drive({ plan: counting() }, async (driver) => {
      await driver.send("s", [
        at(0, 0, "C"),
        at(0, 1, "A"),
        at(0, 2, "B"),
        at(0, 1000, "B"),
        at(0, 1001, "A"),
        at(0, 9000, "A"),
      ]);
      expect(await results(driver)).toEqual([
        'A 0 {"n":1}',
        'B 0 {"n":1}',
        'C 0 {"n":1}',
        'A 1000 {"n":1}',
        'B 1000 {"n":1}',
      ]);
    });
  });
});

describe("an instance that was held up for longer than idle", () => {
  // A commit to a slow broker, a pause of the process: then one fetch brings records of all partitions,
  // and a flush that is due falls between two of them.
  test("takes no partition for idle whose records it has yet to work through", async () => {
    // The window's task sees what one flush wrote before the next one.
    const createLog = (options: MemoryLogOptions) => new MemoryLog({ ...options, fetchBatches: 1 });
    const plan = counting({}, "idle: 2s");
    await drive({ plan, partitions: 4, createLog }, async (driver) => {
      const all = [0, 1, 2, 3];
      await driver.send(
        "s",
        all.map((partition) => at(partition, 10_000, "A")),
      );
      // The clock stands at 10 s; nothing is fetched for five seconds, then all of this at once.
      await driver.send(
        "s",
        all.flatMap((partition) => [at(partition, 10_500, "A"), at(partition, 15_000, "B")]),
      );
      expect(await results(driver)).toEqual(['A 10000 {"n":8}']);
      expect(driver.ledger()["counted"]).toMatchObject({ accepted: 12, lateAtOperator: 0 });
    });
  });

  test("closes no window short, whatever the pauses, while every partition goes on", async () => {
    const pause = fc.integer({ min: 0, max: 9000 });
    const round = fc.record({ pause, back: fc.array(fc.nat(900), { minLength: 4, maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(round, { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        async (rounds, fetchBatches) => {
          const createLog = (options: MemoryLogOptions) =>
            new MemoryLog({ ...options, fetchBatches });
          const plan = counting({}, "idle: 500ms");
          await drive({ plan, partitions: 4, createLog }, async (driver) => {
            const expected = new Map<number, number>();
            let now = 10_000;
            const latest = [0, 0, 0, 0];
            for (const { pause, back } of rounds) {
              now += pause;
              const records = back.map((ms, partition) => {
                // In order within its partition: nothing is late by its own clock.
                const atMs = Math.max(latest[partition]!, now - ms);
                latest[partition] = atMs;
                expected.set(atMs - (atMs % 1000), (expected.get(atMs - (atMs % 1000)) ?? 0) + 1);
                return at(partition, atMs, "A");
              });
              driver.clock.moveTo(now);
              await driver.send("s", records);
            }
            await driver.wait(5000);
            const finals = (await driver.written("out")).map(({ window, value }) => [
              window![0],
              (value as { n: number }).n,
            ]);
            expect(finals).toEqual([...expected].sort(([a], [b]) => a - b));
            expect(driver.ledger()["counted"]).toMatchObject({
              lateAtSource: 0,
              lateAtOperator: 0,
            });
          });
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("idle partitions", () => {
  const withLate = define({
    source: "idle: 2s",
    streams: "late: {}",
    stages: `${BY_WHO}\n${reduce({ late: "late" })}`,
  });

  test.each([[1], [4]])(
    "let windows close within `idle` of their end, %i partitions",
    async (partitions) => {
      await drive({ plan: counting({}, "idle: 2s"), partitions }, async (driver) => {
        await driver.send("s", [at(0, 500, "A")]);
        await driver.wait(1900);
        expect(await results(driver)).toEqual([]);
        await driver.wait(700);
        expect(await results(driver)).toEqual(['A 0 {"n":1}']);
      });
    },
  );

  test("do not hold those that go on", async () => {
    await drive({ plan: counting({}, "idle: 2s"), partitions: 4 }, async (driver) => {
      await driver.send(
        "s",
        [0, 1, 2, 3].map((partition) => at(partition, 0, "A")),
      );
      for (let second = 1; second <= 5; second++) {
        await driver.send("s", [at(0, second * 1000, "B")]);
        await driver.wait(100);
      }
      expect(await results(driver)).toContain('A 0 {"n":4}');
    });
  });

  test("that come back late are judged at the window, counted and written out as late", async () => {
    await drive({ plan: withLate, partitions: 4 }, async (driver) => {
      await driver.send("s", [at(0, 500, "A")]);
      await driver.wait(4000);
      expect(await results(driver)).toEqual(['A 0 {"n":1}']);
      await driver.send("s", [
        { partition: 2, atMs: 700, value: { who: "A", n: 7 }, headers: { from: "afar" } },
      ]);
      expect(driver.ledger()["counted"]).toMatchObject({
        in: 2,
        accepted: 1,
        lateAtSource: 0,
        lateAtOperator: 1,
      });
      const [late, ...more] = await driver.written("late");
      expect(more).toEqual([]);
      expect(late).toMatchObject({
        key: "A",
        timestampMs: 700,
        value: { who: "A", n: 7 },
        headers: {
          from: "afar",
          "millrace.stage": "counted",
          "millrace.late.first": "0",
          "millrace.late.last": "0",
          "millrace.late.windows": "1",
          "millrace.late.reason": "closed-while-idle",
        },
      });
      expect(Number(late!.headers["millrace.late.by"])).toBeGreaterThanOrEqual(0);
      // Its return takes back nothing: the watermark stands, and the next one is late, too.
      await driver.send("s", [at(2, 800, "A")]);
      expect(driver.ledger()["counted"]).toMatchObject({ accepted: 1, lateAtOperator: 2 });
      expect(await results(driver)).toEqual([]);
    });
  });

  test("stay idle over a restart: silence is counted from the last record", async () => {
    await drive({ plan: counting({}, "idle: 2s") }, async (driver) => {
      await driver.send("s", [at(0, 500, "A")]);
      await driver.wait(1500);
      await driver.restart("clean");
      await driver.wait(1100);
      expect(await results(driver)).toEqual(['A 0 {"n":1}']);
    });
  });
});

describe("late records", () => {
  test("are judged by their own partition's stream time and written with what refused them", async () => {
    const plan = define({
      source: "idle: never",
      streams: "late: {}",
      stages: `${BY_WHO}\n${reduce({ late: "late", window: "{ tumbling: 1s, grace: 200ms }" })}`,
    });
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 3700, "A"), at(0, 1400, "B", 5), at(1, 1400, "B", 6)]);
      expect(driver.ledger()["counted"]).toMatchObject({ in: 3, accepted: 2, lateAtSource: 1 });
      const late = await driver.written("late");
      expect(late).toHaveLength(1);
      expect(late[0]).toMatchObject({
        key: "B",
        value: { who: "B", n: 5, note: null },
        timestampMs: 1400,
        headers: {
          "millrace.stage": "counted",
          "millrace.late.first": "1000",
          "millrace.late.last": "1000",
          "millrace.late.windows": "1",
          // Its window closed at 2200; the partition stands at 3700.
          "millrace.late.by": "1500",
          "millrace.late.reason": "late",
        },
      });
    });
  });
});

describe("emit: updates", () => {
  test("writes each record's new value, stamped with the window's highest time", async () => {
    await drive(
      { plan: counting({ emit: "updates", value: "{ n: sum(value.n) }" }) },
      async (driver) => {
        await driver.send("s", [
          at(0, 100, "A", 1),
          at(0, 300, "A", 2),
          at(0, 200, "A", 4),
          at(0, 900, "B", 8),
        ]);
        const written = await driver.written("out");
        expect(
          written.map(({ key, window, value, timestampMs }) => [key, window, value, timestampMs]),
        ).toEqual([
          ["A", [0, 1000], { n: 1 }, 100],
          ["A", [0, 1000], { n: 3 }, 300],
          ["A", [0, 1000], { n: 7 }, 300],
          ["B", [0, 1000], { n: 8 }, 900],
        ]);
      },
    );
  });

  test("writes nothing more when the window closes, and counts each accepted record once", async () => {
    await drive({ plan: counting({ emit: "updates" }) }, async (driver) => {
      await driver.send("s", [at(0, 0, "A"), at(0, 1, "A"), at(0, 2, "A")]);
      expect(driver.ledger()["counted"]).toMatchObject({
        accepted: 3,
        results: 3,
        resultRecords: 0,
      });
      await driver.written("out");
      await driver.send("s", [at(0, 1000, "B")]);
      expect(await results(driver)).toEqual(['B 1000 {"n":1}']);
      expect(driver.ledger()["counted"]).toMatchObject({
        accepted: 4,
        results: 4,
        resultRecords: 3,
      });
    });
  });
});
