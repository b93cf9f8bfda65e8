import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordsOf } from "../../../runtime/serde/mod.ts";
import type { MemoryCluster, TestDriver } from "../../../runtime/testing/mod.ts";
import { define, drive, results } from "./_driver.ts";

const RETENTION_MS = 1000;

const forgetting = (emit: string) =>
  define({
    source: "key: string, partitionedBy: key, idle: never",
    stages: `- id: total\n  reduce: { value: { n: count(), last: last(value.n) }, emit: ${emit}, retention: 1s }`,
  });

const at = (atMs: number, key: string, n = 0) => ({ atMs, key, value: { n } });

/** Living keys of the changelog, with the records of the older ones that they hide left out. */
function logged(cluster: MemoryCluster): string[] {
  const log = cluster.partition({ topic: "t-total-changelog", partition: 0 });
  const living = new Set<string>();
  for (let offset = 0; ; ) {
    const found = log.read(offset, 1);
    if (found === undefined) return [...living].sort();
    for (const { key, value } of recordsOf(found.bytes)) {
      if (key![0] === 0) continue;
      const name = new TextDecoder().decode(key!.subarray(17));
      if (value === null) living.delete(name);
      else living.add(name);
    }
    offset = found.nextOffset;
  }
}

async function commits(driver: TestDriver, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await driver.engine.commit();
}

describe("a key of which nothing was heard for its retention", () => {
  test("begins anew, by the time of its stream", async () => {
    await drive({ plan: forgetting("updates") }, async (driver) => {
      await driver.send("s", [at(0, "a"), at(999, "a"), at(1998, "a")]);
      await driver.send("s", [at(2998, "b"), at(2998, "a")]);
      expect(await results(driver)).toEqual([
        'a {"n":1,"last":0}',
        'a {"n":2,"last":0}',
        'a {"n":3,"last":0}',
        'b {"n":1,"last":0}',
        'a {"n":1,"last":0}',
      ]);
      expect(driver.ledger()["total"]).toMatchObject({ accepted: 5, expiredRecords: 3 });
    });
  });

  test("leaves memory and changelog, and only after it was written as deleted", async () => {
    await drive({ plan: forgetting("updates"), commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(0, "a", 1), at(10, "b", 2)]);
      await commits(driver, 1);
      expect(logged(driver.cluster)).toEqual(["a", "b"]);
      await driver.send("s", [at(5000, "c")]);
      expect(driver.ledger()["total"]).toMatchObject({ accepted: 3, expiredRecords: 2 });
      await commits(driver, 1);
      expect(logged(driver.cluster)).toEqual(["a", "b", "c"]);
      await commits(driver, 1);
      expect(logged(driver.cluster)).toEqual(["c"]);
      await driver.restart("crash");
      await driver.send("s", [at(5000, "a", 3)]);
      expect((await results(driver)).at(-1)).toBe('a {"n":1,"last":3}');
    });
  });

  test("is tombstoned after a restart, too, when it was written as deleted before", async () => {
    await drive({ plan: forgetting("updates"), commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(0, "a", 1)]);
      await commits(driver, 1);
      await driver.send("s", [at(5000, "c")]);
      await commits(driver, 1);
      await driver.restart("crash");
      await commits(driver, 2);
      expect(logged(driver.cluster)).toEqual(["c"]);
    });
  });

  test("still gives the value that it had when the wall clock asks for it", async () => {
    await drive({ plan: forgetting("{ every: 10s }") }, async (driver) => {
      await driver.send("s", [at(0, "a", 7)]);
      await driver.send("s", [at(100, "a", 8)]);
      await driver.send("s", [at(60_000, "b")]);
      await driver.wait(15_000);
      expect((await results(driver)).filter((line) => line.startsWith("a")).at(-1)).toBe(
        'a {"n":2,"last":8}',
      );
    });
  });

  test("begins anew behind a window, by the time of its results, whenever they come", async () => {
    const plan = define({
      source: "key: string, partitionedBy: key, idle: never, maxFuture: unlimited",
      stages:
        "- id: each\n  windowedReduce: { window: { tumbling: 100ms, grace: 0s }, value: { n: count() }, emit: final }\n- id: total\n  reduce: { value: { n: sum(value.n) }, emit: updates, retention: 1s }",
    });
    const records = [at(0, "a"), at(200, "a"), at(1300, "a"), at(1400, "b"), at(9000, "c")];
    const expected = [
      ["a", 1],
      ["a", 2],
      ["a", 1],
      ["b", 1],
    ];
    // At once, or one by one: windows that close together are looked at together.
    for (const sent of [[records], records.map((record) => [record])]) {
      await drive({ plan }, async (driver) => {
        for (const batch of sent) await driver.send("s", batch);
        const written = await driver.written("out");
        expect(written.map(({ key, value }) => [key, (value as { n: number }).n])).toEqual(
          expected,
        );
      });
    }
  });

  test("is found again as long as it is young, whatever is cut off and when", async () => {
    const record = fc.record({
      key: fc.constantFrom("a", "b", "c"),
      stepMs: fc.oneof(fc.integer({ min: -1500, max: 1500 }), fc.constantFrom(0, 999, 1000, 1001)),
    });
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.array(record, { minLength: 1, maxLength: 6 }) },
      fc.constantFrom("commit" as const, "crash" as const, "clean" as const),
    );
    const plan = forgetting("updates");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await drive({ plan, commitIntervalMs: 1e9 }, async (driver) => {
          const held = new Map<string, { n: number; maxMs: number }>();
          const newest = new Map<string, number>();
          let streamMs = 0;
          for (const step of steps) {
            if (step === "commit") await driver.engine.commit();
            else if (typeof step === "string") await driver.restart(step);
            else {
              const sent = step.map(({ key, stepMs }) => {
                const atMs = Math.max(0, streamMs + stepMs);
                streamMs = Math.max(streamMs, atMs);
                const old = held.get(key);
                const isKnown = old !== undefined && old.maxMs + RETENTION_MS > streamMs;
                const n = isKnown ? old.n + 1 : 1;
                held.set(key, { n, maxMs: isKnown ? Math.max(old.maxMs, atMs) : atMs });
                newest.set(key, n);
                return at(atMs, key);
              });
              await driver.send("s", sent);
            }
          }
          const seen = new Map<string, number>();
          for (const { key, value } of await driver.written("out")) {
            seen.set(String(key), (value as { n: number }).n);
          }
          expect(seen).toEqual(newest);
        });
      }),
      { numRuns: 150 },
    );
  });
});
