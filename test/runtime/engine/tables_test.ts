import { describe, expect, test } from "vitest";
import { decodeChangelogKey } from "../../../runtime/state/changelog.ts";
import type { TestDriver } from "../../../runtime/testing/mod.ts";
import { readRecords } from "../../../runtime/testing/record_batches.ts";
import { drive } from "./_driver.ts";
import { numbers, planned, row, tablePlan } from "./_tables.ts";

const byWho = tablePlan(`  p:
    - source: rows
    - filter: value.n >= 0
    - id: by_who
      reduce:
        key: value.who
        value: { people: count(), n: sum(value.n), mean: avg(value.n), big: count(value.n > 10) }
        emit: updates
    - sink: out`);

async function written(driver: TestDriver): Promise<readonly unknown[]> {
  return (await driver.written("out")).map(({ key, value, timestampMs }) => [
    key,
    value === null ? null : { ...(value as object) },
    timestampMs,
  ]);
}

describe("a reduce of a table", () => {
  test("counts rows as they are: those that are gone are taken back", async () => {
    await drive({ plan: byWho }, async (driver) => {
      await driver.send("rows", [
        row(10, "a", { who: "A", n: 3 }),
        row(20, "b", { who: "A", n: 20 }),
      ]);
      expect(await written(driver)).toEqual([
        ["A", { people: 1, n: 3, mean: 3, big: 0 }, 10],
        ["A", { people: 2, n: 23, mean: 11.5, big: 1 }, 20],
      ]);
      await driver.send("rows", [row(30, "b", { who: "B", n: 5 })]);
      expect(new Set(await written(driver))).toEqual(
        new Set([
          ["A", { people: 1, n: 3, mean: 3, big: 0 }, 30],
          ["B", { people: 1, n: 5, mean: 5, big: 0 }, 30],
        ]),
      );
      await driver.send("rows", [row(40, "a", null), row(41, "nobody", null)]);
      expect(await written(driver)).toEqual([["A", null, 40]]);
      expect(driver.ledger()["by_who"]).toMatchObject({ accepted: 3, takenBackRecords: 2 });
    });
  });

  test("gives one result for a row that stays with its key", async () => {
    await drive({ plan: byWho }, async (driver) => {
      await driver.send("rows", [
        row(10, "a", { who: "A", n: 3 }),
        row(5, "a", { who: "A", n: 4 }),
      ]);
      expect(await written(driver)).toEqual([
        ["A", { people: 1, n: 3, mean: 3, big: 0 }, 10],
        ["A", { people: 1, n: 4, mean: 4, big: 0 }, 10],
      ]);
    });
  });
});

describe("a row that the reduce refuses", () => {
  test("leaves the result without the one it has replaced", async () => {
    const plan = tablePlan(`  p:
    - source: rows
    - id: refusing
      reduce: { key: value.who, value: { n: sum(12 / value.n) }, emit: updates }
    - sink: out`);
    await drive({ plan }, async (driver) => {
      await driver.send("rows", [row(1, "a", { n: 1 }), row(1, "b", { n: 2 })]);
      await driver.send("rows", [row(2, "a", { n: 0 })]);
      await driver.send("rows", [row(3, "b", { n: 0 })]);
      await driver.send("rows", [row(4, "c", { n: 0 }), row(5, "b", null), row(5, "a", { n: 3 })]);
      expect(await numbers(driver)).toEqual([
        ["A", 12],
        ["A", 18],
        ["A", 6],
        ["A", null],
        ["A", 4],
      ]);
      const { accepted, takenBackRecords, dead } = driver.ledger()["refusing"]!;
      expect([accepted, takenBackRecords, dead]).toEqual([3, 2, 3]);
    });
  });

  test("because its key is too long is not taken back", async () => {
    const plan = tablePlan(`  p:
    - source: rows
    - filter: value.note != null
    - id: refusing
      reduce: { key: value.note, value: { n: count() }, emit: updates }
    - sink: out`);
    await drive({ plan }, async (driver) => {
      await driver.send("rows", [row(1, "a", { note: "x".repeat(100_001) })]);
      await driver.send("rows", [row(2, "a", { note: "y" }), row(3, "a", null)]);
      expect(await numbers(driver)).toEqual([
        ["y", 1],
        ["y", null],
      ]);
      const { accepted, takenBackRecords, dead } = driver.ledger()["refusing"]!;
      expect([accepted, takenBackRecords, dead]).toEqual([1, 1, 1]);
    });
  });
});

test("neither a row nor a key without rows is left in the changelogs", async () => {
  await drive({ plan: byWho }, async (driver) => {
    await driver.send("rows", [row(1, "a", { who: "A" }), row(2, "b", { who: "B" })]);
    await driver.wait(3000);
    await driver.send("rows", [row(3, "a", null)]);
    await driver.wait(3000);
    const standing = (topic: string) => {
      const entries = new Map<string, boolean>();
      const log = driver.cluster.partition({ topic, partition: 0 });
      for (const { key, value } of readRecords(log.read(0, Number.POSITIVE_INFINITY)!.bytes, 0)) {
        const read = decodeChangelogKey(key!);
        if (read.kind === "entry") entries.set(new TextDecoder().decode(read.key), value !== null);
      }
      return [...entries];
    };
    expect(standing("t-rows-changelog")).toEqual([
      ["a", false],
      ["b", true],
    ]);
    expect(standing("t-by_who-changelog")).toEqual([
      ["A", false],
      ["B", true],
    ]);
  });
});

test("a table that is written here is read as rows, so that results are reduced again", async () => {
  const plan = planned(`topology: t
streams:
  s: { key: string, value: { avro: s.avsc }, partitionedBy: key }
  out: {}
tables:
  totals: {}
pipelines:
  p:
    - source: s
    - id: total
      reduce: { value: { n: sum(value.n) }, emit: updates }
    - sink: totals
  q:
    - source: totals
    - id: of_size
      reduce: { key: "string(value.n)", value: { n: count() }, emit: updates }
    - sink: out
`);
  expect(plan.streams["totals"]).toMatchObject({ table: true, create: { cleanup: "compact" } });
  await drive({ plan }, async (driver) => {
    for (const key of ["a", "b", "a"]) await driver.send("s", [{ key, atMs: 1, value: { n: 2 } }]);
    const view = new Map((await driver.written("out")).map(({ key, value }) => [key, value]));
    expect([...view].map(([key, value]) => [key, { ...(value as object) }])).toEqual([
      ["2", { n: 1 }],
      ["4", { n: 1 }],
    ]);
  });
});
