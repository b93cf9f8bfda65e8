import { describe, expect, test } from "vitest";
import {
  ByteSink,
  createEncoder,
  createRecordEncoder,
  writeFrame,
} from "../../../runtime/serde/mod.ts";
import { appendRecord, type TestDriver } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { type AvroType, parseAvroSchema } from "../../../topology/language/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const SCHEMA = {
  type: "record",
  name: "ShopLog",
  fields: [{ name: "id", type: "long", default: 0 }],
};

/** The declared key is the schema that all records have here, values too. */
const PLAN = define({
  source: "key: { avro: s.avsc }, onError: deadLetter",
  stages: `- map: { key: key.who }\n${reduce()}`,
});

async function put(driver: TestDriver, key: Uint8Array, atMs: number): Promise<void> {
  const stream = PLAN.streams["s"]!;
  const { value } = await createRecordEncoder(stream, driver.schemas).encode({ value: {} });
  const builder = new BatchBuilder();
  appendRecord(builder, atMs, key, value, {});
  await driver.append("s", 0, builder.finish());
  await driver.settle();
}

async function keyOf(driver: TestDriver, schema: AvroType, key: unknown): Promise<Uint8Array> {
  const sink = new ByteSink();
  writeFrame(await driver.schemas.register("s-key", schema), sink);
  createEncoder(schema, "key").encode(key, sink);
  return sink.take();
}

describe("an Avro key of a source", () => {
  test("is read with the schema that it was written with", async () => {
    const who = { type: "enum", name: "Who", symbols: ["C", "B", "A"] };
    const older = parseAvroSchema({
      ...SCHEMA,
      fields: [
        { name: "gone", type: "string" },
        { name: "who", type: who },
      ],
    });
    const oldest = parseAvroSchema(SCHEMA);
    await drive({ plan: PLAN }, async (driver) => {
      await put(driver, await keyOf(driver, older, { gone: "x", who: "B" }), 0);
      await put(driver, await keyOf(driver, oldest, { id: 1 }), 10);
      await put(driver, await keyOf(driver, older, { gone: "", who: "C" }), 1000);
      expect(await results(driver)).toEqual(['A 0 {"n":1}', 'B 0 {"n":1}']);
    });
  });

  test.each<readonly [string, (driver: TestDriver) => Promise<Uint8Array>, string]>([
    ["has no frame", async () => Uint8Array.of(1, 2, 3), "UNDECODABLE"],
    ["begins with another byte", async () => Uint8Array.of(7, 0, 0, 0, 1, 2), "UNDECODABLE"],
    [
      "names a schema that nobody knows",
      async () => Uint8Array.of(0, 0, 0, 9, 9, 2),
      "UNKNOWN_SCHEMA_ID",
    ],
    ["names a negative schema", async () => Uint8Array.of(0, 255, 0, 0, 1, 2), "UNKNOWN_SCHEMA_ID"],
    [
      "was written as something else",
      (driver) => keyOf(driver, { kind: "string" }, "A"),
      "UNDECODABLE",
    ],
  ])("that %s is a dead letter, and what follows is counted", async (_, key, code) => {
    await drive({ plan: PLAN }, async (driver) => {
      await put(driver, await key(driver), 0);
      await driver.send("s", [{ atMs: 10, key: { who: "B" }, value: {} }]);
      await driver.send("s", [{ atMs: 1000, key: { who: "A" }, value: {} }]);
      expect(await results(driver)).toEqual(['B 0 {"n":1}']);
      const letters = await driver.written("dead_letters");
      expect(letters.map(({ headers }) => headers["millrace.code"])).toEqual([code]);
    });
  });

  test("that is bad does not stop a stage that only re-encodes it", async () => {
    const plan = define({
      source: "key: { avro: s.avsc }, onError: deadLetter, partitionedBy: key",
      stages: reduce(),
    });
    await drive({ plan }, async (driver) => {
      await put(driver, Uint8Array.of(1, 2, 3), 0);
      await driver.send("s", [{ atMs: 10, key: { who: "B" }, value: {} }]);
      await driver.send("s", [{ atMs: 1000, key: { who: "A" }, value: {} }]);
      expect(await driver.written("out")).toMatchObject([{ key: { who: "B" }, value: { n: 1 } }]);
      expect(await driver.written("dead_letters")).toHaveLength(1);
    });
  });
});
