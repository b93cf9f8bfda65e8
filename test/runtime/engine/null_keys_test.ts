import { describe, expect, test } from "vitest";
import type { TestDriver } from "../../../runtime/testing/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

const plan = (stages: string, key = "string") =>
  define({ source: `key: ${key}, idle: never`, value: "long", stages });

/** Sends a record without a key and one with it. @returns keys that got through, and dead letters */
async function sendBoth(
  stages: string,
  type = "string",
  key: unknown = "a",
): Promise<{ readonly keys: readonly unknown[]; readonly dead: readonly (string | undefined)[] }> {
  let keys: readonly unknown[] = [];
  let dead: readonly (string | undefined)[] = [];
  await drive({ plan: plan(stages, type) }, async (driver: TestDriver) => {
    await driver.send("s", [
      { atMs: 0, key: null, value: 1 },
      { atMs: 0, key, value: 1 },
    ]);
    keys = (await driver.written("out")).map((record) => record.key);
    dead = (await driver.written("dead_letters")).map(({ headers }) => headers["millrace.code"]);
  });
  return { keys, dead };
}

describe("a record without a key", () => {
  test.each([
    ["text is made of it", "- map: { key: key + '!' }", "string", "a", "a!"],
    ["a function is called with it", "- filter: key.startsWith('a')", "string", "a", "a"],
    ["it is ordered", "- filter: key > 3", "long", 5, 5],
    ["it is calculated with", "- filter: key + 1 == 6", "long", 5, 5],
    ["it becomes the value", "- map: { value: key }", "string", "a", "a"],
    ["it is put into a value", "- map: { value: { who: key } }", "string", "a", "a"],
    ["a loop has it", "- flatMap: { for: { x: '[key]' }, key: x + '' }", "string", "a", "a"],
    [
      "an aggregator takes it",
      reduce({ key: "string(value)", value: "{ n: last(key) }", emit: "updates" }),
      "string",
      "a",
      "1",
    ],
  ])("is a dead letter where %s, and the next record is not", async (_, stages, type, key, out) => {
    expect(await sendBoth(stages, type, key)).toEqual({ keys: [out], dead: ["NULL_VALUE"] });
  });

  test.each([
    ["- filter: key == null", [null]],
    ["- filter: key != null", ["a"]],
    ["- filter: key == 'a'", ["a"]],
    ["- filter: key in ['a', 'b']", ["a"]],
    ["- filter: '!(key in [topic, string(value)])'", [null, "a"]],
    ["- filter: '[1].exists(n, key != topic)'", [null, "a"]],
    ["- filter: key != null && key.startsWith('a')", ["a"]],
    ["- filter: key.startsWith('b') || value == 1", [null, "a"]],
    ["- map: { key: \"key == null ? 'none' : key\" }", ["none", "a"]],
    ["- map: { key: key }", [null, "a"]],
  ])("is seen as one by %s", async (stages, keys) => {
    expect(await sendBoth(stages)).toEqual({ keys, dead: [] });
  });
});
