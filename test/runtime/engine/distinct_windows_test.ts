import { describe, expect, test } from "vitest";
import { DistinctWindows } from "../../../runtime/engine/distinct_windows.ts";
import { windowCounts } from "../../../runtime/engine/ledger.ts";
import type { WindowsContext } from "../../../runtime/engine/windows.ts";
import {
  ENTRY_RECORDS,
  EntryShape,
  MemoryBudget,
  PlacedEntries,
  PlacedTable,
} from "../../../runtime/state/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const at = (partition: number, atMs: number, key: string, n = 1) => ({
  partition,
  atMs,
  key,
  value: { n },
});

/** Sessions per key, and what is made of their windows from all of them together. */
const plan = (emit: string) =>
  define({
    source: "key: string, partitionedBy: key, idle: never",
    streams: "next: {}",
    stages: `${reduce({ window: "{ session: 10ms, grace: 0s }", value: "{ n: sum(value.n) }" })}`,
    pipelines: `q:\n  - source: p\n  - id: second\n    windowedReduce: { key: "value.n % 2 == 0 ? 'even' : 'odd'", window: same, value: { keys: count(), n: sum(value.n) }, emit: ${emit} }\n  - sink: next`,
  });

describe("windows of sessions", () => {
  test("close by their ends, then by their starts, then by key", async () => {
    await drive({ plan: plan("final"), partitions: 2 }, async (driver) => {
      await driver.send("s", [
        at(0, 5, "B", 2),
        at(0, 12, "B", 1),
        at(0, 20, "A", 2),
        at(0, 20, "B", 3),
        at(0, 20, "C", 7),
        at(0, 20, "D", 4),
      ]);
      await driver.send("s", [at(0, 1000, "A"), at(1, 1000, "E")]);
      expect(await results(driver, "next")).toEqual([
        'even 5 {"keys":1,"n":6}',
        'even 20 {"keys":2,"n":6}',
        'odd 20 {"keys":1,"n":7}',
      ]);
      expect(driver.ledger()["second"]).toMatchObject({ accepted: 4, resultRecords: 4 });
    });
  });

  test.each(["final", "{ every: 1s }"])("are all there after a crash: %s", async (emit) => {
    const options = { plan: plan(emit), partitions: 2, commitIntervalMs: 1e9 };
    await drive(options, async (driver) => {
      await driver.send("s", [at(0, 0, "A", 2), at(0, 3, "B", 2), at(1, 0, "E", 4)]);
      await driver.engine.commit();
      await driver.send("s", [at(0, 100, "A"), at(0, 200, "A")]);
      await driver.engine.commit();
      await driver.restart("crash");
      await driver.send("s", [at(1, 1000, "E"), at(0, 1000, "A")]);
      await driver.engine.commit();
      await driver.restart("crash");
      await driver.send("s", [at(1, 5000, "E"), at(0, 5000, "A")]);
      const last = new Map(
        (await results(driver, "next")).map((line) => {
          const [key, start, value] = line.split(" ");
          return [`${key} ${start}`, value];
        }),
      );
      expect(Object.fromEntries(last)).toMatchObject({
        "even 0": '{"keys":2,"n":6}',
        "even 3": '{"keys":1,"n":2}',
        "odd 100": '{"keys":1,"n":1}',
        "odd 200": '{"keys":1,"n":1}',
      });
    });
  });

  test("take few bytes each", async () => {
    const windows = 5000;
    await drive({ plan: plan("final"), partitions: 2 }, async (driver) => {
      await driver.send("s", [at(1, 0, "E")]);
      const before = driver.engine.stateBytes;
      const records = Array.from({ length: windows }, (_, n) => at(0, n * 11, "B"));
      await driver.send("s", [...records, at(0, windows * 11 + 1000, "B")]);
      expect(driver.ledger()["second"]?.["accepted"]).toBe(windows);
      expect((driver.engine.stateBytes - before) / windows).toBeLessThan(400);
      await driver.send("s", [at(1, windows * 11 + 1000, "E")]);
      expect(driver.ledger()["second"]?.["results"]).toBe(windows);
    });
  });
});

/** Windows by themselves, and the record counts of those that have closed. */
function opened() {
  const budget = new MemoryBudget();
  const shape = new EntryShape({ inputs: 1, accumulators: [], budget });
  const table = new PlacedTable(new PlacedEntries(shape));
  const closed: number[] = [];
  const context: WindowsContext = {
    emit: "final",
    counts: windowCounts(),
    combiner: { combine: () => undefined },
    isNull: () => false,
    result: (entries, entry) => {
      closed.push(entries.f64[entry + ENTRY_RECORDS]!);
    },
  };
  const windows = new DistinctWindows({ table, budget }, context);
  const key = new TextEncoder().encode("k");
  const put = (startMs: number, endMs: number, records: number) => {
    const entry = windows.at(key, 0, key.length, startMs, endMs);
    table.entries.f64[entry + ENTRY_RECORDS] = records;
    return entry;
  };
  return { table, windows, put, closed };
}

test("an entry that was removed and made again in its place counts once", () => {
  const { table, windows, put, closed } = opened();
  table.entries.remove(put(3, 7, 1));
  put(3, 7, 2);
  expect(windows.close(7)).toBe(false);
  expect(windows.close(8)).toBe(true);
  expect(closed).toEqual([2]);
});

test("an entry in the place of one that was removed closes when it ends itself", () => {
  const { table, windows, put, closed } = opened();
  const removed = put(3, 7, 1);
  table.entries.remove(removed);
  expect(put(5, 20, 2)).toBe(removed);
  expect(windows.close(10)).toBe(false);
  expect(windows.close(21)).toBe(true);
  expect(closed).toEqual([2]);
});
