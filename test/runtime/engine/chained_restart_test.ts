import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TestDriver } from "../../../runtime/testing/mod.ts";
import type { Plan } from "../../../topology/language/mod.ts";
import { define, reduce } from "./_driver.ts";
import { END_MS, openTorn, type Run, run, type Sent, SIZE_MS, startsOf } from "./_random_runs.ts";

const WIDE_MS = 2000;

/** Finals of windows, and what is made of them by other stages. */
function planOf(given: Run): Plan {
  const window = `{ hopping: ${SIZE_MS}ms, every: ${given.everyMs}ms, grace: ${given.graceMs}ms }`;
  const counted = { window, value: "{ n: count(), total: sum(value.n) }" };
  return define({
    source: "key: string, idle: never, maxFuture: unlimited",
    streams:
      "same: {}\nwide: {}\nrunning: { create: { cleanup: compact } }\nnewest: {}\nupdates: {}",
    stages: `- map: { key: value.who }\n${reduce(counted)}`,
    pipelines: [
      "in_the_same_window:\n  - source: p",
      `  - id: by_same\n    windowedReduce: { key: "'all'", window: same, value: { keys: count(), n: sum(value.n), end: max(window.end) }, emit: final }`,
      "  - sink: same",
      "in_a_wider_one:\n  - source: p",
      `  - id: by_wide\n    windowedReduce: { key: "key == 'A'", window: { tumbling: ${WIDE_MS}ms, grace: 0s }, value: { results: count(), n: sum(value.n) }, emit: final }`,
      "  - sink: wide",
      "for_ever:\n  - source: p",
      "  - id: by_running\n    reduce: { value: { results: count(), total: sum(value.total) }, emit: updates }",
      "  - sink: running",
      "for_ever_sampled:\n  - source: p",
      `  - id: by_newest\n    reduce: { key: "'all'", value: { results: count(), total: sum(value.total) }, emit: { every: 700ms } }`,
      "  - sink: newest",
      "each_update:\n  - source: s\n  - map: { key: value.who }",
      `  - id: updated\n    windowedReduce: { window: ${window}, value: { n: count() }, emit: updates }`,
      `  - id: by_updates\n    reduce: { key: "'all'", value: { updates: count(), n: sum(value.n) }, emit: updates }`,
      "  - sink: updates",
    ].join("\n"),
  });
}

interface Expected {
  readonly same: ReadonlyMap<string, string>;
  readonly wide: ReadonlyMap<string, string>;
  readonly running: ReadonlyMap<string, string>;
  readonly newest: ReadonlyMap<string, string>;
  readonly updates: ReadonlyMap<string, string>;
}

/** What must come out, from the records alone. */
function oracle({ steps, everyMs, graceMs }: Run): Expected {
  const streamTimes = new Map<number, number>();
  const finals = new Map<string, { who: string; start: number; n: number; total: number }>();
  let accepted = 0;
  let sumOfUpdates = 0;
  for (const step of steps) {
    if (step.kind !== "send") continue;
    for (const { partition, atMs, who, n } of step.records) {
      const streamTime = Math.max(streamTimes.get(partition) ?? -1, atMs);
      streamTimes.set(partition, streamTime);
      for (const start of startsOf(atMs, everyMs)) {
        if (start + SIZE_MS + graceMs <= streamTime) continue;
        const final = finals.get(`${who}@${start}`) ?? { who, start, n: 0, total: 0 };
        final.n++;
        final.total += n;
        finals.set(`${who}@${start}`, final);
        accepted++;
        sumOfUpdates += final.n;
      }
    }
  }
  const same = new Map<string, { keys: number; n: number; end: number }>();
  const wide = new Map<string, { results: number; n: number }>();
  const running = new Map<string, { results: number; total: number }>();
  const newest = { results: 0, total: 0 };
  for (const { who, start, n, total } of finals.values()) {
    const end = start + SIZE_MS;
    const all = same.get(`all@${start}`) ?? { keys: 0, n: 0, end };
    same.set(`all@${start}`, { keys: all.keys + 1, n: all.n + n, end });
    const wideStart = end - 1 - ((end - 1) % WIDE_MS);
    const inWide = wide.get(`${who === "A"}@${wideStart}`) ?? { results: 0, n: 0 };
    wide.set(`${who === "A"}@${wideStart}`, { results: inWide.results + 1, n: inWide.n + n });
    const of = running.get(who) ?? { results: 0, total: 0 };
    running.set(who, { results: of.results + 1, total: of.total + total });
    newest.results++;
    newest.total += total;
  }
  return {
    same: texts(same),
    wide: texts(wide),
    running: texts(running),
    newest: texts(new Map(newest.results > 0 ? [["all", newest]] : [])),
    updates: texts(new Map(accepted > 0 ? [["all", { updates: accepted, n: sumOfUpdates }]] : [])),
  };
}

function texts(values: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  return new Map([...values].map(([name, value]) => [name, JSON.stringify(value)]));
}

/** Takes in what was written: finals once per window and key, of the others the last one of each key. */
class Collected {
  readonly #of = new Map<string, Map<string, string>>();

  async from(driver: TestDriver, stream: string, isFinal: boolean): Promise<void> {
    const all = this.of(stream);
    for (const { key, window, value } of await driver.written(stream)) {
      const name = window === undefined ? String(key) : `${String(key)}@${window[0]}`;
      const text = JSON.stringify(value);
      if (isFinal && all.has(name)) expect(`${name} ${text}`).toBe(`${name} ${all.get(name)}`);
      all.set(name, text);
    }
  }

  of(stream: string): Map<string, string> {
    let all = this.#of.get(stream);
    if (all === undefined) {
      all = new Map();
      this.#of.set(stream, all);
    }
    return all;
  }
}

/** @returns what a stream has at the end, by name */
async function collect(given: Run): Promise<(stream: string) => readonly [string, string][]> {
  const running = await openTorn(
    planOf(given),
    given.partitions,
    given.commitIntervalMs,
    given.snapshotIntervalMs,
  );
  const { driver } = running;
  const collected = new Collected();
  const send = (records: readonly Sent[]) =>
    driver.send(
      "s",
      records.map(({ partition, atMs, who, n }) => ({
        partition,
        atMs,
        key: null,
        value: { who, n },
      })),
    );
  const take = async (): Promise<void> => {
    await collected.from(driver, "same", true);
    await collected.from(driver, "wide", true);
    for (const stream of ["running", "newest", "updates"]) {
      await collected.from(driver, stream, false);
    }
  };
  try {
    for (const step of given.steps) {
      await running.take(step, send);
      await take();
    }
    await driver.wait(2000);
    await take();
    // Updates of the closing records are left out.
    const updates = new Map(collected.of("updates"));
    await send(
      Array.from({ length: given.partitions }, (_, partition) => ({
        partition,
        atMs: END_MS,
        who: "A" as const,
        n: 0,
      })),
    );
    await driver.wait(4000);
    await take();
    const of = (stream: string) => (stream === "updates" ? updates : collected.of(stream));
    return (stream) => [...of(stream)].sort();
  } finally {
    await driver.close();
  }
}

describe("results that go into other reduces, through crashes, restarts and torn commits", () => {
  test("are taken in once each", async () => {
    await fc.assert(
      fc.asyncProperty(run(3), async (given) => {
        const expected = oracle(given);
        const collected = await collect(given);
        for (const stream of ["same", "wide", "running", "newest", "updates"] as const) {
          const all = collected(stream);
          expect({ stream, all }).toEqual({ stream, all: [...expected[stream]].sort() });
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
