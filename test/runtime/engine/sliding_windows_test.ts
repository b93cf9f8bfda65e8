import { describe, expect, test } from "vitest";
import { MemoryCluster, MemorySchemas, type TestDriver } from "../../../runtime/testing/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

const at = (atMs: number, key = "k", n = 0) => ({ atMs, key, value: { n } });

function sliding(fields: Readonly<Record<string, string>> = {}) {
  return define({
    ...("late" in fields && { streams: "tardy: {}" }),
    source: "key: string, partitionedBy: key, idle: never",
    stages: reduce({ window: "{ sliding: 10ms, grace: 0ms }", ...fields }),
  });
}

async function written(driver: TestDriver): Promise<string[]> {
  return (await driver.written("out")).map(
    ({ key, window, value }) => `${key} ${window?.join("..")} ${JSON.stringify(value)}`,
  );
}

describe("sliding windows", () => {
  test("end at each record, and begin behind each one that another follows", async () => {
    await drive({ plan: sliding() }, async (driver) => {
      await driver.send("s", [at(20), at(20, "l"), at(25), at(100)]);
      expect(await written(driver)).toEqual([
        'k 10..20 {"n":1}',
        'l 10..20 {"n":1}',
        'k 15..25 {"n":2}',
        'k 21..31 {"n":1}',
      ]);
    });
  });

  test("share the first one of 1970", async () => {
    await drive({ plan: sliding() }, async (driver) => {
      await driver.send("s", [at(3), at(7), at(100)]);
      expect(await written(driver)).toEqual(['k 0..10 {"n":2}', 'k 4..14 {"n":1}']);
    });
  });

  test("take a late record where they have not closed for it, and count it once", async () => {
    const plan = sliding({ late: "tardy" });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(31), at(25), at(20), at(100)]);
      expect(await written(driver)).toEqual(['k 21..31 {"n":2}', 'k 26..36 {"n":1}']);
      const [late] = await driver.written("tardy");
      expect(late!.headers).toMatchObject({
        "millrace.late.first": "10",
        "millrace.late.last": "20",
        "millrace.late.by": "11",
      });
      expect(driver.ledger()["counted"]).toMatchObject({
        in: 4,
        accepted: 3,
        lateAtSource: 1,
        resultRecords: 2,
      });
    });
  });

  test("give with emit: updates each window that a record changes or makes, by their starts", async () => {
    await drive(
      { plan: sliding({ window: "{ sliding: 10ms, grace: 20ms }", emit: "updates" }) },
      async (driver) => {
        await driver.send("s", [at(20), at(26), at(22)]);
        expect(await written(driver)).toEqual([
          'k 10..20 {"n":1}',
          'k 16..26 {"n":2}',
          'k 21..31 {"n":1}',
          'k 12..22 {"n":2}',
          'k 16..26 {"n":3}',
          'k 21..31 {"n":2}',
          'k 23..33 {"n":1}',
        ]);
      },
    );
  });

  test("begin right behind another record, also with the first window that a late one counts in", async () => {
    const plan = sliding({ window: "{ sliding: 10ms, grace: 5ms }", emit: "updates" });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(84), at(100)]);
      await driver.written("out");
      // The windows that end before 95 have closed for it.
      await driver.send("s", [at(92)]);
      expect(await written(driver)).toEqual([
        'k 85..95 {"n":1}',
        'k 90..100 {"n":2}',
        'k 93..103 {"n":1}',
      ]);
    });
  });

  test("give with emit: every the newest of what has changed", async () => {
    await drive({ plan: sliding({ emit: "{ every: 1s }" }) }, async (driver) => {
      await driver.send("s", [at(20), at(20), at(25)]);
      await driver.wait(1500);
      expect(await written(driver)).toEqual([
        'k 10..20 {"n":2}',
        'k 15..25 {"n":3}',
        'k 21..31 {"n":1}',
      ]);
      await driver.wait(1500);
      expect(await written(driver)).toEqual([]);
    });
  });

  test("are put together in the order of arrival where a reducer says that it matters", async () => {
    const value = `{ n: { lift: "string(value.n)", combine: "a + b", ordered: true } }`;
    const plan = sliding({ window: "{ sliding: 10ms, grace: 20ms }", value });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(25, "k", 1), at(20, "k", 2), at(25, "k", 3), at(100)]);
      expect(await written(driver)).toEqual([
        'k 10..20 {"n":"2"}',
        'k 15..25 {"n":"123"}',
        'k 21..31 {"n":"13"}',
      ]);
    });
  });

  test("go on after a crash as if there had been none", async () => {
    const shared = { cluster: new MemoryCluster(), schemas: new MemorySchemas() };
    const plan = sliding();
    await drive({ plan, ...shared, commitIntervalMs: 1 }, async (driver) => {
      await driver.send("s", [at(20), at(25)]);
      await driver.wait(100);
    });
    await drive({ plan, ...shared }, async (driver) => {
      await driver.send("s", [at(28), at(100)]);
      expect(await written(driver)).toEqual([
        'k 10..20 {"n":1}',
        'k 15..25 {"n":2}',
        'k 18..28 {"n":3}',
        'k 21..31 {"n":2}',
        'k 26..36 {"n":1}',
      ]);
    });
  });
});
