import { describe, expect, test } from "vitest";
import { createRecordDecoder, createRecordEncoder } from "../../../runtime/serde/mod.ts";
import { appendRecord, MemorySchemas } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { drive, results } from "./_driver.ts";

const WHO = '{"type":"record","name":"Who","fields":[{"name":"id","type":"long"}]}';

function planned(source: string, key: string) {
  return planTopology({
    file: "t.yaml",
    text: `topology: t
streams:
  s: { ${source}, value: string, partitionedBy: key }
  out: { key: ${key} }
pipelines:
  p:
    - source: s
    - id: counted
      windowedReduce:
        window: { tumbling: 1s, grace: 0s }
        value: { n: count() }
        emit: final
    - sink: out
`,
    files: { read: () => WHO },
  });
}

function plan(source: string, key: string): Plan {
  const { plan, diagnostics } = planned(source, key);
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

describe("a window key", () => {
  test.each([
    ["string", "binary", "a", "b"],
    ["string", "record", "a", "b"],
    ["long", "record", -7, 8],
    ["boolean", "record", false, true],
    ["{ avro: who.avsc }", "binary", { id: 1 }, { id: 2 }],
    ["{ avro: who.avsc }", "record", { id: 1 }, { id: 2 }],
  ])("of %s as %s is written and read", async (type, as, first, second) => {
    const made = plan(`key: ${type}`, `{ window: ${type}, as: ${as} }`);
    await drive({ plan: made }, async (driver) => {
      await driver.send("s", [
        { atMs: 1000, key: first, value: "x" },
        { atMs: 1999, key: first, value: "x" },
        { atMs: 3000, key: second, value: "x" },
        { atMs: 4000, key: second, value: "x" },
      ]);
      expect(await driver.written("out")).toMatchObject([
        { key: first, window: [1000, 2000], value: { n: 2 } },
        { key: second, window: [3000, 4000], value: { n: 1 } },
      ]);
    });
  });

  test("that is a record is framed Avro of key, windowStart and windowEnd", async () => {
    const stream = plan("key: string", "{ window: string, as: record }").streams["out"]!;
    const schemas = new MemorySchemas();
    const record = { key: "ab", window: [1000, 2000] as const, value: { n: 1 } };
    const { key, value } = await createRecordEncoder(stream, schemas).encode(record);
    const id = key!.slice(1, 5);
    expect([...key!]).toEqual([0, ...id, 4, 97, 98, 0xd0, 0x0f, 0xa0, 0x1f]);
    const decoded = await createRecordDecoder(stream, schemas).decode(key, value);
    expect(decoded).toEqual(record);
    await expect(
      createRecordDecoder(stream, schemas).decode(Uint8Array.of(97, 98), value),
    ).rejects.toMatchObject({ code: "UNDECODABLE" });
  });

  test("that is a record does not take a key of json", () => {
    const { diagnostics } = planned("key: string", "{ window: json, as: record }");
    expect(diagnostics).toMatchObject([
      { code: "TYPE_MISMATCH", line: 4, message: "a key of json cannot stand in a record" },
    ]);
  });

  test("whose base key cannot be read makes a dead letter", async () => {
    const made = plan("key: string", "{ window: string, as: record }");
    await drive({ plan: made }, async (driver) => {
      await driver.send("s", [{ atMs: 0, key: "a", value: "x" }]);
      const builder = new BatchBuilder();
      appendRecord(builder, 1, Uint8Array.of(0xff), new TextEncoder().encode("x"), {});
      await driver.append("s", 0, builder.finish());
      await driver.settle();
      await driver.send("s", [{ atMs: 1000, key: "a", value: "x" }]);
      expect(await results(driver)).toEqual(['a 0 {"n":1}']);
      const letters = await driver.written("dead_letters");
      expect(letters.map(({ headers }) => headers["millrace.code"])).toEqual(["UNDECODABLE"]);
    });
  });
});
