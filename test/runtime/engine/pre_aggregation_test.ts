import { describe, expect, test } from "vitest";
import { headerKind } from "../../../runtime/engine/identity.ts";
import { MemoryLog, TestDriver } from "../../../runtime/testing/mod.ts";
import { RecordCursor } from "../../../runtime/wire/mod.ts";
import type { Plan, SentRecord } from "../../../topology/language/mod.ts";
import { preAggregationOf } from "../../../topology/language/mod.ts";
import { type Defined, define, reduce } from "./_driver.ts";

const at = (atMs: number, key = "k", n = 0, id = 0) => ({ atMs, key, value: { n, id } });

function keyed(fields: Readonly<Record<string, string>> = {}, more: Partial<Defined> = {}): Plan {
  return define({
    source: "key: string, idle: never",
    streams: "missed: {}",
    ...more,
    stages: reduce({ key: "string(value.n)", late: "missed", ...fields }),
  });
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_name, one) =>
    one instanceof Map ? Object.fromEntries([...one].sort()) : one,
  );
}

/** Runs it with atomic commits, which only the test asks for. */
async function driven(
  plan: Plan,
  preAggregates: boolean,
  body: (driver: TestDriver) => Promise<void>,
): Promise<{
  results: string[];
  late: string[];
  dead: string[];
  ledger: unknown;
  kinds: string[];
}> {
  const driver = await TestDriver.open({
    plan,
    partitions: 2,
    preAggregates,
    commitIntervalMs: 1e9,
    createLog: (options) => new MemoryLog({ ...options, atomicCommits: true }),
  });
  try {
    await body(driver);
    const show = async (stream: string) =>
      (await driver.written(stream)).map(
        ({ key, window, value, timestampMs, headers }) =>
          `${key} ${window?.join("..")} ${shown(value)} @${timestampMs} ${headers["millrace.late.first"] ?? ""} ${headers["millrace.late.windows"] ?? ""}`,
      );
    return {
      results: (await show("out")).sort(),
      late: plan.streams["missed"]!.written ? (await show("missed")).sort() : [],
      dead: (await driver.written("dead_letters")).map(({ headers }) => headers["millrace.stage"]!),
      ledger: driver.ledger(),
      kinds: kindsOf(driver, "t-counted-repartition"),
    };
  } finally {
    await driver.close();
  }
}

/** What stands in a repartition topic beside markers. */
function kindsOf({ cluster }: TestDriver, topic: string): string[] {
  const kinds: string[] = [];
  for (let partition = 0; partition < cluster.partitionCount(topic); partition++) {
    const found = cluster.partition({ topic, partition }).read(0, Number.POSITIVE_INFINITY);
    const cursor = new RecordCursor();
    cursor.reset(found?.bytes ?? new Uint8Array(0));
    while (cursor.nextBatch()) {
      while (cursor.nextRecord()) {
        const kind = headerKind(cursor.buffer, cursor.headersStart, cursor.headersEnd);
        if (kind !== "marker") kinds.push(kind);
      }
    }
  }
  return kinds;
}

const TIMES = [5, 12, 30, 31, 9, 44, 44, 52, 61, 20, 75, 40, 90, 91, 33, 120, 70, 119, 140];
const RECORDS: readonly SentRecord[] = TIMES.map((time, n) => ({
  ...at(time, `key${n % 5}`, n % 2, n),
  partition: n % 3 === 0 ? 1 : 0,
}));
const END: readonly SentRecord[] = [0, 1].map((partition) => ({
  atMs: 20_000_000,
  key: "end",
  value: { n: 7 },
  partition,
}));

const VALUE =
  "{ n: count(), ids: sum(value.id), first: first(value.id), all: 'collect(value.id, 20)', by: 'countBy(string(value.id % 3))' }";

const WINDOWS = [
  "{ tumbling: 20ms, grace: 10ms }",
  "{ hopping: 30ms, every: 10ms, grace: 5ms }",
  "{ hopping: 25ms, every: 10ms, grace: 20ms }",
  "{ session: 8ms, grace: 20ms }",
  "{ calendar: hour, zone: Europe/Berlin, grace: 0s }",
];

describe.each(WINDOWS)("window: %s", (window) => {
  const plan = keyed({ window, value: VALUE });

  test("what comes out is the same, and less travels", async () => {
    const send = async (driver: TestDriver) => {
      await driver.send("s", RECORDS.slice(0, 9));
      await driver.send("s", RECORDS.slice(9));
      await driver.send("s", END);
    };
    const raw = await driven(plan, false, send);
    const made = await driven(plan, true, send);
    expect(new Set(raw.kinds)).toEqual(new Set(["data"]));
    expect(new Set(made.kinds)).toEqual(new Set(["partial"]));
    expect(made.kinds.length).toBeLessThan(raw.kinds.length);
    expect(made.results).toEqual(raw.results);
    expect(made.results.length).toBeGreaterThan(1);
    expect(made.late).toEqual(raw.late);
    const { ["counted"]: counted, ["counted.repartition"]: sent } = made.ledger as Record<
      string,
      Record<string, number>
    >;
    const rawLedger = raw.ledger as Record<string, Record<string, number>>;
    expect(counted).toEqual(rawLedger["counted"]);
    expect(sent).toMatchObject({ in: 21, passed: 21, emitted: made.kinds.length });
  });
});

describe("what is put together", () => {
  test("goes on with the commit, and before the marker that covers it", async () => {
    const plan = keyed();
    const driver = await TestDriver.open({
      plan,
      commitIntervalMs: 1e9,
      stepwise: true,
      createLog: (options) => new MemoryLog({ ...options, atomicCommits: true }),
    });
    await driver.send("s", [at(1), at(2), at(5000)]);
    await driver.engine.step(0);
    await driver.engine.flush();
    const topic = "t-counted-repartition";
    await driver.engine.commit();
    const kinds = kindsOf(driver, topic);
    expect(kinds).toEqual(["partial", "partial"]);
    await driver.settle();
    expect((await driver.written("out")).map(({ value }) => value)).toEqual([{ n: 2 }]);
    expect(driver.ledger()["counted"]).toMatchObject({ accepted: 3, lateAtOperator: 0 });
    await driver.close();
  });

  test("of a session reaches those that its last record reaches", async () => {
    const plan = keyed({ window: "{ session: 8ms, grace: 50ms }" });
    const { results } = await driven(plan, true, async (driver) => {
      await driver.send("s", [{ ...at(124, "k", 1), partition: 1 }]);
      await driver.send(
        "s",
        [100, 108, 116].map((time) => ({ ...at(time, "k", 1), partition: 0 })),
      );
      await driver.send("s", END);
    });
    expect(results.map((line) => line.split(" @")[0])).toEqual(['1 100..124 {"n":4}']);
  });

  test("is committed with the records that it is of", async () => {
    const plan = keyed({ window: "{ session: 10ms, grace: 0s }", value: VALUE });
    const { results, ledger } = await driven(plan, true, async (driver) => {
      await driver.send("s", [at(1, "k", 1, 1), at(5, "k", 1, 2)]);
      await driver.restart("crash");
      await driver.send("s", [at(9, "k", 1, 3)]);
      await driver.send("s", END);
    });
    expect(results.map((line) => line.split("@")[0])).toEqual([
      '1 1..9 {"n":3,"ids":6,"first":1,"all":[1,2,3],"by":{"0":1,"1":1,"2":1}} ',
    ]);
    expect(ledger).toMatchObject({ counted: { in: 5, accepted: 5 } });
  });

  test("takes bytes of the budget until it has gone on, or its task has", async () => {
    const driver = await TestDriver.open({
      plan: keyed({ window: "{ tumbling: 1s, grace: 0s }" }),
      partitions: 2,
      commitIntervalMs: 1e9,
      stepwise: true,
      createLog: (options) => new MemoryLog({ ...options, atomicCommits: true }),
    });
    await driver.send("s", END);
    const idleBytes = driver.engine.stateBytes;
    const many = (from: number) =>
      Array.from({ length: 500 }, (_, n) => ({ ...at(20_001_000, "k", from + n), partition: 0 }));
    await driver.send("s", many(0));
    expect(driver.engine.stateBytes).toBeGreaterThan(idleBytes + 500 * 16);
    await driver.send(
      "s",
      END.map((record) => ({ ...record, atMs: 30_000_000 })),
    );
    expect(driver.engine.stateBytes).toBeLessThanOrEqual(idleBytes);
    await driver.close();
    expect(driver.engines).toEqual([]);
  });

  test("is only what can be evaluated: the rest is dead where it was read", async () => {
    const plan = keyed({ value: "{ n: count(), ids: sum(10 / value.id) }" });
    const send = async (driver: TestDriver) => {
      await driver.send("s", [at(1, "k", 1, 0), at(2, "k", 1, 5), at(3, "k", 1, 0)]);
      await driver.send(
        "s",
        END.map((record) => ({ ...record, value: { n: 7, id: 1 } })),
      );
    };
    const [raw, made] = [await driven(plan, false, send), await driven(plan, true, send)];
    expect(made.dead).toEqual(["counted", "counted"]);
    expect(raw.dead).toEqual(made.dead);
    expect(made.results).toEqual(raw.results);
  });
});

describe("records travel as they are", () => {
  test.each([
    ["results that go out one by one", { emit: "updates" }],
    ["windows that slide", { window: "{ sliding: 10ms, grace: 0s }" }],
    ["a reducer that says so", { value: "{ x: { lift: value.n, combine: 'b', ordered: true } }" }],
  ])("before %s", (_what, fields) => {
    const plan = keyed(fields);
    expect(preAggregationOf(plan, "t-counted-repartition")).toBeUndefined();
    expect(preAggregationOf(keyed(), "t-counted-repartition")).toBeDefined();
  });

  test("where the log has no atomic commits", async () => {
    const driver = await TestDriver.open({ plan: keyed(), preAggregates: true });
    await driver.send("s", [at(1), at(2)]);
    expect(kindsOf(driver, "t-counted-repartition")).toEqual(["data", "data"]);
    await driver.close();
  });
});
