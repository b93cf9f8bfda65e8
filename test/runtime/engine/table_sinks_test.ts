import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../../runtime/engine/mod.ts";
import { MemorySnapshots } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { drive } from "./_driver.ts";
import { numbers, row, tablePlan } from "./_tables.ts";

describe("a sink behind a table", () => {
  const filtered = tablePlan(`  p:
    - source: rows
    - filter: 12 / value.n > 1
    - sink: out`);

  test("gets a tombstone for a row that is deleted, stops passing, or fails from now on", async () => {
    await drive({ plan: filtered }, async (driver) => {
      for (const n of [1, 20, 2, 0, 3, 4]) await driver.send("rows", [row(1, "a", { n })]);
      expect(await numbers(driver)).toEqual([
        ["a", 1],
        ["a", null],
        ["a", 2],
        ["a", null],
        ["a", 3],
        ["a", 4],
      ]);
      await driver.send("rows", [row(9, "a", null), row(9, "a", null)]);
      expect(await numbers(driver)).toEqual([["a", null]]);
      expect(driver.ledger()["p.1"]).toMatchObject({ in: 6, filtered: 1, dead: 1, passed: 4 });
    });
  });

  test("keeps what a record that cannot be read would have replaced", async () => {
    await drive({ plan: filtered }, async (driver) => {
      await driver.send("rows", [row(1, "a", { n: 1 })]);
      const key = new TextEncoder().encode("a");
      const builder = new BatchBuilder();
      builder.append(2, key, 0, 1, Uint8Array.of(7), 0, 1, new Uint8Array(0), 0, 0, 0);
      await driver.append("rows", 0, builder.finish());
      await driver.settle();
      expect(await driver.written("dead_letters")).toHaveLength(1);
      await driver.send("rows", [row(3, "a", null)]);
      expect(await numbers(driver)).toEqual([
        ["a", 1],
        ["a", null],
      ]);
    });
  });

  test("gets one tombstone for a key that a row had made twice", async () => {
    const twice = tablePlan(
      `  p:
    - source: rows
    - flatMap: { for: { part: value.split(' ') }, key: key, value: { n: size(part) } }
    - sink: out`,
      "",
      "string",
    );
    await drive({ plan: twice }, async (driver) => {
      await driver.send("rows", [{ key: "k", atMs: 1, value: "a bb a" }, row(2, "k", null)]);
      expect(await numbers(driver)).toEqual([
        ["k", 1],
        ["k", 2],
        ["k", 1],
        ["k", null],
      ]);
    });
  });

  test("takes a row of very many records, and what it becomes", async () => {
    const many = tablePlan(
      `  p:
    - source: rows
    - flatMap: { for: { part: value.split(' ') }, key: part, value: { n: size(part) } }
    - sink: out
  q:
    - source: p
    - reduce: { value: { n: count() }, emit: { every: 10s } }
    - sink: counts`,
      "  counts: {}",
      "string",
    );
    const text = (from: number) =>
      Array.from({ length: 60_000 }, (_, n) => String(n + from)).join(" ");
    await drive({ plan: many }, async (driver) => {
      await driver.send("rows", [{ key: "k", atMs: 1, value: text(0) }]);
      await driver.written("out");
      await driver.send("rows", [{ key: "k", atMs: 2, value: text(1) }]);
      const written = await driver.written("out");
      expect(written).toHaveLength(60_001);
      expect(written.at(-1)).toMatchObject({ key: "0", value: null });
      expect(driver.ledger()["q"]).toMatchObject({ accepted: 120_000, takenBackRecords: 60_000 });
    });
  });

  test("is not told by another sink that has the same key", async () => {
    const two = tablePlan(
      `  p:
    - source: rows
    - branch:
        - { when: value.n > 5, stages: [{ sink: out }] }
        - { stages: [{ sink: small }] }`,
      "  small: {}",
    );
    await drive({ plan: two }, async (driver) => {
      await driver.send("rows", [row(1, "a", { n: 9 }), row(2, "a", { n: 1 })]);
      expect(await numbers(driver)).toEqual([
        ["a", 9],
        ["a", null],
      ]);
      expect(await numbers(driver, "small")).toEqual([["a", 1]]);
    });
  });

  test("loses the keys that a changed row does not make any more", async () => {
    const keys = tablePlan(
      `  p:
    - source: rows
    - flatMap: { for: { part: value.split(' ') }, key: key + part, value: { n: size(part) } }
    - sink: out`,
      "",
      "string",
    );
    await drive({ plan: keys }, async (driver) => {
      const text = (value: string) => ({ key: "k", atMs: 1, value });
      await driver.send("rows", [text("a bb"), text("bb ccc")]);
      expect(await numbers(driver)).toEqual([
        ["ka", 1],
        ["kbb", 2],
        ["kbb", 2],
        ["kccc", 3],
        ["ka", null],
      ]);
    });
  });

  test.each([
    ["a changelog", "crash", { restoredEntries: 2, snapshotEntries: 0 }],
    ["a snapshot", "clean", { restoredEntries: 0, snapshotEntries: 2 }],
  ] as const)("is told of rows that were restored from %s", async (_, how, entries) => {
    const events: EngineEvent[] = [];
    const snapshots = new MemorySnapshots();
    const options = { snapshots, onEvent: (event: EngineEvent) => events.push(event) };
    await drive({ plan: filtered, ...options }, async (driver) => {
      await driver.send("rows", [row(1, "a", { n: 1 }), row(1, "b", { n: 2 })]);
      await driver.wait(5000);
      await driver.restart(how);
      expect(events.findLast(({ kind }) => kind === "assigned")).toMatchObject(entries);
      await driver.send("rows", [row(2, "a", null), row(2, "b", { n: 3 })]);
      expect((await numbers(driver)).slice(2)).toEqual([
        ["a", null],
        ["b", 3],
      ]);
    });
  });

  test("has written nothing for a row that it had no place for", async () => {
    const placed = tablePlan(`  p:
    - source: rows
    - sink: { stream: out, partition: value.n }`);
    await drive({ plan: placed }, async (driver) => {
      for (const n of [7, 8, 0]) await driver.send("rows", [row(1, "a", { n })]);
      await driver.send("rows", [row(2, "b", { n: 9 }), row(3, "b", null), row(3, "a", null)]);
      expect(await numbers(driver)).toEqual([
        ["a", 0],
        ["a", null],
      ]);
      expect(await driver.written("dead_letters")).toHaveLength(3);
    });
    const large = tablePlan(`  p:
    - source: rows
    - filter: value.note != null
    - map: { key: value.note + value.note + value.note, value: { n: value.n } }
    - sink: out`);
    await drive({ plan: large }, async (driver) => {
      await driver.send("rows", [row(1, "a", { n: 1, note: "x".repeat(400_000) })]);
      await driver.send("rows", [row(1, "a", { n: 2, note: "y" }), row(1, "a", null)]);
      expect(await numbers(driver)).toEqual([
        ["yyy", 2],
        ["yyy", null],
      ]);
    });
  });

  test("counts a row without a key, and writes nothing for it", async () => {
    await drive({ plan: filtered }, async (driver) => {
      await driver.send("rows", [{ key: null, atMs: 1, value: { n: 1 } }]);
      expect(await numbers(driver)).toEqual([]);
      expect(driver.ledger()["p.1"]).toMatchObject({ in: 1, nullDropped: 1 });
    });
  });
});
