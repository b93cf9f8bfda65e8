import { expect, test } from "vitest";
import { CommittedLedgers, type CommittedLog, sumLedgers } from "../../../runtime/engine/mod.ts";
import { type MemoryCluster, MemoryLog, TestDriver } from "../../../runtime/testing/mod.ts";
import { TornLog } from "../../support/torn_log.ts";
import { define, reduce } from "./_driver.ts";

const PLAN = define({ stages: `- filter: value.n >= 0\n${reduce({ key: "value.who" })}` });

/** Somebody who is not in the group. */
function looking(cluster: MemoryCluster, driver: TestDriver): CommittedLog & { reads: number } {
  const log = new MemoryLog({ cluster, clock: driver.clock });
  return {
    reads: 0,
    partitionCounts: (topics) => log.partitionCounts(topics),
    startOffsets: (partitions) => log.startOffsets(partitions),
    endOffsets: (partitions) => log.endOffsets(partitions),
    async committed(partitions) {
      const { offsets } = cluster.group(PLAN.application);
      return partitions.flatMap((at) => offsets.get(`${at.topic}/${at.partition}`) ?? []);
    },
    async *read(partition, from, to) {
      this.reads += to - from;
      yield* log.read(partition, from, to);
    },
  };
}

function records(count: number, atMs: number) {
  return Array.from({ length: count }, (_, i) => ({
    key: null,
    value: { n: i % 5 === 0 ? -1 : i, who: "A" },
    atMs: atMs + i,
  }));
}

test("the committed counters of every task are those of the driver, of each partition", async () => {
  const driver = await TestDriver.open({ plan: PLAN, partitions: 3 });
  const ledgers = new CommittedLedgers(looking(driver.cluster, driver), PLAN);
  expect(await ledgers.read()).toEqual([]);
  await driver.send("s", records(100, 1000));
  await driver.wait(10_000);
  const read = await ledgers.read();
  expect(sumLedgers(read.map(({ ledger }) => ledger))).toEqual(driver.ledger());
  expect(driver.ledger()["p"]).toMatchObject({ read: 100 });
  const sources = read.filter(({ ledger }) => ledger["p"] !== undefined);
  expect(sources.map(({ partition, ledger }) => [partition, ledger["p"]!["read"]])).toEqual([
    [0, 34],
    [1, 33],
    [2, 33],
  ]);
  await driver.close();
});

test("what is not committed yet is not shown, and what did not change is not read again", async () => {
  const driver = await TestDriver.open({ plan: PLAN, commitIntervalMs: 60_000 });
  const log = looking(driver.cluster, driver);
  const ledgers = new CommittedLedgers(log, PLAN);
  await driver.send("s", records(10, 1000));
  expect(await ledgers.read()).toEqual([]);
  await driver.engine.commit();
  const first = await ledgers.read();
  expect(sumLedgers(first.map(({ ledger }) => ledger))["p"]).toMatchObject({ read: 10 });
  const before = log.reads;
  await driver.send("s", records(10, 2000));
  expect(await ledgers.read()).toEqual(first);
  expect(log.reads).toBe(before);
  await driver.close();
});

test("an instance dies between its changelog and its offsets: what it had committed before is shown", async () => {
  let torn: TornLog | undefined;
  const driver = await TestDriver.open({
    plan: PLAN,
    commitIntervalMs: 60_000,
    createLog: (options) => {
      torn = new TornLog(options);
      return torn;
    },
  });
  await driver.send("s", records(50, 1000));
  await driver.engine.commit();
  await driver.send("s", records(30, 1500));
  torn!.kept = 1;
  await expect(driver.engine.commit()).rejects.toThrow("torn");
  // A reader that has seen nothing before: it has to look behind the entry that does not count.
  const read = await new CommittedLedgers(looking(driver.cluster, driver), PLAN).read();
  expect(sumLedgers(read.map(({ ledger }) => ledger))["p"]).toMatchObject({ read: 50 });
  driver.abandon();
});
