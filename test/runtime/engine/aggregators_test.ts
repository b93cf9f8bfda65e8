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
