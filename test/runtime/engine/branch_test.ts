/** branch: every record in one branch, or filtered. */

import { describe, expect, test } from "vitest";
import { define, drive, reduce, results } from "./_driver.ts";

const at = (atMs: number, value: Record<string, unknown> = {}, partition = 0) => ({
  atMs,
  partition,
  value,
});
const ns = (records: readonly { readonly value: unknown }[]) =>
  records.map(({ value }) => (value as { n: number }).n);

describe("branch", () => {
  test("gives each record to the first branch whose condition holds", async () => {
    const plan = define({
      streams: "small: {}\nnotes: { key: string }",
      stages: "- filter: false",
      pipelines: `q:
  - source: s
  - id: by_size
    branch:
      - when: value.n < 10
        stages:
          - sink: small
      - when: value.note != null
        stages:
          - map: { key: value.note, value: { n: value.n, text: value.note + '!' } }
          - sink: notes
      - when: value.n < 100
        stages:
          - sink: small`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        at(1, { n: 5, note: "x" }),
        at(2, { n: 50 }),
        at(3, { n: 500, note: "y" }),
        at(4, { n: 500 }),
        at(5, { n: 60, note: "z" }),
      ]);
      expect(ns(await driver.written("small"))).toEqual([5, 50]);
      expect((await driver.written("notes")).map(({ key, value }) => [key, value])).toEqual([
        ["y", { n: 500, text: "y!" }],
        ["z", { n: 60, text: "z!" }],
      ]);
      expect(driver.ledger()["by_size"]).toMatchObject({ in: 5, filtered: 1, dead: 0, passed: 4 });
      expect(driver.ledger()["q.1.1.1"]).toMatchObject({ in: 2, passed: 2 });
    });
  });

  test("without a condition takes the rest; a condition that fails makes a dead letter", async () => {
    const plan = define({
      streams: "rest: {}",
      stages: "- filter: false",
      pipelines: `q:
  - source: s
  - id: odd
    branch:
      - when: 100 / value.n > 10
        stages: [{ filter: false }]
      - stages: [{ sink: rest }]`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(1, { n: 1 }), at(2, { n: 0 }), at(3, { n: 50 })]);
      expect(ns(await driver.written("rest"))).toEqual([50]);
      const [letter, ...more] = await driver.written("dead_letters");
      expect(more).toEqual([]);
      expect(letter!.headers).toMatchObject({
        "millrace.stage": "odd",
        "millrace.code": "DIVISION_BY_ZERO",
      });
      expect(driver.ledger()["odd"]).toMatchObject({ in: 3, dead: 1, passed: 2, filtered: 0 });
    });
  });

  test("may stand in a branch, and before windows, which survive a crash", async () => {
    const plan = define({
      streams: "big: {}\nfew: {}",
      stages: "- filter: false",
      pipelines: `q:
  - source: s
  - branch:
    - when: value.who == 'A'
      stages:
        - branch:
            - when: value.n > 10
              stages:
                - map: { key: value.who }
                - id: big_ones
                  windowedReduce:
                    window: { tumbling: 1s, grace: 0s }
                    value: { n: count() }
                    emit: final
                - sink: big
    - stages:
        - map: { key: value.who }
${reduce().replace(/^/gm, "        ")}
        - sink: few`,
    });
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [
        at(1, { who: "A", n: 11 }, 0),
        at(2, { who: "A", n: 12 }, 1),
        at(3, { who: "A", n: 1 }, 0),
        at(4, { who: "B", n: 12 }, 1),
      ]);
      await driver.restart("crash");
      await driver.send("s", [at(5000, { who: "C" }, 0), at(5000, { who: "C" }, 1)]);
      const big = await driver.written("big");
      expect(big.map(({ key, window, value }) => [key, window?.[0], value])).toEqual([
        ["A", 0, { n: 2 }],
      ]);
      expect(await results(driver, "few")).toEqual(['B 0 {"n":1}']);
    });
  });
});
