import { describe, expect, test } from "vitest";
import type { Input } from "../../../runtime/engine/input.ts";
import { Rows } from "../../../runtime/engine/rows.ts";
import { decodeChangelogKey } from "../../../runtime/state/changelog.ts";
import { MemoryBudget } from "../../../runtime/state/mod.ts";
import type { TestDriver } from "../../../runtime/testing/mod.ts";
import { readRecords } from "../../../runtime/testing/record_batches.ts";
import { BatchBuilder, RecordCursor } from "../../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { drive, SHOP_LOG } from "./_driver.ts";

/** A plan over the table `rows` with string keys. */
function tablePlan(pipelines: string, streams = "", value = "{ avro: s.avsc }"): Plan {
  return planned(`topology: t
tables:
  rows: { key: string, value: ${value} }
streams:
  out: {}
${streams}
pipelines:
${pipelines}`);
}

function planned(text: string): Plan {
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

/** Keys and values on a sink, tombstones as null. */
async function results(driver: TestDriver, stream = "out"): Promise<readonly unknown[]> {
  return (await driver.written(stream)).map(({ key, value }) => [
    key,
    value === null ? null : (value as { readonly n: number }).n,
  ]);
}

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
      expect(await results(driver)).toEqual([
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
      expect(await results(driver)).toEqual([
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

describe("a sink behind a table", () => {
  const filtered = tablePlan(`  p:
    - source: rows
    - filter: 12 / value.n > 1
    - sink: out`);

  test("gets a tombstone for a row that is deleted, stops passing, or fails from now on", async () => {
    await drive({ plan: filtered }, async (driver) => {
      for (const n of [1, 20, 2, 0, 3, 4]) await driver.send("rows", [row(1, "a", { n })]);
      expect(await results(driver)).toEqual([
        ["a", 1],
        ["a", null],
        ["a", 2],
        ["a", null],
        ["a", 3],
        ["a", 4],
      ]);
      await driver.send("rows", [row(9, "a", null), row(9, "a", null)]);
      expect(await results(driver)).toEqual([["a", null]]);
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
      expect(await results(driver)).toEqual([
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
      expect(await results(driver)).toEqual([
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
      expect(await results(driver)).toEqual([
        ["a", 9],
        ["a", null],
      ]);
      expect(await results(driver, "small")).toEqual([["a", 1]]);
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
      expect(await results(driver)).toEqual([
        ["ka", 1],
        ["kbb", 2],
        ["kbb", 2],
        ["kccc", 3],
        ["ka", null],
      ]);
    });
  });

  test("is told of rows that were restored, from the changelog and from a snapshot", async () => {
    for (const how of ["clean", "crash"] as const) {
      await drive({ plan: filtered }, async (driver) => {
        await driver.send("rows", [row(1, "a", { n: 1 }), row(1, "b", { n: 2 })]);
        await driver.wait(5000);
        await driver.restart(how);
        await driver.send("rows", [row(2, "a", null), row(2, "b", { n: 3 })]);
        expect((await results(driver)).slice(2)).toEqual([
          ["a", null],
          ["b", 3],
        ]);
      });
    }
  });

  test("has written nothing for a row that it had no place for", async () => {
    const placed = tablePlan(`  p:
    - source: rows
    - sink: { stream: out, partition: value.n }`);
    await drive({ plan: placed }, async (driver) => {
      for (const n of [7, 8, 0]) await driver.send("rows", [row(1, "a", { n })]);
      await driver.send("rows", [row(2, "b", { n: 9 }), row(3, "b", null), row(3, "a", null)]);
      expect(await results(driver)).toEqual([
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
      expect(await results(driver)).toEqual([
        ["yyy", 2],
        ["yyy", null],
      ]);
    });
  });

  test("counts a row without a key, and writes nothing for it", async () => {
    await drive({ plan: filtered }, async (driver) => {
      await driver.send("rows", [{ key: null, atMs: 1, value: { n: 1 } }]);
      expect(await results(driver)).toEqual([]);
      expect(driver.ledger()["p.1"]).toMatchObject({ in: 1, nullDropped: 1 });
    });
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

test("rows with Avro keys stay the same rows when the schema of their keys changes", async () => {
  const rows = new Rows({
    key: { kind: "avro", schema: { kind: "string" } },
    budget: new MemoryBudget(1e6),
  });
  const input = {
    decodeKey: (bytes: Uint8Array, start: number, end: number) =>
      new TextDecoder().decode(bytes.subarray(start + 5, end)),
  } as unknown as Input;
  const record = (schemaId: number, value: number | null) => {
    const key = Uint8Array.of(0, 0, 0, 0, schemaId, 107);
    const builder = new BatchBuilder();
    const bytes = Uint8Array.of(value ?? 0);
    const [start, end] = value === null ? [-1, -1] : [0, 1];
    builder.append(5, key, 0, key.length, bytes, start, end, new Uint8Array(0), 0, 0, 0);
    const cursor = new RecordCursor();
    cursor.reset(builder.finish());
    cursor.nextBatch();
    cursor.nextRecord();
    return cursor;
  };
  const first = record(1, 8);
  rows.find(input, first);
  expect(rows.row).toBeUndefined();
  rows.set(first, 5);
  rows.find(input, record(2, null));
  const { buffer, keyStart, keyEnd, valueStart, valueEnd, timestamp } = rows.row!;
  expect([...buffer.subarray(keyStart, keyEnd)]).toEqual([0, 0, 0, 0, 1, 107]);
  expect([...buffer.subarray(valueStart, valueEnd)]).toEqual([8]);
  expect(timestamp).toBe(5);
});
