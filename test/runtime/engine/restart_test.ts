import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Appended } from "../../../runtime/engine/mod.ts";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { MemoryLog, TestDriver } from "../../../runtime/testing/mod.ts";
import { BatchBuilder, RecordCursor } from "../../../runtime/wire/mod.ts";
import { define, reduce } from "./_driver.ts";

const SIZE_MS = 1000;
/** Later than every random record: closes every window. */
const END_MS = 100_000;

interface Sent {
  readonly partition: number;
  readonly atMs: number;
  readonly who: "A" | "B" | "C";
  readonly n: number;
}

type Step =
  | { readonly kind: "send"; readonly records: readonly Sent[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "restart"; readonly how: "clean" | "crash" }
  /** A commit dies before its offsets: of what it writes to each changelog a first part is there. */
  | { readonly kind: "tear"; readonly kept: number };

interface Run {
  readonly partitions: number;
  /** Distance of the windows' starts. */
  readonly everyMs: number;
  readonly graceMs: number;
  readonly commitIntervalMs: number;
  readonly steps: readonly Step[];
}

const sent = (partitions: number): fc.Arbitrary<Sent> =>
  fc.record({
    partition: fc.nat({ max: partitions - 1 }),
    atMs: fc.nat({ max: 5000 }),
    who: fc.constantFrom("A", "B", "C"),
    n: fc.integer({ min: -5, max: 5 }),
  });

const step = (partitions: number): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("send" as const),
        records: fc.array(sent(partitions), { minLength: 1, maxLength: 6 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("wait" as const),
        ms: fc.integer({ min: 1, max: 1500 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("restart" as const),
        how: fc.constantFrom("clean" as const, "crash" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("tear" as const),
        kept: fc.constantFrom(1, 0.5, 0.2),
      }),
    },
  );

const run: fc.Arbitrary<Run> = fc.integer({ min: 1, max: 4 }).chain((partitions) =>
  fc.record({
    partitions: fc.constant(partitions),
    everyMs: fc.constantFrom(SIZE_MS, 400),
    graceMs: fc.constantFrom(0, 700),
    commitIntervalMs: fc.constantFrom(100, 500, 1000, 5000),
    steps: fc.array(step(partitions), { minLength: 1, maxLength: 10 }),
  }),
);

/** What must come out, from the records alone: late is decided by the record's own partition. */
function oracle({ steps, everyMs, graceMs }: Run): {
  finals: Map<string, string>;
  /** Counted once per window. */
  accepted: number;
  late: number;
  all: number;
} {
  const streamTimes = new Map<number, number>();
  const windows = new Map<string, Folded[]>();
  const offsets = new Map<number, number>();
  let accepted = 0;
  let late = 0;
  let all = 0;
  for (const step of steps) {
    if (step.kind !== "send") continue;
    for (const { partition, atMs, who, n } of step.records) {
      all++;
      const offset = offsets.get(partition) ?? 0;
      offsets.set(partition, offset + 1);
      const streamTime = Math.max(streamTimes.get(partition) ?? -1, atMs);
      streamTimes.set(partition, streamTime);
      for (const start of startsOf(atMs, everyMs)) {
        if (start + SIZE_MS + graceMs <= streamTime) {
          late++;
          continue;
        }
        accepted++;
        const name = `${who}@${start}`;
        windows.set(name, [...(windows.get(name) ?? []), { atMs, partition, offset, n }]);
      }
    }
  }
  const finals = new Map([...windows].map(([name, folded]) => [name, resultOf(folded)]));
  return { finals, accepted, late, all };
}

interface Folded {
  readonly atMs: number;
  readonly partition: number;
  readonly offset: number;
  readonly n: number;
}

/** What `VALUE` means. */
function resultOf(folded: readonly Folded[]): string {
  const records = folded.toSorted(
    (a, b) => a.atMs - b.atMs || a.partition - b.partition || a.offset - b.offset,
  );
  const inOrder = records.map(({ n }) => n);
  const total = inOrder.reduce((sum, n) => sum + n, 0);
  const counts = new Map<string, number>();
  for (const n of inOrder.toSorted((a, b) => a - b)) {
    counts.set(String(n), (counts.get(String(n)) ?? 0) + 1);
  }
  const [often] = [...counts].toSorted(([, a], [, b]) => b - a);
  return showValue({
    people: inOrder.length,
    total,
    low: Math.min(...inOrder),
    high: Math.max(...inOrder),
    mean: total / inOrder.length,
    from: inOrder[0],
    to: inOrder.at(-1),
    least: records.find(({ n }) => n === Math.min(...inOrder))?.atMs,
    all: inOrder,
    top: inOrder.toSorted((a, b) => b - a).slice(0, 2),
    by: counts,
    often: [{ value: Number(often![0]), count: often![1] }],
    kinds: counts.size,
    own: total + inOrder.length,
  });
}

function showValue(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Map ? [...part] : part));
}

/** Starts of the windows that cover a time. */
function startsOf(atMs: number, everyMs: number): number[] {
  const starts: number[] = [];
  for (
    let start = atMs - (atMs % everyMs);
    start >= 0 && start + SIZE_MS > atMs;
    start -= everyMs
  ) {
    starts.push(start);
  }
  return starts;
}

/** Dies once, when told, in a commit: within its changelog, or between that and its offsets. */
class TornLog extends MemoryLog {
  /** Part of each changelog's records that is still written; undefined: lives. */
  kept: number | undefined;

  override async append(appended: readonly Appended[]): Promise<void> {
    const { kept } = this;
    await super.append(
      kept === undefined
        ? appended
        : appended.map((part) =>
            part.topic.endsWith("-changelog")
              ? { ...part, batches: part.batches.map((batch) => firstPart(batch, kept)) }
              : part,
          ),
    );
  }

  override async commit(offsets: Parameters<MemoryLog["commit"]>[0]): Promise<void> {
    if (this.kept !== undefined) throw new MillraceError("INVARIANT", "Cannot commit: torn");
    await super.commit(offsets);
  }
}

/** A batch of the first records of a batch, at least one. */
function firstPart(batch: Uint8Array, kept: number): Uint8Array {
  const builder = new BatchBuilder();
  const cursor = new RecordCursor();
  cursor.reset(batch);
  cursor.nextBatch();
  let left = Math.max(1, Math.floor(cursor.recordCount * kept));
  while (left-- > 0 && cursor.nextRecord()) {
    const { buffer, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    builder.append(cursor.timestamp, buffer, keyStart, keyEnd, buffer, valueStart, valueEnd);
  }
  return builder.finish();
}

const VALUE = [
  "{ people: count(), total: sum(value.n), low: min(value.n), high: max(value.n),",
  "mean: avg(value.n), from: first(value.n), to: last(value.n), least: 'minBy(eventTime, value.n)',",
  "all: 'collect(value.n, 1000)', top: 'largest(value.n, 2)', by: countBy(value.n),",
  "often: 'mostFrequent(value.n, 1)', kinds: distinct(value.n),",
  "own: { lift: { n: value.n, one: 1 }, combine: { n: a.n + b.n, one: a.one + b.one }, lower: a.n + a.one } }",
].join(" ");

/** Runs the steps and collects finals; a repeated final must be the same. */
async function finalsOf(given: Run, rekeyed: boolean) {
  const plan = define({
    source: `key: string, idle: never, maxFuture: unlimited${rekeyed ? "" : ", partitionedBy: key"}`,
    stages: `${rekeyed ? "- map: { key: value.who }\n" : ""}${reduce({
      window: `{ hopping: ${SIZE_MS}ms, every: ${given.everyMs}ms, grace: ${given.graceMs}ms }`,
      value: VALUE,
    })}`,
  });
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
  const finals = new Map<string, string>();
  let repeats = 0;
  const collect = async (): Promise<void> => {
    for (const { key, window, value } of await driver.written("out")) {
      const name = `${String(key)}@${window![0]}`;
      const text = showValue(value);
      if (finals.has(name)) {
        repeats++;
        expect(`${name} ${text}`).toBe(`${name} ${finals.get(name)}`);
      }
      finals.set(name, text);
    }
  };
  const records = (all: readonly Sent[]) =>
    all.map(({ partition, atMs, who, n }) => ({
      partition,
      atMs,
      key: rekeyed ? null : who,
      value: { who, n },
    }));
  for (const step of given.steps) {
    if (step.kind === "send") await driver.send("s", records(step.records));
    else if (step.kind === "wait") await driver.wait(step.ms);
    else if (step.kind === "restart") await driver.restart(step.how);
    else {
      log!.kept = step.kept;
      // Where nothing has changed there is no commit to tear.
      await driver.engine.commit().catch((error) => expect(String(error)).toContain("torn"));
      await driver.restart("crash");
    }
    await collect();
  }
  const closing = Array.from({ length: given.partitions }, (_, partition) => ({
    partition,
    atMs: END_MS,
    key: "end",
    value: { who: "A", n: 0 },
  }));
  await driver.send("s", closing);
  await driver.wait(1500);
  await collect();
  const ledger = driver.ledger();
  await driver.close();
  return { finals, repeats, ledger };
}

describe("crashes, clean restarts, torn commits and any batching", () => {
  test("leave the finals of a re-keyed count exactly what the records say", async () => {
    await fc.assert(
      fc.asyncProperty(run, async (given) => {
        const expected = oracle(given);
        const { finals, ledger } = await finalsOf(given, true);
        expect([...finals].sort()).toEqual([...expected.finals].sort());
        const counts = ledger["counted"]!;
        expect(counts["in"]).toBe(expected.all + given.partitions);
        expect(counts["lateAtSource"]).toBe(expected.late);
        expect(counts["lateAtOperator"]).toBe(0);
        // The closing records stand in windows that are still open.
        const open = given.partitions * startsOf(END_MS, given.everyMs).length;
        expect(counts["accepted"]).toBe(expected.accepted + open);
        expect(counts["resultRecords"]).toBe(expected.accepted);
        expect(ledger["p"]).toMatchObject({
          read: expected.all + given.partitions,
          dead: 0,
          invalid: 0,
        });
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("leave the finals of a stream that is partitioned by key exact, too", async () => {
    await fc.assert(
      fc.asyncProperty(run, async (random) => {
        const place = ({ who }: Sent) => "ABC".indexOf(who) % random.partitions;
        const given: Run = {
          ...random,
          steps: random.steps.map((step) =>
            step.kind === "send"
              ? {
                  ...step,
                  records: step.records.map((record) => ({ ...record, partition: place(record) })),
                }
              : step,
          ),
        };
        const expected = oracle(given);
        const { finals, ledger } = await finalsOf(given, false);
        expect([...finals].sort()).toEqual([...expected.finals].sort());
        const counts = ledger["counted"]!;
        expect(counts["lateAtSource"]).toBe(expected.late);
        expect(counts["resultRecords"]).toBe(expected.accepted);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
