import { describe, expect, test } from "vitest";
import { TestDriver } from "../../../runtime/testing/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const at = (atMs: number, value: Record<string, unknown> = {}, partition = 0) => ({
  atMs,
  partition,
  value,
});
const BY_WHO = "- map: { key: value.who }";

describe("stateless stages", () => {
  const plan = define({
    source: "key: string",
    stages: `- id: few
  filter: value.n > 1
- id: both
  flatMap:
    - { when: value.n > 2, value: { what: "'big'", n: value.n } }
    - { when: value.who == 'A', value: { what: "'A'", n: value.n * 10 } }
- id: made
  map: { value: { text: value.what, n: value.n + 1 } }`,
  });

  test("run in order, every emit of a record in order, keys and headers as they came", async () => {
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        { ...at(5, { who: "A", n: 3 }), key: "x", headers: { h: "1" } },
        { ...at(6, { who: "B", n: 3 }), key: "y" },
        at(7, { who: "B", n: 2 }),
        at(8, { who: "A", n: 1 }),
      ]);
      const written = await driver.written("out");
      expect(
        written.map(({ key, value, timestampMs, headers }) => [key, value, timestampMs, headers]),
      ).toEqual([
        ["x", { text: "big", n: 4 }, 5, { h: "1" }],
        ["x", { text: "A", n: 31 }, 5, { h: "1" }],
        ["y", { text: "big", n: 4 }, 6, {}],
      ]);
      expect(driver.ledger()).toMatchObject({
        p: { read: 4, invalid: 0, dead: 0, passed: 4 },
        few: { in: 4, filtered: 1, nullDropped: 0, dead: 0, passed: 3, emitted: 3 },
        both: { in: 3, filtered: 1, nullDropped: 0, dead: 0, passed: 2, emitted: 3 },
        made: { in: 3, passed: 3, emitted: 3 },
      });
    });
  });

  test("write a value that nothing changed byte for byte", async () => {
    const unchanged = define({ source: "key: string", stages: "- filter: value.n != 7" });
    await drive({ plan: unchanged, partitions: 3 }, async (driver) => {
      await driver.send("s", [
        { ...at(1, { n: 1, note: "n", price: 0.1 }, 2), key: "k" },
        at(2, { n: 7 }),
      ]);
      expect(await driver.written("out")).toMatchObject([
        { key: "k", timestampMs: 1, value: { n: 1, note: "n", price: 0.1, who: "A" } },
      ]);
    });
  });
});

describe("a flatMap before a window", () => {
  test("may put a record into a window twice", async () => {
    const plan = define({
      stages: `- flatMap:
    - { key: string(value.who) }
    - { when: value.n > 0, key: string(value.who) }
    - { when: value.n > 1, key: "'all'" }
${reduce()}`,
    });
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [
        at(0, { who: "A", n: 1 }, 0),
        at(1, { who: "A", n: 2 }, 1),
        at(2, { who: "B", n: 0 }, 0),
      ]);
      await driver.restart("crash");
      await driver.send("s", [at(1000, {}, 0), at(1000, {}, 1)]);
      expect((await results(driver)).sort()).toEqual([
        'A 0 {"n":4}',
        'B 0 {"n":1}',
        'all 0 {"n":1}',
      ]);
    });
  });

  test("counts a record without a key as null-dropped", async () => {
    const plan = define({ source: "key: string, partitionedBy: key", stages: reduce() });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(0, {}), { ...at(1, {}), key: "k" }]);
      expect(driver.ledger()["counted"]).toMatchObject({ in: 2, nullDropped: 1, accepted: 1 });
    });
  });
});

describe("stages behind a window", () => {
  test("see the key, the result and the window's bounds", async () => {
    const plan = define({
      stages: `${BY_WHO}
${reduce({ value: "{ n: count(), sum: sum(value.n) }" })}
- id: many
  filter: value.n > 1 && key != 'C'
- map:
    value: { name: key, mean: double(value.sum) / double(value.n), from: window.start, to: window.end }`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        at(1000, { who: "A", n: 1 }),
        at(1001, { who: "A", n: 2 }),
        at(1002, { who: "B", n: 2 }),
        at(1003, { who: "C", n: 2 }),
        at(1003, { who: "C", n: 2 }),
        at(2000),
      ]);
      expect(await results(driver)).toEqual([
        'A 1000 {"name":"A","mean":1.5,"from":1000,"to":2000}',
      ]);
      expect(driver.ledger()["many"]).toMatchObject({ in: 3, filtered: 2, passed: 1 });
    });
  });

  test("that fail on a result make a dead letter of its key and window", async () => {
    const plan = define({
      stages: `${BY_WHO}
${reduce()}
- id: odd
  map: { value: { n: 10 / (value.n - 1) } }`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        at(0, { who: "A" }),
        at(1, { who: "B" }),
        at(2, { who: "B" }),
        at(1000),
      ]);
      expect(await results(driver)).toEqual(['B 0 {"n":10}']);
      expect(driver.ledger()).toMatchObject({
        odd: { in: 2, dead: 1, passed: 1 },
        counted: { results: 2, resultRecords: 3, deadResultRecords: 0 },
      });
      const [letter] = await driver.written("dead_letters");
      expect(new TextDecoder().decode(letter!.key as Uint8Array)).toBe("A");
      expect(new TextDecoder().decode(letter!.value as Uint8Array)).toBe('{"window":[0,1000]}');
      expect(letter!.headers).toMatchObject({
        "millrace.stage": "odd",
        "millrace.code": "DIVISION_BY_ZERO",
      });
    });
  });
});

describe("several pipelines", () => {
  test("from one stream see every record, each with counters of its own", async () => {
    const plan = define({
      streams: "sums: {}\ncopy: {}",
      stages: `${BY_WHO}\n${reduce()}`,
      pipelines: `q:
  - source: s
  - map: { key: value.who }
${reduce({ window: "{ tumbling: 2s, grace: 0s }", value: "{ sum: sum(value.n) }" }, "summed").replaceAll(/^/gm, "  ")}
  - sink: sums
r:
  - source: s
  - filter: value.n == 2
  - sink: copy`,
    });
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [
        at(0, { who: "A", n: 1 }, 0),
        at(1, { who: "A", n: 2 }, 1),
        at(1500, { who: "A", n: 3 }, 0),
        at(2000, {}, 0),
        at(2000, {}, 1),
      ]);
      expect((await results(driver)).sort()).toEqual(['A 0 {"n":2}', 'A 1000 {"n":1}']);
      expect(await results(driver, "sums")).toEqual(['A 0 {"sum":6}']);
      expect(await driver.written("copy")).toMatchObject([{ value: { n: 2 } }]);
      expect(driver.ledger()).toMatchObject({ counted: { accepted: 5 }, summed: { accepted: 5 } });
    });
  });
});

describe("aggregators", () => {
  const plan = define({
    stages: `${BY_WHO}
${reduce({
  value:
    "{ sum: sum(value.n), low: min(value.n), high: max(value.n), prices: sum(value.price), cheap: min(value.price), dear: max(value.price), odd: count(value.n % 2 != 0) }",
})}`,
  });

  test("sum, min and max take ints and doubles; sums of doubles lose nothing to their order", async () => {
    await drive({ plan }, async (driver) => {
      const prices = [1e16, 1, -1e16, 0.5, -3];
      await driver.send(
        "s",
        prices.map((price, n) => at(n, { who: "A", n: n - 2, price })),
      );
      await driver.restart("clean");
      await driver.send("s", [at(1000)]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([
        { sum: 0, low: -2, high: 2, prices: -1.5, cheap: -1e16, dear: 1e16, odd: 2 },
      ]);
    });
  });

  test("a sum may leave the safe integers on its way", async () => {
    await drive({ plan }, async (driver) => {
      const most = Number.MAX_SAFE_INTEGER;
      await driver.send(
        "s",
        [most, most, most, -most, -most].map((n, i) => at(i, { n })),
      );
      await driver.send("s", [at(1000)]);
      expect(await driver.written("out")).toMatchObject([
        { value: { sum: most, high: most, low: -most } },
      ]);
    });
  });

  test("a sum beyond ±(2^53-1) is a dead result: key, window, code, and the ledger says so", async () => {
    await drive({ plan, partitions: 2 }, async (driver) => {
      const n = Number.MAX_SAFE_INTEGER;
      await driver.send("s", [
        at(0, { who: "B", n }),
        at(1, { who: "B", n: 1 }),
        at(2, { who: "C", n: 1 }),
      ]);
      await driver.send("s", [at(1000, {}, 0), at(1000, {}, 1)]);
      expect(await driver.written("out")).toMatchObject([{ key: "C", value: { sum: 1 } }]);
      const [letter, ...more] = await driver.written("dead_letters");
      expect(more).toEqual([]);
      expect(new TextDecoder().decode(letter!.key as Uint8Array)).toBe("B");
      expect(new TextDecoder().decode(letter!.value as Uint8Array)).toBe('{"window":[0,1000]}');
      expect(letter!.headers).toMatchObject({
        "millrace.code": "SUM_OVERFLOW",
        "millrace.stage": "counted",
        "__streams.errors.offset": "-1",
      });
      expect(driver.ledger()["counted"]).toMatchObject({
        accepted: 5,
        results: 1,
        resultRecords: 1,
        deadResultRecords: 2,
      });
    });
  });
});

describe("event time", () => {
  test("can be an expression over the value", async () => {
    const plan = define({
      source: "eventTime: value.placed_at, maxFuture: unlimited",
      stages: `${BY_WHO}\n${reduce()}`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        at(77_000, { placed_at: 100 }),
        at(5, { placed_at: 900 }),
        at(5, { placed_at: -1 }),
        at(5, { placed_at: 1000 }),
      ]);
      expect(await results(driver)).toEqual(['A 0 {"n":2}']);
      expect(driver.ledger()["p"]).toMatchObject({ read: 4, invalid: 1, passed: 3 });
      expect(await driver.written("dead_letters")).toMatchObject([
        { headers: { "millrace.code": "INVALID_TIME", "millrace.stage": "s" } },
      ]);
    });
  });

  test("further ahead of the wall clock than maxFuture is invalid and closes nothing", async () => {
    const plan = define({ source: "maxFuture: 10s", stages: `${BY_WHO}\n${reduce()}` });
    const driver = await TestDriver.open({ plan, startMs: 1_000_000 });
    const send = (atMs: number) =>
      driver.send(
        "s",
        [{ atMs: driver.clock.now(), value: {} }].map((record) => ({ ...record, atMs })),
      );
    // `send` moves the clock to its records, so the odd one goes in behind a clock that stands.
    const moveTo = driver.clock.moveTo.bind(driver.clock);
    driver.clock.moveTo = () => undefined;
    await send(1_000_000);
    await send(1_010_001);
    expect(driver.ledger()["p"]).toMatchObject({ read: 2, invalid: 1, passed: 1 });
    expect(await results(driver)).toEqual([]);
    await send(1_010_000);
    expect(driver.ledger()["p"]).toMatchObject({ read: 3, invalid: 1, passed: 2 });
    expect(await results(driver)).toEqual(['A 1000000 {"n":1}']);
    driver.clock.moveTo = moveTo;
    await driver.close();
  });
});

describe("onError", () => {
  const failing = (policy: string) =>
    define({
      stages: `- id: divided
  onError: ${policy}
  map: { value: { n: 10 / value.n } }`,
    });

  test("skip counts a bad record as dead and writes no letter", async () => {
    await drive({ plan: failing("skip") }, async (driver) => {
      await driver.send("s", [at(0, { n: 5 }), at(1, { n: 0 }), at(2, { n: 2 })]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([{ n: 2 }, { n: 5 }]);
      expect(await driver.written("dead_letters")).toEqual([]);
      expect(driver.ledger()["divided"]).toMatchObject({ in: 3, dead: 1, passed: 2 });
    });
  });

  test("fail stops the instance at the record, which is not committed", async () => {
    const driver = await TestDriver.open({ plan: failing("fail"), commitIntervalMs: 1e9 });
    await driver.send("s", [at(0, { n: 5 })]);
    await driver.engine.commit();
    await expect(driver.send("s", [at(1, { n: 2 }), at(2, { n: 0 })])).rejects.toMatchObject({
      code: "RECORD_REFUSED",
      where: { stage: "divided", topic: "s", partition: 0, offset: 2 },
    });
    await driver.close();
    const [committed] = [...driver.cluster.group("t").offsets.values()];
    expect(committed?.offset).toBe(1);
  });
});
