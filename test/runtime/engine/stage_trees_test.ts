/** Random trees of stages through restarts, crashes and torn commits, against a naive interpreter. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { MemoryLog, TestDriver } from "../../../runtime/testing/mod.ts";
import {
  BatchBuilder,
  encodeHeaders,
  partitionFor,
  RecordCursor,
} from "../../../runtime/wire/mod.ts";
import { planTopology } from "../../../topology/language/mod.ts";
import type { Rec } from "./_stage_expressions.ts";
import { Layout, SINK_PARTITIONS, tree, WINDOW_MS } from "./_stage_trees.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();
/** Later than every random record: closes every window. */
const END_MS = 100_000;

type Sent = Pick<Rec, "key" | "headers" | "atMs"> & { readonly n: number; readonly to: number };
type Action =
  | { readonly kind: "send"; readonly records: readonly Sent[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "restart"; readonly how: "clean" | "crash" | "tear" };

const sent: fc.Arbitrary<Sent> = fc.record({
  key: fc.constantFrom("A", "B", "", null),
  headers: fc.array(fc.tuple(fc.constantFrom("h0", "h1", "other"), fc.constantFrom("", "x", "ü")), {
    maxLength: 3,
  }),
  atMs: fc.nat({ max: 5000 }),
  n: fc.integer({ min: -4, max: 6 }),
  to: fc.nat({ max: 2 }),
});
const action = (hard: boolean): fc.Arbitrary<Action> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("send" as const),
        records: fc.array(sent, { minLength: 1, maxLength: 5 }),
      }),
    },
    fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 1500 }) }),
    fc.record({
      kind: fc.constant("restart" as const),
      how: hard
        ? fc.constantFrom("crash" as const, "tear" as const)
        : fc.constant("clean" as const),
    }),
  );
const runs = (hard: boolean) =>
  fc.record({
    root: tree,
    partitions: fc.integer({ min: 1, max: 3 }),
    commitIntervalMs: fc.constantFrom(100, 1000, 5000),
    actions: fc.array(action(hard), { minLength: 1, maxLength: 8 }),
  });
type Run = ReturnType<typeof runs> extends fc.Arbitrary<infer T> ? T : never;

/** Dies in its next commit, before the offsets. */
class TornLog extends MemoryLog {
  torn = false;

  override async commit(offsets: Parameters<MemoryLog["commit"]>[0]): Promise<void> {
    if (this.torn) throw new MillraceError("INVARIANT", "Cannot commit: torn");
    await super.commit(offsets);
  }
}

function planOf(layout: Layout) {
  const source = "s: { key: string, value: long, idle: never, maxFuture: unlimited }";
  const yaml = `topology: t\nstreams:\n${[source, ...layout.streams]
    .map((line) => `  ${line}\n`)
    .join("")}pipelines:\n  p:\n      - source: s\n${layout.yaml}\n`;
  const { plan, diagnostics } = planTopology({
    file: "t.yaml",
    text: yaml,
    files: { read: () => undefined },
  });
  if (plan === undefined) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${yaml}`);
  return { plan, yaml };
}

/** Runs the actions on the engine. @returns what it was given as records of the interpreter */
async function drive(given: Run, layout: Layout) {
  const { plan, yaml } = planOf(layout);
  let log: TornLog | undefined;
  const driver = await TestDriver.open({
    plan,
    partitions: given.partitions,
    commitIntervalMs: given.commitIntervalMs,
    createLog: (options) => {
      log = new TornLog(options);
      return log;
    },
  });
  const records: Rec[] = [];
  const ends = Array.from({ length: given.partitions }, () => ({ offset: 0, timeMs: -1 }));
  const send = async (batch: readonly Sent[]) => {
    for (const { to, n, ...record } of batch) {
      const partition = to % given.partitions;
      const end = ends[partition]!;
      end.timeMs = Math.max(end.timeMs, record.atMs);
      const streamTimeMs = end.timeMs;
      records.push({ ...record, value: n, partition, offset: end.offset++, streamTimeMs });
      await driver.append("s", partition, batchOf(record, n));
    }
    await driver.settle();
  };
  for (const action of given.actions) {
    if (action.kind === "send") await send(action.records);
    else if (action.kind === "wait") await driver.wait(action.ms);
    else if (action.how !== "tear") await driver.restart(action.how);
    else {
      log!.torn = true;
      await driver.engine.commit().catch((error) => expect(String(error)).toContain("torn"));
      await driver.restart("crash");
    }
  }
  const closing = ends.map((_, to) => ({ to, n: 5, key: "end", headers: [], atMs: END_MS }));
  await send(closing);
  await driver.wait(1500);
  return { driver, records, yaml };
}

function batchOf({ key, headers, atMs }: Pick<Sent, "key" | "headers" | "atMs">, n: number) {
  const batch = new BatchBuilder();
  const keyBytes = utf8.encode(key ?? "");
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigInt64(0, BigInt(n));
  const entries = encodeHeaders(headers.map(([name, of]) => [name, utf8.encode(of)] as const));
  const keyStart = key === null ? -1 : 0;
  const keyEnd = key === null ? -1 : keyBytes.length;
  batch.append(
    atMs,
    keyBytes,
    keyStart,
    keyEnd,
    value,
    0,
    8,
    entries,
    0,
    entries.length,
    headers.length,
  );
  return batch.finish();
}

/** `<partition> <key> <value> <headers>` of each record on a topic. */
async function linesOf(driver: TestDriver, stream: string): Promise<string[]> {
  const decoded = await driver.written(stream);
  const headers = new Map<string, string>();
  for (let partition = 0; partition < driver.cluster.partitionCount(stream); partition++) {
    const found = driver.cluster.partition({ topic: stream, partition }).read(0, Infinity);
    if (found === undefined) continue;
    const cursor = new RecordCursor();
    cursor.reset(found.bytes);
    while (cursor.nextBatch()) {
      while (cursor.nextRecord()) {
        const header = cursor.headers();
        const all: string[] = [];
        while (header.next()) all.push(`${header.key()}=${text.decode(header.value()!)}`);
        headers.set(`${partition}/${cursor.offset}`, all.join());
      }
    }
  }
  return decoded.map(({ partition, offset, key, window, value }) => {
    const at = window === undefined ? "" : `@${window[0]}`;
    const number = typeof value === "bigint" ? Number(value) : value;
    return `${partition} ${key}${at} ${JSON.stringify(number)} ${headers.get(`${partition}/${offset}`)}`;
  });
}

function lineOf(chosen: number | undefined, { key, value, headers, partition }: Rec): string {
  const bytes = utf8.encode(key ?? "");
  const by =
    key === null
      ? partition % SINK_PARTITIONS
      : partitionFor(bytes, 0, bytes.length, SINK_PARTITIONS);
  const of = headers.map(([name, header]) => `${name}=${header}`).join();
  return `${chosen ?? by} ${key} ${JSON.stringify(value)} ${of}`;
}

async function check(given: Run, hard: boolean): Promise<void> {
  const layout = new Layout(given.root);
  const { driver, records, yaml } = await drive(given, layout);
  const expected = layout.interpret(records);
  const same = (found: readonly string[], wanted: readonly string[], what: string) => {
    // A crash repeats results, the same ones.
    const all = hard ? [...new Set(found)] : found;
    const only = hard ? [...new Set(wanted)] : wanted;
    expect(all.toSorted(), `${what}\n${yaml}`).toEqual(only.toSorted());
    expect(found.length).toBeGreaterThanOrEqual(wanted.length);
  };
  const ledger = driver.ledger();
  for (const [stage, counts] of expected.ledger) {
    if (!stage.includes(" ")) expect(ledger[stage], `${stage}\n${yaml}`).toMatchObject(counts);
  }
  for (const [stage, windows] of expected.windows) {
    const finals = [...windows].flatMap(([name, values]) => {
      const [key, start] = name.split("@") as [string, string];
      if (Number(start) + WINDOW_MS > END_MS) return [];
      const result = { c: values.length, s: values.reduce((sum, value) => sum + value, 0) };
      return [`${key}@${start} ${JSON.stringify(result)}`];
    });
    const found = (await linesOf(driver, `o_${stage}`)).map((line) =>
      line.slice(line.indexOf(" ") + 1, line.lastIndexOf(" ")),
    );
    same(found, finals, stage);
    const closed = finals.reduce((sum, line) => sum + Number(/"c":(\d+)/.exec(line)![1]), 0);
    expect(ledger[stage], yaml).toMatchObject({ resultRecords: closed, lateAtOperator: 0 });
  }
  for (const { name } of Object.values(planOf(layout).plan.streams)) {
    if (!name.startsWith("o_") || ledger[name.slice(2)]?.["accepted"] !== undefined) continue;
    const wanted = (expected.written.get(name) ?? []).map(([chosen, record]) =>
      lineOf(chosen, record),
    );
    same(await linesOf(driver, name), wanted, name);
  }
  expect(ledger["p"] ?? {}, yaml).toMatchObject({ read: records.length, dead: 0, invalid: 0 });
  await driver.close();
}

test("a tree of stages writes and counts exactly what each record says, through clean restarts", async () => {
  await fc.assert(
    fc.asyncProperty(runs(false), (given) => check(given, false)),
    { numRuns: 150 },
  );
}, 120_000);

test("crashes and torn commits repeat results and change none, nor any count", async () => {
  await fc.assert(
    fc.asyncProperty(runs(true), (given) => check(given, true)),
    { numRuns: 150 },
  );
}, 120_000);
