import { describe, expect, test } from "vitest";
import { define, drive, reduce } from "./_driver.ts";

const BY_WHO = "- map: { key: value.who }";

/** A re-keying plan whose results have these aggregators. */
function aggregating(value: string, fields: Readonly<Record<string, string>> = {}) {
  return define({ stages: `${BY_WHO}\n${reduce({ value, ...fields })}` });
}

const at = (atMs: number, value: Readonly<Record<string, unknown>> = {}, partition = 0) => ({
  atMs,
  partition,
  key: null,
  value: { who: "A", ...value },
});

describe("aggregators whose accumulators are objects", () => {
  test("choose and keep records by event time, however they come", async () => {
    const plan = aggregating(
      "{ from: first(value.n), to: last(value.note), best: 'maxBy(value.id, value.price)', all: 'collect({key: value.n}, 10)' }",
    );
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [
        at(300, { id: 3, n: 30, price: 2, note: "c" }, 1),
        at(100, { id: 1, n: 10, price: 2, note: "a" }, 0),
        at(200, { id: 2, n: 20, price: 1, note: null }, 1),
        at(900, { id: 4, n: 40, price: -1, note: null }, 0),
      ]);
      await driver.restart("clean");
      await driver.send("s", [at(5000, {}, 0), at(5000, {}, 1)]);
      await driver.wait(2000);
      const [result] = await driver.written("out");
      expect(result!.value).toEqual({
        from: 10,
        to: null,
        best: 1,
        all: [10, 20, 30, 40].map((n) => new Map([["A", n]])),
      });
    });
  });
});

test("lists and maps of results are written as json, too, and survive a flatMap behind them", async () => {
  const plan = define({
    stages: `${BY_WHO}\n${reduce({
      value: "{ all: 'collect({key: value.n}, 10)', by: countBy(value.n % 2 == 0) }",
    })}\n- flatMap: { for: { one: value.all }, key: key, value: { one: one, by: value.by } }`,
  });
  await drive({ plan }, async (driver) => {
    await driver.send("s", [at(0, { n: 1 }), at(1, { n: 2 }), at(1000)]);
    const by = new Map([
      ["false", 1],
      ["true", 1],
    ]);
    expect((await driver.written("out")).map(({ value }) => value)).toEqual([
      { one: new Map([["A", 1]]), by },
      { one: new Map([["A", 2]]), by },
    ]);
  });
  const json = define({
    stages: `${BY_WHO}\n${reduce({ value: "{ all: 'collect({key: value.n}, 10)' }" })}\n- map: { value: value.all }\n- sink: text`,
    streams: "text: { value: json }",
  });
  await drive({ plan: json }, async (driver) => {
    await driver.send("s", [at(0, { n: 1 }), at(1, { n: 2 }), at(1000)]);
    expect(await driver.written("text")).toMatchObject([{ value: [{ A: 1 }, { A: 2 }] }]);
  });
});

describe("what is too much for an accumulator", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  test("makes a dead letter of the result, with its key, window and code", async () => {
    const plan = aggregating("{ n: count(), all: 'collect(value.n, 2)' }");
    await drive({ plan }, async (driver) => {
      await driver.send(
        "s",
        [0, 1, 2].map((n) => at(n, { n })),
      );
      await driver.restart("crash");
      await driver.send("s", [at(3, { n: 3 }), at(4, { who: "B", n: 4 }), at(1000)]);
      expect(await driver.written("out")).toMatchObject([{ key: "B", value: { n: 1, all: [4] } }]);
      const [letter, ...others] = await driver.written("dead_letters");
      expect(others).toEqual([]);
      expect([text(letter!.key as Uint8Array), text(letter!.value as Uint8Array)]).toEqual([
        "A",
        '{"window":[0,1000]}',
      ]);
      expect(letter!.headers).toMatchObject({ "millrace.code": "AGGREGATE_LIMIT" });
      expect(driver.ledger()["counted"]).toMatchObject({
        accepted: 6,
        results: 1,
        resultRecords: 1,
        deadResultRecords: 4,
      });
    });
  });

  test("is, for one value alone, a dead record before anything is folded in", async () => {
    const plan = aggregating("{ n: count(), note: last(value.note ) }");
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        at(0, { note: "x".repeat(140_000) }),
        at(1, { note: "kept" }),
        at(1000),
      ]);
      expect(await driver.written("out")).toMatchObject([{ value: { n: 1, note: "kept" } }]);
      expect(await driver.written("dead_letters")).toMatchObject([
        { headers: { "millrace.code": "RECORD_TOO_LARGE" } },
      ]);
      expect(driver.ledger()["counted"]).toMatchObject({ in: 3, dead: 1, accepted: 2 });
    });
  });

  test("is counted against the budget of all state, and given back when the window closes", async () => {
    const plan = aggregating("{ notes: 'collect(value.note, 1000)' }");
    const note = "x".repeat(1000);
    const records = (atMs: number) => Array.from({ length: 40 }, () => at(atMs, { note }));
    await drive({ plan, stateBytes: 500_000 }, async (driver) => {
      // Each window takes about 130 kB, until the commit after the one that closes it.
      for (let second = 0; second < 9; second++) {
        await driver.send("s", records(second * 1000));
        await driver.wait(2500);
      }
      expect((await driver.written("out")).length).toBe(8);
    });
    await drive({ plan: aggregatingLong(), stateBytes: 500_000 }, async (driver) => {
      const fill = async () => {
        for (let second = 0; second < 5; second++) await driver.send("s", records(second * 1000));
      };
      await expect(fill()).rejects.toMatchObject({ code: "STATE_BUDGET" });
    });
  });

  const aggregatingLong = () =>
    aggregating("{ notes: 'collect(value.note, 1000)' }", {
      window: "{ tumbling: 1s, grace: 1m }",
    });
});

describe("a reducer of one's own", () => {
  test("lifts, combines and lowers records", async () => {
    const plan = aggregating(
      "{ mean: { lift: { sum: value.price, n: 1 }, combine: { sum: a.sum + b.sum, n: a.n + b.n }, inverse: { sum: a.sum - b.sum, n: a.n - b.n }, lower: a.sum / double(a.n) } }",
    );
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(0, { price: 1 }), at(1, { price: 2 })]);
      await driver.restart("clean");
      await driver.send("s", [at(2, { price: 6 }), at(1000)]);
      expect(await driver.written("out")).toMatchObject([{ value: { mean: 3 } }]);
    });
  });

  test("whose lift fails makes a dead record, whose combine fails a dead result", async () => {
    const plan = aggregating("{ n: { lift: 12 / value.n, combine: a * b } }", {
      emit: "updates",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(0, { n: 0 }), at(1, { n: 2 }), at(2, { n: 3 })]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([
        { n: 6 },
        { n: 24 },
      ]);
      expect(await driver.written("dead_letters")).toMatchObject([
        { headers: { "millrace.code": "DIVISION_BY_ZERO" } },
      ]);
      await driver.send(
        "s",
        Array.from({ length: 20 }, (_, n) => at(3 + n, { n: 1 })),
      );
      const letters = await driver.written("dead_letters");
      expect(letters.length).toBeGreaterThan(3);
      expect(letters.at(-1)).toMatchObject({ headers: { "millrace.code": "OVERFLOW" } });
      await driver.restart("crash");
      await driver.send("s", [at(50, { n: 12 })]);
      // It has failed, and stays so: 1 does not mend it.
      expect((await driver.written("dead_letters")).at(-1)).toMatchObject({
        headers: { "millrace.code": "OVERFLOW", "millrace.stage": "counted" },
      });
    });
  });

  test("that is ordered keeps the order of one source partition, and refuses several", async () => {
    const plan = define({
      stages: `${BY_WHO}\n${reduce({
        value: "{ seen: { lift: string(value.n), combine: a + b, ordered: true } }",
      })}`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(500, { n: 1 }), at(100, { n: 2 })]);
      await driver.restart("crash");
      await driver.send("s", [at(300, { n: 3 }), at(1000)]);
      expect(await driver.written("out")).toMatchObject([{ value: { seen: "123" } }]);
    });
    await expect(drive({ plan, partitions: 2 }, async () => {})).rejects.toMatchObject({
      code: "TOPIC_MISMATCH",
      message: expect.stringContaining("counted has an ordered reducer"),
    });
  });
});
