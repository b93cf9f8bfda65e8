import { describe, expect, test } from "vitest";
import type { TestDriver } from "../../../runtime/testing/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { drive, SHOP_LOG } from "./_driver.ts";

/** A plan over the table `rows` with string keys. */
function tablePlan(pipelines: string, streams = "", value = "{ avro: s.avsc }"): Plan {
  const text = `topology: t
tables:
  rows: { key: string, value: ${value} }
streams:
  out: {}
${streams}
pipelines:
${pipelines}`;
  const files = { read: () => JSON.stringify(SHOP_LOG) };
  const { plan, diagnostics } = planTopology({ file: "t.yaml", text, files });
  if (plan === undefined) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${text}`);
  return plan;
}

const byWho = tablePlan(`  p:
    - source: rows
    - filter: value.n >= 0
    - id: by_who
      reduce:
        key: value.who
        value: { people: count(), n: sum(value.n), mean: avg(value.n), big: count(value.n > 10) }
        emit: updates
    - sink: out`);

const row = (atMs: number, key: string, value: object | null) => ({ atMs, key, value });

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
