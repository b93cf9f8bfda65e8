import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CarriedKey,
  carriedEntryBytes,
  writeCarriedKey,
} from "../../../runtime/engine/carried_key.ts";
import { decodeHeaders } from "../../../runtime/wire/mod.ts";
import { define, drive, results } from "./_driver.ts";

describe("a carried key on the wire", () => {
  test("is a header entry that reads back, null and long ones too", () => {
    fc.assert(
      fc.property(fc.option(fc.uint8Array({ maxLength: 9000 })), fc.nat({ max: 20 }), (key, at) => {
        const bytes = new Uint8Array(at + carriedEntryBytes(key?.length ?? 0) + 3);
        const end = writeCarriedKey(
          bytes,
          at,
          key ?? bytes,
          key === null ? -1 : 0,
          key?.length ?? -1,
        );
        const [[name, value]] = decodeHeaders(bytes, at, end, 1) as [[string, Uint8Array | null]];
        expect([name, value && [...value]]).toEqual(["k", key && [...key]]);
        const read = new CarriedKey();
        expect(read.read(bytes, at)).toBe(end);
        expect(read.start < 0 ? null : [...read.bytes.subarray(read.start, read.end)]).toEqual(
          key && [...key],
        );
      }),
    );
  });
});

describe("the expressions of a reduce that makes a key", () => {
  const reducing = (key: string, value: string, rest = "") =>
    define({
      source: `idle: never, key: ${key}`,
      streams: "late: {}",
      stages: `- id: total\n  windowedReduce: { key: value.who, window: { tumbling: 1s, grace: 0s }, value: ${value}, emit: final${rest} }`,
    });

  test("see the key that came in, of any format", async () => {
    for (const [key, shown] of [
      ["string", ["x", "y"]],
      ["long", [-7, 2 ** 40]],
    ] as const) {
      const plan = reducing(key, "{ keys: 'collect(key, 10)', n: count() }");
      await drive({ plan, partitions: 2 }, async (driver) => {
        await driver.send("s", [
          { partition: 0, atMs: 1, key: shown[0], value: { who: "A" } },
          { partition: 1, atMs: 2, key: shown[1], value: { who: "A" } },
        ]);
        await driver.send("s", [
          { partition: 0, atMs: 1000, key: shown[0], value: { who: "B" } },
          { partition: 1, atMs: 1000, key: shown[0], value: { who: "B" } },
        ]);
        expect(await results(driver)).toEqual([`A 0 ${JSON.stringify({ keys: shown, n: 2 })}`]);
      });
    }
  });

  test("leave nothing of it in what comes too late", async () => {
    const plan = reducing("string", "{ keys: 'collect(key, 10)' }", ", late: late");
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        { atMs: 5000, key: "x", value: { who: "A" } },
        { atMs: 0, key: "old", value: { who: "B", n: 7 }, headers: { trace: "1" } },
      ]);
      const [late] = await driver.written("late");
      expect(late).toMatchObject({ key: "B", value: { who: "B", n: 7 } });
      expect(Object.keys(late!.headers).sort()).toEqual([
        "millrace.late.by",
        "millrace.late.first",
        "millrace.late.last",
        "millrace.late.reason",
        "millrace.late.windows",
        "millrace.stage",
        "trace",
      ]);
    });
  });

  test("carry nothing into another reduce of the same records", async () => {
    const plan = define({
      source: "idle: never, key: string",
      streams: "late: {}\nother: {}",
      stages:
        "- id: first\n  windowedReduce: { key: value.who, window: { tumbling: 1s, grace: 0s }, value: { keys: count(key != 'z') }, emit: final }",
      pipelines:
        "q:\n  - source: s\n  - id: second\n    windowedReduce: { key: value.who, window: { tumbling: 1s, grace: 0s }, value: { n: count() }, emit: final, late: late }\n  - sink: other",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        { atMs: 5000, key: "x", value: { who: "A" } },
        { atMs: 0, key: "old", value: { who: "B" } },
      ]);
      const [late] = await driver.written("late");
      expect(Object.keys(late!.headers).every((name) => name.startsWith("millrace."))).toBe(true);
    });
  });

  test("make no record heavier when none of them looks at it", () => {
    const [, behind] = reducing("string", "{ n: count() }").subtopologies;
    expect(behind!.inputs[0]!.from).not.toHaveProperty("carriedKey");
  });
});
