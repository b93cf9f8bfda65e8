/**
 * What windows that overlap cost: CPU time per record of one-minute windows every second beside that
 * of one-minute windows that follow each other, in one process, over the log in memory.
 *
 *     node --import tsx test/bench/hopping.ts [thousand records] [rounds]
 *
 * Windows every second have sixty times the results. What these cost is shown apart: once they are
 * made and left at a filter, once they are written.
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";

const RECORDS = 1000 * Number(process.argv[2] ?? 1000);
const ROUNDS = Number(process.argv[3] ?? 3);
const KEYS = 1000;
const PER_SECOND = 5000;
const PER_BATCH = 1000;
const FIRST_MS = 1_447_171_200_000;

const TUMBLING = "{ tumbling: 60s, grace: 0s }";
const HOPPING = "{ hopping: 60s, every: 1s, grace: 0s }";
const WITH_INVERSE = "{ n: count(), sum: sum(value) }";
const WITHOUT = "{ n: count(), most: max(value) }";

const batches = makeBatches();
for (const value of [WITH_INVERSE, WITHOUT]) {
  const cases = {
    "60s/60s": planned(TUMBLING, value, true),
    "60s/1s, results left at a filter": planned(HOPPING, value, true),
    "60s/1s, results written": planned(HOPPING, value, false),
  };
  const times = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, plan] of Object.entries(cases)) {
      const micros = await measure(plan);
      // The first round warms up.
      if (round > 0) times.set(name, [...(times.get(name) ?? []), micros]);
    }
  }
  console.log(value);
  const base = median(times.get("60s/60s")!);
  for (const [name, all] of times) {
    const micros = median(all);
    const perRecord = `${(micros / RECORDS).toFixed(3)} µs of CPU per record`;
    console.log(`  ${name.padEnd(34)} ${perRecord}, ${(micros / base).toFixed(2)} times`);
  }
}

/** @returns CPU time of the run, µs */
async function measure(plan: Plan): Promise<number> {
  const driver = await TestDriver.open({ plan });
  for (const batch of batches.slice(0, 1)) await driver.append("s", 0, batch);
  await driver.settle();
  const before = process.cpuUsage();
  for (const batch of batches.slice(1)) await driver.append("s", 0, batch);
  await driver.settle();
  const { accepted = 0 } = driver.ledger()["p"] ?? {};
  if (accepted < RECORDS - PER_BATCH) throw new Error(`Cannot measure: ${accepted} were taken`);
  const { user, system } = process.cpuUsage(before);
  await driver.close();
  return user + system;
}

function makeBatches(): readonly Uint8Array[] {
  const utf8 = new TextEncoder();
  const keys = Array.from({ length: KEYS }, (_, n) => utf8.encode(`user ${n}`));
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  const made: Uint8Array[] = [];
  for (let n = 0; n < RECORDS; n += PER_BATCH) {
    const builder = new BatchBuilder();
    for (let i = n; i < n + PER_BATCH; i++) {
      const key = keys[(i * 7919) % KEYS]!;
      view.setBigInt64(0, BigInt(i % 1000));
      const atMs = FIRST_MS + Math.floor((i * 1000) / PER_SECOND);
      builder.append(atMs, key, 0, key.length, value, 0, value.length, value, 0, 0, 0);
    }
    made.push(builder.finish());
  }
  return made;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
}

function planned(window: string, value: string, filtered: boolean): Plan {
  const text = `topology: t
streams:
  s: { key: string, value: long, partitionedBy: key, idle: never, maxFuture: unlimited }
  out: {}
pipelines:
  p:
    - source: s
    - windowedReduce: { window: ${window}, value: ${value}, emit: final }
${filtered ? "    - filter: value.n < 0\n" : ""}    - sink: out
`;
  const { plan, diagnostics } = planTopology({
    file: "t.yaml",
    text,
    files: { read: () => undefined },
  });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}
