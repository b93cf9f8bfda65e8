import { describe, expect, test } from "vitest";
import { appendRecord, type TestDriver } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { define, drive } from "./_driver.ts";

async function put(driver: TestDriver, value: string): Promise<void> {
  const builder = new BatchBuilder();
  appendRecord(builder, 0, null, new TextEncoder().encode(value), {});
  await driver.append("s", 0, builder.finish());
  await driver.settle();
}

async function outcome(driver: TestDriver): Promise<unknown[]> {
  const good = (await driver.written("out")).map(({ value }) => value);
  const bad = (await driver.written("dead_letters")).map(({ headers }) => headers["millrace.code"]);
  return [...good, ...bad];
}

describe("untyped json", () => {
  const plan = define({
    value: "json",
    source: "onError: deadLetter",
    stages: `- map: { value: { n: int(value.n), who: "string(value.who['name'])", ok: has(value.ok) } }`,
  });

  test.each<readonly [string, unknown]>([
    ['{"n":1,"who":{"name":"A"},"ok":false}', { n: 1, who: "A", ok: true }],
    ['{"n":"12","who":{"name":7.5}}', { n: 12, who: "7.5", ok: false }],
    ['{"n":1.9,"who":{"name":true},"ok":null}', { n: 1, who: "true", ok: false }],
    ['{"n":null,"who":{"name":""}}', "BAD_CONVERSION"],
    ['{"n":1e300,"who":{"name":""}}', "BAD_CONVERSION"],
    ['{"n":[1],"who":{"name":""}}', "BAD_CONVERSION"],
    ['{"n":1,"who":null}', "BAD_CONVERSION"],
    ['{"n":1,"who":{"name":{}}}', "BAD_CONVERSION"],
    // Only what the text says is there.
    ['{"n":1,"who":{}}', "BAD_CONVERSION"],
    ['{"n":1,"who":{"name":"x"},"__proto__":{"ok":1}}', { n: 1, who: "x", ok: false }],
    ["7", "BAD_CONVERSION"],
    ["{", "UNDECODABLE"],
    ['{"n":9007199254740993,"who":{"name":""}}', "LONG_UNSAFE"],
    ["[".repeat(100_000), "UNDECODABLE"],
    ["[".repeat(300) + "]".repeat(300), "UNDECODABLE"],
  ])("%s", async (text, expected) => {
    await drive({ plan }, async (driver) => {
      await put(driver, text);
      expect(await outcome(driver)).toEqual([expected]);
    });
  });
});

describe("json checked against a schema", () => {
  const plan = define({
    value: "{ json: s.avsc }",
    source: "onError: deadLetter",
    stages: "- map: { value: { n: value.n, who: value.who, note: value.note } }",
  });

  test.each<readonly [string, unknown]>([
    ['{"n":3,"who":"B","note":"x"}', { n: 3, who: "B", note: "x" }],
    ['{"unknown":1}', { n: 0, who: "A", note: null }],
    ['{"n":"3"}', "UNDECODABLE"],
    ['{"n":3.5}', "UNDECODABLE"],
    ['{"n":9007199254740993}', "LONG_UNSAFE"],
    ['{"who":"Z"}', "UNDECODABLE"],
    ["null", "UNDECODABLE"],
    ["[]", "UNDECODABLE"],
  ])("%s", async (text, expected) => {
    await drive({ plan }, async (driver) => {
      await put(driver, text);
      expect(await outcome(driver)).toEqual([expected]);
    });
  });

  test("is written as text", async () => {
    const written = define({ value: "string", stages: "- map: { value: { n: 5 } }", streams: "" });
    const text = { ...written.streams["out"]!, value: { kind: "json" as const } };
    const plan = { ...written, streams: { ...written.streams, out: text } };
    await drive({ plan }, async (driver) => {
      await put(driver, "x");
      expect(await outcome(driver)).toEqual([{ n: 5 }]);
    });
  });
});
