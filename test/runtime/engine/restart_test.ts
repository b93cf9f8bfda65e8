import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { define, reduce } from "./_driver.ts";
import { END_MS, openTorn, type Run, run, type Sent, SIZE_MS, startsOf } from "./_random_runs.ts";

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
  const running = await openTorn(
    plan,
    given.partitions,
    given.commitIntervalMs,
    given.snapshotIntervalMs,
  );
  const { driver } = running;
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
    await running.take(step, (all) => driver.send("s", records(all)));
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
      fc.asyncProperty(run(4), async (given) => {
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
      fc.asyncProperty(run(4), async (random) => {
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
