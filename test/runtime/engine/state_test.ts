import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { recordsOf } from "../../../runtime/serde/mod.ts";
import {
  ManualClock,
  MemoryCluster,
  MemoryLog,
  MemorySchemas,
  TestDriver,
} from "../../../runtime/testing/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const BY_KEY = define({ source: "key: string, partitionedBy: key, idle: 2s", stages: reduce() });
const CHANGELOG = "t-counted-changelog";

const at = (atMs: number, key: string) => ({ atMs, key, value: { who: "A" } });

/** Dies in its next commit, before the offsets. */
class TornLog extends MemoryLog {
  tear = false;

  override async commit(offsets: Parameters<MemoryLog["commit"]>[0]): Promise<void> {
    if (this.tear) throw new MillraceError("INVARIANT", "Cannot commit: torn");
    await super.commit(offsets);
  }
}

/** Keys of the changelog's window entries, tombstones with a minus. */
function entries(cluster: MemoryCluster): string[] {
  const log = cluster.partition({ topic: CHANGELOG, partition: 0 });
  const all: string[] = [];
  for (let offset = 0; ; ) {
    const found = log.read(offset, 1);
    if (found === undefined) return all;
    for (const { key, value } of recordsOf(found.bytes)) {
      if (key![0] === 0) continue;
      all.push(`${value === null ? "-" : ""}${new TextDecoder().decode(key!.subarray(17))}`);
    }
    offset = found.nextOffset;
  }
}

describe("the changelog", () => {
  test("gets the tombstone of a closed window one commit after the one that covers the closing", async () => {
    await drive({ plan: BY_KEY, commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(0, "k")]);
      await driver.engine.commit();
      expect(entries(driver.cluster)).toEqual(["k"]);
      await driver.send("s", [at(1000, "l")]);
      expect(await results(driver)).toEqual(['k 0 {"n":1}']);
      await driver.engine.commit();
      expect(entries(driver.cluster)).toEqual(["k", "l"]);
      await driver.engine.commit();
      expect(entries(driver.cluster)).toEqual(["k", "l", "-k"]);
      await driver.engine.commit();
      expect(entries(driver.cluster)).toEqual(["k", "l", "-k"]);
    });
  });

  test("never holds a key whose window closed before its first commit", async () => {
    await drive({ plan: BY_KEY, commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(0, "k"), at(1000, "l")]);
      for (let n = 0; n < 3; n++) await driver.engine.commit();
      expect(entries(driver.cluster)).toEqual(["l"]);
    });
  });

  test("gets the tombstones that a crash kept from being written after the restart", async () => {
    await drive({ plan: BY_KEY, commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(0, "k")]);
      await driver.engine.commit();
      await driver.send("s", [at(1000, "l")]);
      await driver.engine.commit();
      await driver.restart("crash");
      await driver.engine.commit();
      expect(entries(driver.cluster)).toEqual(["k", "l", "-k"]);
      expect(await results(driver)).toEqual(['k 0 {"n":1}']);
    });
  });

  test("of a torn commit that moved no position does not lend its ledger to the one before", async () => {
    let log: TornLog | undefined;
    const createLog = (options: ConstructorParameters<typeof MemoryLog>[0]) => {
      log = new TornLog(options);
      return log;
    };
    await drive({ plan: BY_KEY, commitIntervalMs: 1e9, createLog }, async (driver) => {
      // Two commits, so that the torn one takes the first slot again.
      await driver.send("s", [at(0, "k")]);
      await driver.engine.commit();
      await driver.send("s", [at(1, "k")]);
      await driver.engine.commit();
      await driver.wait(4000);
      log!.tear = true;
      await expect(driver.engine.commit()).rejects.toThrow("torn");
      await driver.restart("crash");
      await driver.wait(1000);
      expect(await results(driver)).toEqual(['k 0 {"n":2}', 'k 0 {"n":2}']);
      expect(driver.ledger()["counted"]).toMatchObject({
        accepted: 2,
        results: 1,
        resultRecords: 2,
      });
    });
  });
});

describe("the byte budget", () => {
  test("stops the engine before anything more is committed", async () => {
    const driver = await TestDriver.open({
      plan: BY_KEY,
      stateBytes: 40_000,
      commitIntervalMs: 1e9,
    });
    await driver.send("s", [at(0, "first")]);
    await driver.engine.commit();
    const group = driver.cluster.group("t");
    const before = JSON.stringify([...group.offsets]);
    const many = Array.from({ length: 5000 }, (_, n) => at(1, `key ${n}`));
    const stop = driver.send("s", many);
    await expect(stop).rejects.toMatchObject({
      code: "STATE_BUDGET",
      where: { task: "counted/0", topic: "s", partition: 0 },
    });
    expect(JSON.stringify([...group.offsets])).toBe(before);
    expect(entries(driver.cluster)).toEqual(["first"]);
    expect(await results(driver)).toEqual([]);
    expect(group.members.size).toBe(0);
    await driver.close();
    expect(JSON.stringify([...group.offsets])).toBe(before);
  });

  test("is given back when windows close and when tasks go", async () => {
    await drive({ plan: BY_KEY, commitIntervalMs: 100 }, async (driver) => {
      for (let second = 0; second < 50; second++) {
        await driver.send("s", [at(second * 1000, "k"), at(second * 1000, "l")]);
        await driver.wait(200);
      }
      const { stateBytes } = driver.engine;
      expect(stateBytes).toBeGreaterThan(0);
      expect(stateBytes).toBeLessThan(10_000);
      await driver.wait(10_000);
      expect(driver.engine.stateBytes).toBe(0);
    });
  });
});

describe("state that does not fit is refused", () => {
  const shared = () => ({
    cluster: new MemoryCluster(),
    clock: new ManualClock(),
    schemas: new MemorySchemas(),
  });

  test("a changelog without committed offsets", async () => {
    const world = shared();
    await drive({ plan: BY_KEY, ...world }, (driver) => driver.send("s", [at(0, "k")]));
    world.cluster.group("t").offsets.clear();
    await expect(TestDriver.open({ plan: BY_KEY, ...world })).rejects.toMatchObject({
      code: "STATE_MISMATCH",
      message: expect.stringContaining("no committed offsets"),
    });
    expect(world.cluster.group("t").offsets.size).toBe(0);
  });

  test.each([[""], ["hello"], ["v2 - - - run"], ["v1 1 2 x run"], ["v1 1 2 3 new"]])(
    "offsets with the metadata %j of another program",
    async (metadata) => {
      const world = shared();
      await drive({ plan: BY_KEY, ...world }, (driver) => driver.send("s", [at(0, "k")]));
      const { offsets } = world.cluster.group("t");
      for (const [name, offset] of offsets) offsets.set(name, { ...offset, metadata });
      await expect(TestDriver.open({ plan: BY_KEY, ...world })).rejects.toMatchObject({
        code: "STATE_MISMATCH",
        message: expect.stringContaining("not committed by Millrace"),
      });
    },
  );

  test("offsets that were moved by hand", async () => {
    const world = shared();
    await drive({ plan: BY_KEY, ...world }, (driver) =>
      driver.send("s", [at(0, "k"), at(1, "k"), at(2, "k")]),
    );
    const { offsets } = world.cluster.group("t");
    for (const [name, offset] of offsets) offsets.set(name, { ...offset, offset: 1 });
    await expect(TestDriver.open({ plan: BY_KEY, ...world })).rejects.toMatchObject({
      code: "STATE_MISMATCH",
      message: expect.stringContaining("no entry of it belongs to the committed offsets"),
    });
  });

  test("state of a reduce with other aggregators", async () => {
    const world = shared();
    await drive({ plan: BY_KEY, ...world }, (driver) => driver.send("s", [at(0, "k")]));
    const other = define({
      source: "key: string, partitionedBy: key",
      stages: reduce({ value: "{ n: count(), m: max(eventTime) }" }),
    });
    await expect(TestDriver.open({ plan: other, ...world })).rejects.toMatchObject({
      code: "STATE_MISMATCH",
      message: expect.stringContaining("another shape"),
    });
  });
});
