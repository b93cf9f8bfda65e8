import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { createRecordEncoder } from "../../../runtime/serde/mod.ts";
import { appendRecord, MemorySchemas, TestDriver } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import type { AvroType } from "../../../topology/language/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const AVRO = define({
  source: "key: string, onError: deadLetter",
  stages: `- map: { key: value.who }\n${reduce()}`,
});

const KEY = Uint8Array.of(0xff, 0x00, 0x80);

/** Appends one record as it is. */
async function put(
  driver: TestDriver,
  value: Uint8Array | null,
  atMs = 0,
  key: Uint8Array | null = KEY,
  headers: Record<string, string> = { trace: "é" },
): Promise<void> {
  const builder = new BatchBuilder();
  appendRecord(builder, atMs, key, value, headers);
  await driver.append("s", 0, builder.finish());
  await driver.settle();
}

async function encoded(driver: TestDriver, value: Record<string, unknown>): Promise<Uint8Array> {
  const stream = AVRO.streams["s"]!;
  const record = await createRecordEncoder(stream, driver.schemas).encode({ key: "k", value });
  return record.value!;
}

const BAD: readonly (readonly [string, Uint8Array, string])[] = [
  ["no bytes at all", Uint8Array.of(), "UNDECODABLE"],
  ["four bytes", Uint8Array.of(0, 0, 0, 1), "UNDECODABLE"],
  ["another magic byte", Uint8Array.of(1, 0, 0, 0, 1, 2, 2, 2), "UNDECODABLE"],
  ["text", new TextEncoder().encode('{"who":"A"}'), "UNDECODABLE"],
  ["a schema id that nobody knows", Uint8Array.of(0, 0, 0, 3, 0xe8, 2, 2), "UNKNOWN_SCHEMA_ID"],
  // Without its frame the rest would decode as Avro.
  ["schema id -1", Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 2, 2, 2, 2), "UNDECODABLE"],
  ["schema id -2", Uint8Array.of(0, 0xff, 0xff, 0xff, 0xfe, 2, 2), "UNDECODABLE"],
  ["the highest schema id", Uint8Array.of(0, 0x7f, 0xff, 0xff, 0xff, 2, 2), "UNKNOWN_SCHEMA_ID"],
];

describe("a value that cannot be decoded", () => {
  test.each(BAD)(
    "%s: goes to the dead letters as it is, and what follows is counted",
    async (_, value, code) => {
      await drive({ plan: AVRO }, async (driver) => {
        await driver.send("s", [{ atMs: 0, key: "k", value: { who: "B" } }]);
        await put(driver, value, 10);
        await driver.send("s", [{ atMs: 20, key: "k", value: { who: "B" } }]);
        await driver.send("s", [{ atMs: 1000, key: "k", value: { who: "A" } }]);
        expect(await results(driver)).toEqual(['B 0 {"n":2}']);
        const [letter, ...more] = await driver.written("dead_letters");
        expect(more).toEqual([]);
        expect(letter!.key).toEqual(KEY);
        expect(letter!.value).toEqual(value);
        expect(letter!.headers).toEqual({
          trace: "é",
          "__streams.errors.topic": "s",
          "__streams.errors.partition": "0",
          "__streams.errors.offset": "1",
          "__streams.errors.exception": "MillraceError",
          "__streams.errors.message": expect.stringContaining("Cannot decode"),
          "millrace.stage": "s",
          "millrace.code": code,
          "millrace.timestamp": "0",
        });
        expect(driver.ledger()["p"]).toEqual({ read: 4, invalid: 0, dead: 1, passed: 3 });
      });
    },
  );

  test("cut anywhere it is a dead letter, whole it is counted", async () => {
    // Every field is read, so that a cut behind the last used one is found, too.
    const plan = define({
      stages:
        "- map: { value: { who: value.who, n: value.n, id: value.id, price: value.price, at: value.placed_at } }",
    });
    await drive({ plan }, async (driver) => {
      const whole = await encoded(driver, { who: "C", n: 300, note: "text", placed_at: 5 });
      for (let length = 0; length < whole.length; length++)
        await put(driver, whole.slice(0, length));
      await put(driver, whole);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([
        { who: "C", n: 300, id: 0, price: 0, at: 5 },
      ]);
      const letters = await driver.written("dead_letters");
      expect(letters.map(({ value }) => (value as Uint8Array).length)).toEqual(
        Array.from({ length: whole.length }, (_, length) => length),
      );
      expect(driver.ledger()["p"]).toEqual({
        read: whole.length + 1,
        invalid: 0,
        dead: whole.length,
        passed: 1,
      });
    });
  });

  test("with schema id -1 is not read as a value without a frame", async () => {
    const plan = define({ stages: "- filter: value.n != 99" });
    await drive({ plan }, async (driver) => {
      // As plain Avro: id 0, who some varint, n 1, price 0, no note, placed_at 0.
      const value = new Uint8Array(17);
      value.set([0, 0xff, 0xff, 0xff, 0xff, 2, 2]);
      await put(driver, value);
      expect(driver.ledger()["p"]).toMatchObject({ read: 1, dead: 1, passed: 0 });
      const message = expect.stringContaining("registry id is negative");
      expect(await driver.written("dead_letters")).toMatchObject([
        { value, headers: { "__streams.errors.message": message } },
      ]);
    });
  });

  test("moves stream time all the same: its timestamp is valid", async () => {
    await drive({ plan: AVRO }, async (driver) => {
      await driver.send("s", [{ atMs: 0, key: "k", value: { who: "B" } }]);
      await put(driver, Uint8Array.of(9), 5000);
      expect(await results(driver)).toEqual(['B 0 {"n":1}']);
    });
  });

  test.each([
    ["skip", 0],
    ["deadLetter", 1],
  ])("on a stream with onError: %s is counted and makes %i letters", async (policy, letters) => {
    const plan = define({ source: `onError: ${policy}`, stages: "- filter: value.n == 0" });
    await drive({ plan }, async (driver) => {
      await put(driver, Uint8Array.of(1, 2, 3));
      expect(await driver.written("dead_letters")).toHaveLength(letters);
      expect(driver.ledger()["p"]).toMatchObject({ read: 1, dead: 1, passed: 0 });
    });
  });

  test("on a stream with onError: fail stops the instance, again after a restart", async () => {
    const plan = define({ source: "onError: fail", stages: "- filter: value.n == 0" });
    await drive({ plan }, async (driver) => {
      const refused = { code: "RECORD_REFUSED", where: { topic: "s", partition: 0, offset: 0 } };
      await expect(put(driver, Uint8Array.of(1, 2, 3))).rejects.toMatchObject(refused);
      await expect(driver.restart("crash")).rejects.toMatchObject(refused);
    });
  });
});

describe("nulls", () => {
  test("a null value is null-dropped, moves stream time and makes no letter", async () => {
    await drive({ plan: AVRO }, async (driver) => {
      await driver.send("s", [{ atMs: 0, key: "k", value: { who: "B" } }]);
      await put(driver, null, 1000);
      expect(await results(driver)).toEqual(['B 0 {"n":1}']);
      expect(driver.ledger()).toMatchObject({
        p: { read: 2, invalid: 0, dead: 0, passed: 2 },
        "p.1": { in: 2, nullDropped: 1, passed: 1 },
      });
      expect(await driver.written("dead_letters")).toEqual([]);
    });
  });

  test("a null key stays null in a dead letter", async () => {
    await drive({ plan: AVRO }, async (driver) => {
      await put(driver, Uint8Array.of(7), 0, null, {});
      const [letter] = await driver.written("dead_letters");
      expect(letter!.key).toBe(null);
      expect(Object.keys(letter!.headers)).toHaveLength(8);
    });
  });

  test("a key that is not UTF-8 is bad only where it is read", async () => {
    const reading = define({ source: "key: string", stages: "- map: { value: { key: key } }" });
    await drive({ plan: reading }, async (driver) => {
      await put(driver, await encoded(driver, {}), 0);
      expect(await driver.written("out")).toEqual([]);
      const [letter] = await driver.written("dead_letters");
      expect(letter!.key).toEqual(KEY);
      expect(letter!.headers).toMatchObject({
        "millrace.stage": "p.1",
        "millrace.code": "UNDECODABLE",
      });
      expect(driver.ledger()).toMatchObject({ p: { passed: 1 }, "p.1": { in: 1, dead: 1 } });
    });
  });
});

describe("other formats", () => {
  test.each([
    ["string", Uint8Array.of(0xff, 0xfe)],
    ["long", Uint8Array.of(1, 2, 3)],
    ["long", Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ["double", Uint8Array.of(0)],
    ["boolean", Uint8Array.of(2)],
  ])("a %s that is none is a dead letter", async (value, bytes) => {
    const plan = define({ value, source: "key: string", stages: "- filter: eventTime >= 0" });
    await drive({ plan }, async (driver) => {
      await put(driver, bytes);
      expect(await driver.written("out")).toEqual([]);
      expect((await driver.written("dead_letters")).map((letter) => letter.value)).toEqual([bytes]);
      expect(driver.ledger()["p"]).toEqual({ read: 1, invalid: 0, dead: 1, passed: 0 });
    });
  });
});

describe("a stage that fails on a record", () => {
  test("behind a repartition names where the record was first read, without our own header", async () => {
    const plan = define({
      source: "key: string",
      stages: `- map: { key: value.who }\n${reduce({ value: "{ n: sum(10 / value.n) }" })}`,
    });
    await drive({ plan, partitions: 3 }, async (driver) => {
      await driver.send("s", [
        { atMs: 0, partition: 2, key: "k", value: { n: 5 } },
        { atMs: 1, partition: 2, key: "k", value: { n: 0 }, headers: { trace: "1" } },
      ]);
      await driver.send(
        "s",
        [0, 1, 2].map((partition) => ({ atMs: 1000, partition, value: { n: 1 } })),
      );
      expect(await results(driver)).toEqual(['A 0 {"n":2}']);
      const [letter, ...more] = await driver.written("dead_letters");
      expect(more).toEqual([]);
      expect(letter!.headers).toEqual({
        trace: "1",
        "__streams.errors.topic": "s",
        "__streams.errors.partition": "2",
        "__streams.errors.offset": "1",
        "__streams.errors.exception": "ExpressionError",
        "__streams.errors.message": "Cannot divide 10 by zero",
        "millrace.stage": "counted",
        "millrace.code": "DIVISION_BY_ZERO",
        "millrace.timestamp": "1",
      });
      const {
        in: all,
        nullDropped,
        dead,
        accepted,
        lateAtSource,
        lateAtOperator,
      } = driver.ledger()["counted"]!;
      expect(all).toBe(nullDropped! + dead! + accepted! + lateAtSource! + lateAtOperator!);
      expect([all, dead]).toEqual([5, 1]);
    });
  });

  test("whose result is too large for a batch makes a letter, not a stop", async () => {
    const plan = define({
      value: "string",
      source: "key: string",
      stages: "- map: { value: { twice: value + value } }",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        { atMs: 0, value: "x".repeat(600_000) },
        { atMs: 1, value: "y" },
      ]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([{ twice: "yy" }]);
      const [letter] = await driver.written("dead_letters");
      expect(letter!.headers["millrace.code"]).toBe("RECORD_TOO_LARGE");
      expect((letter!.value as Uint8Array).length).toBe(600_000);
    });
  });
});

/** A registry that also holds schemas of other kinds. */
class MixedSchemas extends MemorySchemas {
  override async byId(id: number): Promise<AvroType | undefined> {
    if (id !== 77) return await super.byId(id);
    throw new MillraceError("UNDECODABLE", "Cannot use schema 77: it is no Avro schema");
  }
}

describe("a schema id of another kind", () => {
  test("makes a dead letter, and the records around it are counted", async () => {
    const driver = await TestDriver.open({ plan: AVRO, schemas: new MixedSchemas() });
    await driver.send("s", [{ atMs: 0, key: "k", value: { who: "A" } }]);
    await put(driver, Uint8Array.of(0, 0, 0, 0, 77, 2, 2), 1);
    await driver.send("s", [{ atMs: 2, key: "k", value: { who: "A" } }]);
    const [letter, ...others] = await driver.written("dead_letters");
    expect([letter?.headers["millrace.code"], others]).toEqual(["UNDECODABLE", []]);
    expect(Object.values(driver.ledger())).toContainEqual(
      expect.objectContaining({ read: 3, dead: 1, passed: 2 }),
    );
    await driver.close();
  });
});
