import { describe, expect, test } from "vitest";
import { define, drive, reduce, results } from "./_driver.ts";

const at = (partition: number, atMs: number, who: string, n = 0) => ({
  partition,
  atMs,
  value: { who, n },
});

/** Counts per second and key, and what pipeline `q` makes of the results, in stream `next`. */
const chained = (stage: string, first: Readonly<Record<string, string>> = {}) =>
  define({
    source: "idle: never",
    streams: "next: {}",
    stages: `- map: { key: value.who }\n${reduce(first)}`,
    pipelines: `q:\n  - source: p\n  - id: second\n    ${stage}\n  - sink: next`,
  });

describe("window: same", () => {
  const plan = chained(
    `windowedReduce: { key: "'all'", window: same, value: { keys: count(), n: sum(value.n) }, emit: final }`,
  );

  test("closes a window when all results of it are there, from every task", async () => {
    await drive({ plan, partitions: 4 }, async (driver) => {
      await driver.send("s", [at(0, 0, "A"), at(1, 0, "B"), at(2, 0, "C"), at(3, 1500, "C")]);
      await driver.send("s", [at(0, 2000, "A"), at(1, 2000, "B"), at(2, 2000, "C")]);
      expect(await results(driver, "next")).toEqual(['all 0 {"keys":3,"n":3}']);
      await driver.send("s", [at(3, 2000, "C")]);
      expect(await results(driver, "next")).toEqual(['all 1000 {"keys":1,"n":1}']);
      const { second } = driver.ledger();
      expect(second).toMatchObject({ in: 4, accepted: 4, lateAtSource: 0, lateAtOperator: 0 });
    });
  });

  test("keeps windows apart that overlap", async () => {
    const hopping = chained(
      `windowedReduce: { key: "'all'", window: same, value: { n: sum(value.n) }, emit: final }`,
      { window: "{ hopping: 2s, every: 1s, grace: 500ms }" },
    );
    await drive({ plan: hopping, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 1000, "A"), at(1, 1900, "B"), at(1, 2000, "B")]);
      await driver.send("s", [at(0, 9000, "A"), at(1, 9000, "B")]);
      expect(await results(driver, "next")).toEqual([
        'all 0 {"n":2}',
        'all 1000 {"n":3}',
        'all 2000 {"n":1}',
      ]);
    });
  });
});

describe("a window behind a window", () => {
  test("takes a final result at the end of its window", async () => {
    const plan = chained(
      "windowedReduce: { window: { tumbling: 2s, grace: 0s }, value: { n: sum(value.n), first: min(window.start), end: max(window.end) }, emit: final }",
      { window: "{ tumbling: 1s, grace: 700ms }" },
    );
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 0, "A"), at(0, 1999, "A"), at(0, 2000, "A"), at(1, 1, "A")]);
      await driver.send("s", [at(0, 4699, "B"), at(1, 4699, "B")]);
      expect(await results(driver, "next")).toEqual(['A 0 {"n":3,"first":0,"end":2000}']);
      await driver.send("s", [at(0, 4700, "B"), at(1, 4700, "B")]);
      expect(await results(driver, "next")).toEqual(['A 2000 {"n":1,"first":2000,"end":3000}']);
    });
  });

  test("takes each update of an open window, none of them late", async () => {
    const plan = chained(
      "windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { updates: count(), n: max(value.n), of: min(window.start) }, emit: final }",
      { window: "{ tumbling: 1s, grace: 1s }", emit: "updates" },
    );
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 0, "A"), at(1, 1999, "A"), at(1, 100, "A"), at(0, 999, "A")]);
      await driver.send("s", [at(0, 9000, "B"), at(1, 9000, "B")]);
      expect(await results(driver, "next")).toEqual([
        'A 0 {"updates":3,"n":3,"of":0}',
        'A 1000 {"updates":1,"n":1,"of":1000}',
      ]);
      expect(driver.ledger()["second"]).toMatchObject({ lateAtSource: 0, lateAtOperator: 0 });
    });
  });

  test("waits for updates of a window that is open, however old they are", async () => {
    const plan = chained(
      "windowedReduce: { window: { tumbling: 100ms, grace: 0s }, value: { updates: count() }, emit: final }",
      { window: "{ tumbling: 1s, grace: 1s }", emit: "updates" },
    );
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 1900, "B"), at(1, 1900, "B")]);
      // Its window is open for another 100 ms; the watermark behind must not have passed it.
      await driver.send("s", [at(1, 100, "A")]);
      await driver.send("s", [at(0, 9000, "C"), at(1, 9000, "C")]);
      expect((await results(driver, "next")).sort()).toEqual([
        'A 100 {"updates":1}',
        'B 1900 {"updates":2}',
      ]);
      expect(driver.ledger()["second"]).toMatchObject({ lateAtSource: 0, lateAtOperator: 0 });
    });
  });

  test("judges what a reduce without a window has passed on by its source's time", async () => {
    const plan = define({
      source: "idle: never",
      streams: "next: {}",
      stages:
        "- map: { key: value.who }\n- id: total\n  reduce: { value: { n: count() }, emit: updates }",
      pipelines:
        "q:\n  - source: p\n  - id: second\n    windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { n: max(value.n) }, emit: final }\n  - sink: next",
    });
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 5000, "A"), at(0, 100, "B"), at(1, 200, "C")]);
      expect(driver.ledger()["second"]).toMatchObject({ in: 3, accepted: 2, lateAtSource: 1 });
    });
  });

  test("says of a result that it cannot take which topic and window stage it came from", async () => {
    const plan = chained(
      "reduce: { value: { n: sum(1 / (value.n - 2)) }, emit: updates }\n    onError: deadLetter",
    );
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(0, 0, "A"), at(0, 1, "A"), at(0, 1000, "B"), at(0, 5000, "C")]);
      const [letter, ...others] = await driver.written("dead_letters");
      expect(others).toEqual([]);
      expect(letter?.headers).toMatchObject({
        "__streams.errors.topic": "t-second-repartition",
        "millrace.stage": "second",
        "millrace.code": "DIVISION_BY_ZERO",
      });
      expect(await results(driver, "next")).toEqual(['B {"n":-1}']);
      expect(driver.ledger()["second"]).toMatchObject({ in: 2, dead: 1, accepted: 1 });
    });
  });
});

describe("a chain of three", () => {
  test("waits for each link in turn and ends with the input", async () => {
    const plan = define({
      source: "idle: 1s",
      streams: "next: {}\nlast: {}",
      stages: `- map: { key: value.who }\n${reduce({ window: "{ tumbling: 1s, grace: 500ms }" })}`,
      pipelines: [
        "q:\n  - source: p",
        "  - id: tens\n    windowedReduce: { window: { tumbling: 10s, grace: 1s }, value: { n: sum(value.n) }, emit: final }\n  - sink: next",
        "r:\n  - source: q",
        `  - id: all\n    windowedReduce: { key: "'all'", window: same, value: { n: sum(value.n) }, emit: final }\n  - sink: last`,
      ].join("\n"),
    });
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, 9000, "A"), at(1, 9500, "B"), at(1, 10_000, "B")]);
      // Idle after 1 s; then the clock of partition 1 goes on from 10 s: 11.5 s are needed.
      await driver.wait(2000);
      expect(await results(driver, "last")).toEqual([]);
      await driver.wait(2000);
      expect(await results(driver, "last")).toEqual(['all 0 {"n":2}']);
      await driver.wait(10_000);
      expect(await results(driver, "last")).toEqual(['all 10000 {"n":1}']);
    });
  });
});
