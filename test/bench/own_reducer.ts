/**
 * What a reducer of one's own costs in windows that overlap, with an inverse and without: CPU time per
 * record, in one process, over the log in memory.
 *
 *     node --import tsx test/bench/own_reducer.ts [thousand records] [rounds]
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";

const RECORDS = 1000 * Number(process.argv[2] ?? 300);
const ROUNDS = Number(process.argv[3] ?? 3);
const KEYS = 1000;
const PER_SECOND = 5000;
const PER_BATCH = 1000;
const FIRST_MS = 1_447_171_200_000;
const REDUCERS = {
  "without an inverse": "{ lift: value, combine: a + b }",
  "with one": "{ lift: value, combine: a + b, inverse: a - b }",
};

const utf8 = new TextEncoder();
const times = new Map<string, number[]>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, reducer] of Object.entries(REDUCERS)) {
    const micros = await measure(planned(reducer));
    // The first round warms up.
    if (round > 0) times.set(name, [...(times.get(name) ?? []), micros]);
  }
}
for (const [name, all] of times) {
  const median = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
  console.log(`${name.padEnd(20)} ${(median / RECORDS).toFixed(2)} µs of CPU per record`);
}

async function measure(plan: Plan): Promise<number> {
  const driver = await TestDriver.open({ plan });
  const before = process.cpuUsage();
  for (let n = 0; n < RECORDS; n += PER_BATCH) await driver.append("s", 0, batchOf(n));
  await driver.settle();
  const { user, system } = process.cpuUsage(before);
  await driver.close();
  return user + system;
}

function batchOf(first: number): Uint8Array {
  const builder = new BatchBuilder();
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  for (let n = first; n < first + PER_BATCH; n++) {
    const key = utf8.encode(`user ${(n * 7919) % KEYS}`);
    view.setBigInt64(0, BigInt(n % 1000));
    const atMs = FIRST_MS + Math.floor((n * 1000) / PER_SECOND);
    builder.append(atMs, key, 0, key.length, value, 0, value.length, value, 0, 0, 0);
  }
  return builder.finish();
}

function planned(reducer: string): Plan {
  const text = `topology: t
streams:
  s: { key: string, value: long, partitionedBy: key, idle: never, maxFuture: unlimited }
  out: {}
pipelines:
  p:
    - source: s
    - id: counted
      windowedReduce: { window: { hopping: 60s, every: 1s, grace: 0s }, value: { n: count(), sum: ${reducer} }, emit: final }
    - filter: value.n < 0
    - sink: out
`;
  const { plan, diagnostics } = planTopology({
    file: "t.yaml",
    text,
    files: { read: () => undefined },
  });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}
