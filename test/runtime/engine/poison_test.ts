/**
 * Poison never blocks its partition: garbage at every place a record can be wrong, and behind each a
 * good record that comes through.
 */

import { describe, expect, test } from "vitest";
import { createRecordEncoder } from "../../../runtime/serde/mod.ts";
import { appendRecord, type TestDriver } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { define, drive, reduce, results } from "./_driver.ts";

const utf8 = new TextEncoder();
/** Larger than a batch of ours may be, as records are that others write to topics with larger limits. */
const HUGE_BYTES = 950_000;

const plan = (onError: string) =>
  define({
    source: `key: string, idle: never, onError: ${onError}`,
    streams: "late: {}",
    stages: [
      `- onError: ${onError}\n  map: { key: "value.who == 'C' ? null : string(10 / value.id)" }`,
      reduce({
        value: "{ n: count(), total: sum(value.n * 2) }",
        late: "late",
      }),
      `  onError: ${onError}`,
      `- onError: ${onError}\n  map: { value: { n: value.n, share: 1000 / (value.total - 14) } }`,
    ].join("\n"),
  });

interface Poison {
  readonly name: string;
  readonly key?: Uint8Array | null;
  readonly value: Uint8Array | null | ((driver: TestDriver) => Promise<Uint8Array>);
  readonly atMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: it is dropped and counted, without a letter. */
  readonly code: string | undefined;
  readonly stage?: string;
  readonly omitted?: string;
  /** Behind a repartition the record has the key it was re-keyed by. @default the record's */
  readonly letterKey?: Uint8Array;
}

const encoded =
  (value: Record<string, unknown>) =>
  async (driver: TestDriver): Promise<Uint8Array> => {
    const encoder = createRecordEncoder(plan("skip").streams["s"]!, driver.schemas);
    return (await encoder.encode({ key: "k", value })).value!;
  };

const POISONS: readonly Poison[] = [
  { name: "no value", value: null, code: undefined },
  { name: "no key after the map", value: encoded({ id: 1, who: "C" }), code: undefined },
  { name: "an empty value", value: new Uint8Array(0), code: "UNDECODABLE", stage: "s" },
  { name: "noise", value: Uint8Array.of(9, 8, 7, 6, 5, 4), code: "UNDECODABLE", stage: "s" },
  {
    name: "an unknown schema id",
    value: Uint8Array.of(0, 0, 0, 99, 99, 1),
    code: "UNKNOWN_SCHEMA_ID",
    stage: "s",
  },
  { name: "a failing map", value: encoded({ id: 0 }), code: "DIVISION_BY_ZERO", stage: "p.1" },
  {
    name: "a failing reduce, behind the repartition",
    value: encoded({ id: 1, n: 2 ** 53 - 1 }),
    code: "OVERFLOW",
    stage: "counted",
    letterKey: utf8.encode("10"),
  },
  {
    name: "a time before 1970",
    value: encoded({ id: 1 }),
    atMs: -5,
    code: "INVALID_TIME",
    stage: "s",
  },
  {
    name: "a time in the far future",
    value: encoded({ id: 1 }),
    atMs: 4e12,
    code: "INVALID_TIME",
    stage: "s",
  },
  {
    name: "more noise than a letter holds",
    value: new Uint8Array(HUGE_BYTES).fill(7),
    code: "UNDECODABLE",
    stage: "s",
    omitted: "value",
  },
  {
    name: "more headers than a letter holds",
    value: Uint8Array.of(1),
    headers: { huge: "h".repeat(HUGE_BYTES) },
    code: "UNDECODABLE",
    stage: "s",
    omitted: "value headers",
  },
  {
    name: "a longer key than a letter holds",
    key: new Uint8Array(HUGE_BYTES).fill(107),
    value: Uint8Array.of(1),
    code: "UNDECODABLE",
    stage: "s",
    omitted: "value headers key",
  },
  {
    name: "a value too large to be repartitioned",
    value: encoded({ id: 1, note: "x".repeat(HUGE_BYTES) }),
    code: "RECORD_TOO_LARGE",
    stage: "counted",
    omitted: "value",
  },
];

async function put(
  driver: TestDriver,
  partition: number,
  poison: Poison,
): Promise<Uint8Array | null> {
  const { value, key = utf8.encode("k"), atMs = driver.clock.now(), headers = {} } = poison;
  const bytes = typeof value === "function" ? await value(driver) : value;
  const batch = new BatchBuilder();
  appendRecord(batch, atMs, key, bytes, headers);
  await driver.append("s", partition, batch.finish());
  return bytes;
}

const good = (partition: number, atMs: number) => ({
  partition,
  atMs,
  key: "k",
  value: { id: 1, n: 3 },
});

describe.each(["deadLetter", "skip"])("with onError: %s", (onError) => {
  test.each(POISONS)("$name does not block its partition", async (poison) => {
    await drive({ plan: plan(onError), partitions: 2 }, async (driver) => {
      await driver.send("s", [good(0, 100), good(1, 100)]);
      const bytes = [await put(driver, 0, poison), await put(driver, 1, poison)];
      await driver.settle();
      const wallMs = driver.clock.now();
      await driver.send("s", [good(0, 200), good(1, 200), good(0, 5000), good(1, 5000)]);
      await driver.wait(1000);
      const [result] = await driver.written("out");
      expect([result!.key, result!.value]).toEqual(["10", { n: 4, share: 100 }]);

      const letters = await driver.written("dead_letters");
      const expected = onError === "skip" || poison.code === undefined ? [] : [0, 1];
      const byPartition = letters.toSorted((a, b) => partitionOf(a) - partitionOf(b));
      expect(byPartition).toMatchObject(
        expected.map((partition) => ({
          timestampMs: wallMs,
          key: poison.omitted?.includes("key")
            ? null
            : (poison.letterKey ?? poison.key ?? utf8.encode("k")),
          value: poison.omitted === undefined ? bytes[partition] : null,
          headers: {
            "__streams.errors.topic": "s",
            "__streams.errors.partition": String(partition),
            "__streams.errors.offset": "1",
            "millrace.code": poison.code,
            "millrace.stage": poison.stage,
            "millrace.timestamp": String(wallMs),
          },
        })),
      );
      for (const { headers } of letters) {
        expect(headers["millrace.omitted"]).toBe(poison.omitted);
        expect(Object.keys(headers).length).toBe(poison.omitted === undefined ? 8 : 9);
      }
      const ledger = Object.values(driver.ledger());
      const lost = (name: string) => ledger.reduce((sum, counts) => sum + (counts[name] ?? 0), 0);
      const dropped = poison.code === undefined ? 2 : 0;
      expect([lost("dead") + lost("invalid"), lost("nullDropped")]).toEqual([2 - dropped, dropped]);
    });
  });
});

test("a late record too large for the late stream becomes a dead letter, and what follows is counted", async () => {
  await drive({ plan: LATE_PLAN }, async (driver) => {
    await driver.send("s", [{ atMs: 5000, key: "k", value: "now" }]);
    await put(driver, 0, {
      name: "late",
      value: utf8.encode("x".repeat(899_800)),
      atMs: 100,
      code: undefined,
    });
    await driver.send("s", [{ atMs: 200, key: "k", value: "late" }]);
    expect((await driver.written("late")).map(({ value }) => value)).toEqual(["late"]);
    const [letter, ...others] = await driver.written("dead_letters");
    expect([letter!.headers["millrace.code"], letter!.headers["millrace.stage"], others]).toEqual([
      "RECORD_TOO_LARGE",
      "counted",
      [],
    ]);
    expect(driver.ledger()["counted"]).toMatchObject({
      in: 3,
      accepted: 1,
      lateAtSource: 2,
      dead: 0,
    });
  });
});

test("a key too long for the changelog does not block its partition", async () => {
  await drive({ plan: LATE_PLAN, commitIntervalMs: 100 }, async (driver) => {
    const long = "k".repeat(HUGE_BYTES);
    await driver.send("s", [
      { atMs: 100, key: "a", value: "x" },
      { atMs: 100, key: long, value: "x" },
      { atMs: 200, key: "a", value: "x" },
    ]);
    await driver.wait(1000);
    await driver.send("s", [{ atMs: 5000, key: "a", value: "x" }]);
    expect(await results(driver)).toEqual(['a 0 {"n":2}']);
    expect(await driver.written("dead_letters")).toMatchObject([
      {
        headers: {
          "millrace.code": "RECORD_TOO_LARGE",
          "millrace.stage": "counted",
          "__streams.errors.offset": "1",
        },
      },
    ]);
    expect(driver.ledger()["counted"]).toMatchObject({ in: 4, accepted: 3, dead: 1 });
  });
});

test("a result with a key too long to be written does not block its partition", async () => {
  const joined = Array.from({ length: 10 }, () => "(value.n > 1 ? value.all[0] : 'b')").join(" + ");
  const made = define({
    value: "string",
    source: "key: string, partitionedBy: key, idle: never",
    stages: `${reduce({ value: "{ n: count(), all: 'collect(value, 2)' }" })}\n- map: { key: "${joined}", value: { n: value.n } }`,
  });
  await drive({ plan: made }, async (driver) => {
    const value = "x".repeat(95_000);
    await driver.send("s", [
      { atMs: 1, key: "a", value },
      { atMs: 2, key: "a", value },
      { atMs: 3, key: "b", value: "x" },
      { atMs: 5000, key: "a", value: "x" },
    ]);
    expect((await driver.written("out")).map(({ value }) => value)).toEqual([{ n: 1 }]);
    expect(await driver.written("dead_letters")).toMatchObject([
      { key: null, headers: { "millrace.code": "RECORD_TOO_LARGE", "millrace.stage": "p.3" } },
    ]);
  });
});

const LATE_PLAN = define({
  value: "string",
  source: "key: string, partitionedBy: key, idle: never",
  streams: "late: {}",
  stages: reduce({ late: "late" }),
});

function partitionOf({ headers }: { readonly headers: Readonly<Record<string, string>> }): number {
  return Number(headers["__streams.errors.partition"]);
}
