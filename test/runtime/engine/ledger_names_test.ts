import { expect, test } from "vitest";
import { sourceCounts, TaskLedger, windowCounts } from "../../../runtime/engine/ledger.ts";
import { ledgerRows } from "../../../runtime/engine/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

const SENT = [
  { atMs: 1, key: "k", value: { n: 1 } },
  { atMs: 5000, key: "k", value: { n: 1 } },
  { atMs: 2, key: "k", value: { n: 1 } },
];

test.each([
  ["in the same task", ""],
  ["behind a repartition topic", "string(value.n)"],
])("a stage without an id, %s, and what its pipeline reads are counted apart", async (_, key) => {
  const stage = reduce(key === "" ? {} : { key }).replace("id: counted\n  ", "");
  const plan = define({ source: "key: string, partitionedBy: key, idle: never", stages: stage });
  await drive({ plan }, async (driver) => {
    await driver.send("s", SENT);
    const ledger = driver.ledger();
    expect(ledger["p.0"]).toEqual({ read: 3, invalid: 0, dead: 0, passed: 3 });
    expect(ledger["p"]).toMatchObject({ in: 3, accepted: 2, lateAtSource: 1, results: 1 });
    const rows = ledgerRows(ledger, plan).map(({ name, step }) => `${name} ${step}`);
    expect(rows).toContain("p.0 source");
    expect(rows).toContain("p windowedReduce");
  });
});

test("where no stage has it, what a pipeline reads is counted under the pipeline's name", async () => {
  const plan = define({ source: "key: string, idle: never", stages: reduce() });
  await drive({ plan }, async (driver) => {
    await driver.send("s", SENT);
    expect(driver.ledger()["p"]).toEqual({ read: 3, invalid: 0, dead: 0, passed: 3 });
  });
});

test("a ledger does not count two different things under one name", () => {
  const ledger = new TaskLedger();
  ledger.counts("p", sourceCounts);
  expect(ledger.counts("p", sourceCounts)).toBe(ledger.counts("p", sourceCounts));
  expect(() => ledger.counts("p", windowCounts)).toThrow("under p");
});
