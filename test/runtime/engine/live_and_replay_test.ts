/**
 * A live run whose quiet partitions close windows by the wall clock, and a bounded replay of what it
 * has read, give the same finals: for data that is on time, which means that no record is read later
 * than `grace` after its event time.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  appendRecord,
  MemoryCluster,
  MemoryLog,
  PreparedPlan,
  TestDriver,
} from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { define, reduce } from "./_driver.ts";

const IDLE_MS = 700;
const GRACE_MS = 300;
const START_MS = 1_000_000;
const PARTITIONS = 3;

const PLAN = define({
  source: `idle: ${IDLE_MS}ms`,
  streams: "wide: {}",
  stages: `- map: { key: value.who }\n${reduce({
    window: `{ hopping: 1s, every: 500ms, grace: ${GRACE_MS}ms }`,
    value: "{ n: count(), total: sum(value.n), all: 'collect(value.n, 100)' }",
  })}`,
  pipelines: [
    "in_a_wider_one:\n  - source: p",
    `  - id: by_wide\n    windowedReduce: { key: "'all'", window: { tumbling: 2s, grace: 0s }, value: { n: sum(value.n), keys: count() }, emit: final }`,
    "  - sink: wide",
  ].join("\n"),
});
const PREPARED = new PreparedPlan(PLAN);

interface Sent {
  readonly partition: number;
  /** How long before it is read the record happened, ms. */
  readonly delayMs: number;
  readonly who: "A" | "B" | "C";
  readonly n: number;
}

type Step =
  | { readonly kind: "send"; readonly records: readonly Sent[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "restart"; readonly how: "clean" | "crash" };

const sent: fc.Arbitrary<Sent> = fc.record({
  partition: fc.nat({ max: PARTITIONS - 1 }),
  delayMs: fc.nat({ max: GRACE_MS }),
  who: fc.constantFrom("A", "B", "C"),
  n: fc.integer({ min: -5, max: 5 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      records: fc.array(sent, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      // Many are longer than a partition takes to be idle and a window to close.
      ms: fc.integer({ min: 1, max: 4000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("restart" as const),
      how: fc.constantFrom("clean" as const, "crash" as const),
    }),
  },
);

type Timed = Sent & { readonly atMs: number };

test("live with idle closing = replay, for data that is on time", async () => {
  /** Finals that came while nothing did, before any event time had passed the end of their windows. */
  let closedByTheClock = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
      const live = await runLive(steps);
      closedByTheClock += live.closedByTheClock;
      const replayed = await replay(live.records);
      expect(live.finals).toEqual(replayed.finals);
      for (const { ledger } of [live, replayed]) {
        expect(ledger["p"]).toMatchObject({ read: live.records.length, dead: 0, invalid: 0 });
        for (const stage of ["counted", "by_wide"]) {
          expect(ledger[stage]).toMatchObject({ lateAtSource: 0, lateAtOperator: 0 });
        }
      }
      expect(live.ledger["counted"]).toEqual(replayed.ledger["counted"]);
    }),
    { numRuns: 60, seed: 1 },
  );
  expect(closedByTheClock).toBeGreaterThan(100);
}, 120_000);

async function runLive(steps: readonly Step[]) {
  const driver = await TestDriver.open({
    plan: PLAN,
    prepared: PREPARED,
    partitions: PARTITIONS,
    startMs: START_MS,
    // What an idle partition let close, and a crash took back, could otherwise close differently.
    createLog: (options) => new MemoryLog({ ...options, atomicCommits: true }),
  });
  const records: Timed[] = [];
  const finals: string[] = [];
  let closedByTheClock = 0;
  const collect = async () => {
    const newest = Math.max(...records.map(({ atMs }) => atMs));
    for (const name of ["out", "wide"]) {
      for (const { key, window, value } of await driver.written(name)) {
        if (window![1] > newest) closedByTheClock++;
        finals.push(`${name} ${String(key)}@${window![0]} ${JSON.stringify(value)}`);
      }
    }
  };
  for (const step of steps) {
    if (step.kind === "wait") await driver.wait(step.ms);
    else if (step.kind === "restart") await driver.restart(step.how);
    else {
      const nowMs = driver.clock.now();
      const timed = step.records.map((record) => ({ ...record, atMs: nowMs - record.delayMs }));
      records.push(...timed);
      await driver.send("s", timed.map(asSent));
    }
    await collect();
  }
  // Every window closes by itself.
  await driver.wait(IDLE_MS + GRACE_MS + 10_000);
  await collect();
  const ledger = driver.ledger();
  await driver.close();
  return { records, finals: finals.sort(), ledger, closedByTheClock };
}

/** The same records, partition by partition as they stand there, as fast as they can be read. */
async function replay(records: readonly Timed[]) {
  const cluster = new MemoryCluster();
  cluster.createTopic({ topic: "s", partitions: PARTITIONS });
  const encoder = PREPARED.encoder(PREPARED.stream("s"));
  for (const record of records) {
    const { key, value, atMs, partition } = asSent(record);
    const encoded = await encoder.encode({ key, value });
    const batch = new BatchBuilder();
    appendRecord(batch, atMs, encoded.key, encoded.value);
    cluster.partition({ topic: "s", partition }).append(batch.finish());
  }
  const driver = await TestDriver.open({
    plan: PLAN,
    prepared: PREPARED,
    partitions: PARTITIONS,
    startMs: START_MS + 86_400_000,
    cluster,
    bounded: true,
  });
  await driver.wait(1000);
  const finals: string[] = [];
  for (const name of ["out", "wide"]) {
    for (const { key, window, value } of await driver.written(name)) {
      finals.push(`${name} ${String(key)}@${window![0]} ${JSON.stringify(value)}`);
    }
  }
  const ledger = driver.ledger();
  await driver.close();
  return { finals: finals.sort(), ledger };
}

function asSent({ partition, atMs, who, n }: Timed) {
  return { partition, atMs, key: null, value: { who, n } };
}
