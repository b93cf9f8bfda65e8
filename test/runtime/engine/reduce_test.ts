import { describe, expect, test } from "vitest";
import { define, drive, results } from "./_driver.ts";

const at = (partition: number, atMs: number, who: string, n = 0) => ({
  partition,
  atMs,
  value: { who, n },
});

const running = (emit: string, rest = "") =>
  define({
    source: "idle: never",
    stages: `- map: { key: value.who }\n- id: total\n  reduce: { value: { n: count(), sum: sum(value.n) }, emit: ${emit}${rest} }`,
  });

describe("a reduce without a window", () => {
  test("keeps one result per key, over all partitions and however late a record is", async () => {
    await drive({ plan: running("updates"), partitions: 3 }, async (driver) => {
      await driver.send("s", [at(0, 5000, "A", 1)]);
      await driver.send("s", [at(1, 9000, "A", 2)]);
      await driver.send("s", [at(2, 10, "A", 3), at(2, 20, "B", 4)]);
      const written = await driver.written("out");
      expect(written.map(({ key, window, value }) => [key, window, value])).toEqual([
        ["A", undefined, { n: 1, sum: 1 }],
        ["A", undefined, { n: 2, sum: 3 }],
        ["A", undefined, { n: 3, sum: 6 }],
        ["B", undefined, { n: 1, sum: 4 }],
      ]);
      // The newest time of the key, not of the record.
      expect(written.map(({ timestampMs }) => timestampMs)).toEqual([5000, 9000, 9000, 20]);
      expect(driver.ledger()["total"]).toMatchObject({
        in: 4,
        accepted: 4,
        lateAtSource: 0,
        results: 4,
      });
    });
  });

  test("goes on where it was, after a stop and after a crash", async () => {
    await drive({ plan: running("updates"), partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 0, "A", 1), at(1, 0, "B", 1)]);
      await driver.restart("clean");
      await driver.send("s", [at(0, 1, "A", 1)]);
      await driver.wait(1500);
      await driver.restart("crash");
      await driver.send("s", [at(1, 2, "A", 1)]);
      expect((await results(driver)).at(-1)).toBe('A {"n":3,"sum":3}');
    });
  });

  test("drops a record without a key, and counts it", async () => {
    const plan = define({
      source: "key: string",
      stages: "- id: total\n  reduce: { value: { n: count() }, emit: updates }",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        { atMs: 0, key: null, value: {} },
        { atMs: 0, key: "k", value: {} },
      ]);
      expect(await results(driver)).toEqual(['k {"n":1}']);
      expect(driver.ledger()["total.repartition"]).toMatchObject({
        in: 2,
        nullDropped: 1,
        passed: 1,
      });
    });
  });

  test("says of which stage and task a result is that cannot be made", async () => {
    const plan = running("updates");
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(0, 0, "A", 2 ** 53 - 1), at(0, 0, "A", 2 ** 53 - 1)]);
      expect(await results(driver)).toHaveLength(1);
      const [letter] = await driver.written("dead_letters");
      expect(letter?.headers).toMatchObject({
        "millrace.stage": "total",
        "millrace.code": "SUM_OVERFLOW",
      });
      expect(Buffer.from(letter?.value as Uint8Array).toString()).toBe("{}");
      expect(driver.ledger()["total"]).toMatchObject({ accepted: 2, results: 1 });
    });
  });
});

describe("emit: { every }", () => {
  test("gives the newest result of each changed key, at most once per interval", async () => {
    await drive({ plan: running("{ every: 2s }"), partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 0, "B", 1), at(1, 0, "A", 1)]);
      await driver.wait(100);
      expect((await results(driver)).sort()).toEqual(['A {"n":1,"sum":1}', 'B {"n":1,"sum":1}']);
      await driver.send("s", [at(0, 0, "A", 1), at(1, 0, "A", 1)]);
      await driver.wait(1700);
      expect(await results(driver)).toEqual([]);
      await driver.wait(300);
      expect(await results(driver)).toEqual(['A {"n":3,"sum":3}']);
      await driver.wait(10_000);
      expect(await results(driver)).toEqual([]);
      expect(driver.ledger()["total"]).toMatchObject({ accepted: 4, results: 3 });
    });
  });

  test("forgets nothing that changed before a crash and had not gone out", async () => {
    const plan = running("{ every: 60s }");
    await drive({ plan, commitIntervalMs: 100 }, async (driver) => {
      await driver.send("s", [at(0, 0, "A", 1)]);
      await driver.wait(200);
      expect(await results(driver)).toEqual(['A {"n":1,"sum":1}']);
      await driver.send("s", [at(0, 0, "A", 1)]);
      await driver.wait(200);
      expect(await results(driver)).toEqual([]);
      await driver.restart("crash");
      await driver.wait(100);
      expect(await results(driver)).toEqual(['A {"n":2,"sum":2}']);
    });
  });

  test("of a window gives its last value before it closes, and nothing after", async () => {
    const plan = define({
      source: "idle: never",
      stages: `- map: { key: value.who }
- id: counted
  windowedReduce: { window: { hopping: 2s, every: 1s, grace: 0s }, value: { n: count() }, emit: { every: 10s } }`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(0, 1000, "A")]);
      await driver.wait(100);
      expect(await results(driver)).toEqual(['A 0 {"n":1}', 'A 1000 {"n":1}']);
      await driver.send("s", [at(0, 1500, "B"), at(0, 1600, "A")]);
      expect(await results(driver)).toEqual([]);
      await driver.send("s", [at(0, 2000, "C")]);
      expect(await results(driver)).toEqual(['A 0 {"n":2}', 'B 0 {"n":1}']);
      await driver.wait(20_000);
      expect(await results(driver)).toEqual([
        'A 1000 {"n":2}',
        'B 1000 {"n":1}',
        'C 1000 {"n":1}',
        'C 2000 {"n":1}',
      ]);
      expect(driver.ledger()["counted"]).toMatchObject({ accepted: 8, resultRecords: 3 });
    });
  });
});
