import { describe, expect, test } from "vitest";
import { recordsOf } from "../../../runtime/serde/mod.ts";
import {
  MemoryCluster,
  MemoryLog,
  type MemoryLogOptions,
  MemorySchemas,
  type TestDriver,
} from "../../../runtime/testing/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

const at = (atMs: number, key = "k", n = 0) => ({ atMs, key, value: { n } });

function sessions(fields: Readonly<Record<string, string>> = {}, more = "") {
  return define({
    source: "key: string, partitionedBy: key, idle: never",
    stages: `${reduce({ window: "{ session: 10ms, grace: 5ms }", ...fields })}\n${more}`,
  });
}

const WIDE = "{ session: 10ms, grace: 50ms }";

async function written(driver: TestDriver, stream = "out"): Promise<string[]> {
  return (await driver.written(stream)).map(
    ({ key, window, value, timestampMs }) =>
      `${key} ${window?.join("..")} ${JSON.stringify(value)} @${timestampMs}`,
  );
}

describe("a session", () => {
  test("goes on over a gap, and closes when gap and grace have passed", async () => {
    await drive({ plan: sessions() }, async (driver) => {
      await driver.send("s", [at(100), at(100, "l"), at(110), at(121), at(136)]);
      expect(await written(driver)).toEqual(['l 100..100 {"n":1} @100', 'k 100..110 {"n":2} @110']);
      // 121 + 10 + 5 is 136: behind it, it is closed.
      await driver.send("s", [at(137)]);
      expect(await written(driver)).toEqual(['k 121..121 {"n":1} @121']);
      await driver.send("s", [at(200)]);
      expect(await written(driver)).toEqual(['k 136..137 {"n":2} @137']);
      expect(driver.ledger()["counted"]).toMatchObject({
        accepted: 7,
        resultRecords: 6,
        lateAtSource: 0,
      });
    });
  });

  test("takes others in that a record connects, and its order does not matter", async () => {
    const plan = sessions({
      value: "{ n: count(), first: first(value.n), all: 'collect(value.n, 9)' }",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(120, "k", 3), at(116, "k", 1), at(140, "k", 4), at(130, "k", 2)]);
      await driver.send("s", [at(200, "k", 9)]);
      // 116 came with 120 read: not later than the grace. 130 is too late.
      expect(await written(driver)).toEqual([
        'k 116..120 {"n":2,"first":1,"all":[1,3]} @120',
        'k 140..140 {"n":1,"first":4,"all":[4]} @140',
      ]);
      await driver.send("s", [at(196, "k", 7), at(204, "k", 8), at(214, "k", 6)]);
      await driver.send("s", [at(300)]);
      expect(await written(driver)).toEqual(['k 196..214 {"n":4,"first":7,"all":[7,9,8,6]} @214']);
      expect(driver.ledger()["counted"]).toMatchObject({ accepted: 8, lateAtSource: 1 });
    });
  });

  test.each([false, true])(
    "counts what may have belonged to one that closed while its partition was idle: put together before %s",
    async (preAggregates) => {
      const plan = define({
        source: "key: string, idle: 1s, maxFuture: unlimited",
        stages: reduce({ key: "string(value.n)", window: "{ session: 1s, grace: 0s }" }),
      });
      const createLog = (options: MemoryLogOptions) =>
        new MemoryLog({ ...options, atomicCommits: preAggregates });
      await drive({ plan, partitions: 2, createLog }, async (driver) => {
        await driver.send("s", [{ ...at(5000, "k", 1), partition: 1 }]);
        await driver.wait(2500);
        expect(await written(driver)).toEqual(['1 5000..5000 {"n":1} @5000']);
        // Read in order it would have been one session with the other.
        await driver.send("s", [{ ...at(5900, "k", 1), partition: 0 }]);
        expect(driver.ledger()["counted"]).toMatchObject({
          accepted: 2,
          partlyLate: 1,
          lateAtOperator: 0,
        });
        await driver.send("s", [{ ...at(7000, "k", 2), partition: 1 }]);
        expect(driver.ledger()["counted"]).toMatchObject({ accepted: 3, partlyLate: 1 });
      });
    },
  );

  test("takes back with emit: every what went out before a restart, when it grows right after one", async () => {
    const shared = { cluster: new MemoryCluster(), schemas: new MemorySchemas() };
    const plan = sessions({ window: WIDE, emit: "{ every: 1s }" });
    await drive({ plan, ...shared }, async (driver) => {
      await driver.send("s", [at(100)]);
      await driver.wait(1500);
      expect(await written(driver)).toEqual(['k 100..100 {"n":1} @100']);
    });
    await drive({ plan, ...shared }, async (driver) => {
      await driver.written("out");
      await driver.send("s", [at(105)]);
      expect(await written(driver)).toEqual(["k 100..100 null @100", 'k 100..105 {"n":2} @105']);
    });
  });

  test("closes once, also in the place of one that another has taken in", async () => {
    const plan = sessions({ window: WIDE, value: "{ n: count(), first: first(value.n) }" });
    await drive({ plan, commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(100), at(120), at(110), at(120, "l")]);
      await driver.send("s", [at(300)]);
      expect(await written(driver)).toEqual([
        'k 100..120 {"n":3,"first":0} @120',
        'l 120..120 {"n":1,"first":0} @120',
      ]);
    });
  });

  test("leaves a tombstone of what it was when it grows, with emit: updates", async () => {
    await drive({ plan: sessions({ window: WIDE, emit: "updates" }) }, async (driver) => {
      await driver.send("s", [at(100), at(100), at(108), at(120), at(114), at(114)]);
      expect(await written(driver)).toEqual([
        'k 100..100 {"n":1} @100',
        'k 100..100 {"n":2} @100',
        "k 100..100 null @100",
        'k 100..108 {"n":3} @108',
        'k 120..120 {"n":1} @120',
        "k 100..108 null @108",
        "k 120..120 null @120",
        'k 100..120 {"n":5} @120',
        "k 100..120 null @120",
        'k 100..120 {"n":6} @120',
      ]);
    });
  });

  test("takes back with emit: every only what has gone out", async () => {
    const plan = sessions({ emit: "{ every: 1s }" });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(100), at(105)]);
      await driver.wait(1500);
      await driver.send("s", [at(103)]);
      await driver.wait(1500);
      await driver.send("s", [at(110), at(112)]);
      await driver.wait(1500);
      expect(await written(driver)).toEqual([
        'k 100..105 {"n":2} @105',
        'k 100..105 {"n":3} @105',
        "k 100..105 null @105",
        'k 100..112 {"n":5} @112',
      ]);
    });
  });

  test("can be reduced again, each in its own window", async () => {
    const total = reduce(
      { key: "\"'all'\"", window: "same", value: "{ n: sum(value.n) }" },
      "total",
    );
    await drive({ plan: sessions({}, total) }, async (driver) => {
      await driver.send("s", [at(100, "a"), at(100, "b"), at(105, "b"), at(100, "c"), at(300)]);
      await driver.send("s", [at(500)]);
      expect(await written(driver)).toEqual([
        'all 100..100 {"n":2} @100',
        'all 100..105 {"n":2} @105',
        'all 300..300 {"n":1} @300',
      ]);
    });
  });

  test("is read from a stream with its start and its end", async () => {
    const plan = define({
      source: "key: { window: string, size: session }, idle: never",
      stages: "- map: { value: { ms: window.end - window.start } }",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [{ atMs: 9, key: "k", window: [1000, 1500], value: { n: 1 } }]);
      expect(await written(driver)).toEqual(['k 1000..1500 {"ms":500} @9']);
    });
  });

  test("keeps its place in the changelog while it grows, and gives that of a merged one up", async () => {
    const cluster = new MemoryCluster();
    const shared = { cluster, schemas: new MemorySchemas(), commitIntervalMs: 1e9 };
    const plan = sessions({ window: WIDE });
    await drive({ plan, ...shared }, async (driver) => {
      await driver.send("s", [at(100), at(120)]);
      await driver.engine.commit();
      await driver.send("s", [at(105)]);
      await driver.engine.commit();
      expect(changelog(cluster)).toEqual(["100", "120", "100"]);
      await driver.send("s", [at(114)]);
      await driver.engine.commit();
      expect(changelog(cluster).slice(3)).toEqual(["100"]);
      await driver.engine.commit();
      expect(changelog(cluster).slice(4)).toEqual(["-120"]);
    });
    await drive({ plan, ...shared }, async (driver) => {
      await driver.send("s", [at(300)]);
      expect(await written(driver)).toEqual(['k 100..120 {"n":4} @120']);
    });
  });
});

describe("a session, after a restart", () => {
  test("is not there beside the one that has taken it in", async () => {
    const plan = sessions({ window: WIDE });
    await drive({ plan, commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(100), at(120)]);
      await driver.engine.commit();
      await driver.send("s", [at(110)]);
      // The one that was taken in has its tombstone with the commit behind this one.
      await driver.engine.commit();
      await driver.restart("crash");
      await driver.send("s", [at(300)]);
      expect(await written(driver)).toEqual(['k 100..120 {"n":3} @120']);
    });
  });

  test("takes back what had gone out before, with emit: every", async () => {
    const plan = sessions({ window: WIDE, emit: "{ every: 1s }" });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(100)]);
      await driver.wait(1500);
      await driver.restart("clean");
      await driver.send("s", [at(105)]);
      await driver.wait(1500);
      expect(await written(driver)).toEqual([
        'k 100..100 {"n":1} @100',
        // Which results went out before a restart is not known: all of them go out again.
        'k 100..100 {"n":1} @100',
        "k 100..100 null @100",
        'k 100..105 {"n":2} @105',
      ]);
    });
  });
});

/** Times that entries are named by, tombstones with a minus. */
function changelog(cluster: MemoryCluster): string[] {
  const log = cluster.partition({ topic: "t-counted-changelog", partition: 0 });
  const all: string[] = [];
  for (let offset = 0; ; ) {
    const found = log.read(offset, 1);
    if (found === undefined) return all;
    for (const { key, value } of recordsOf(found.bytes)) {
      if (key![0] === 0) continue;
      const startMs = new DataView(key!.buffer, key!.byteOffset).getBigInt64(1);
      all.push(`${value === null ? "-" : ""}${startMs}`);
    }
    offset = found.nextOffset;
  }
}
