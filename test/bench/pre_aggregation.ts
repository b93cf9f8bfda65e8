/**
 * What records that are put together before a repartition topic save: CPU time per record and bytes in
 * the topic beside those of records that travel as they are, in one process, over the log in memory,
 * which has atomic commits. A commit comes with every 64,000 records.
 *
 *     node --import tsx test/bench/pre_aggregation.ts [thousand records] [rounds]
 *
 * @module
 */

import { MemoryLog, TestDriver } from "../../runtime/testing/mod.ts";
import type { Plan } from "../../topology/language/mod.ts";
import { batches, median, planOf } from "./_in_process.ts";

const RECORDS = 1000 * Number(process.argv[2] ?? 1000);
const ROUNDS = Number(process.argv[3] ?? 3);

const WINDOWS = ["{ tumbling: 1s, grace: 0s }", "{ hopping: 60s, every: 1s, grace: 0s }"];
const KEYS = [3, 1000];

interface Cost {
  readonly micros: number;
  readonly topicBytes: number;
}

const value = new Uint8Array(8);
const view = new DataView(value.buffer);
const records = batches(RECORDS, (n, atMs, builder) => {
  view.setBigInt64(0, BigInt((n * 7919) % 1_000_003));
  builder.append(atMs, value, -1, -1, value, 0, value.length);
});

for (const window of WINDOWS) {
  for (const keys of KEYS) {
    const plan = planned(window, keys);
    const costs: Record<"raw" | "made", Cost[]> = { raw: [], made: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const name of ["raw", "made"] as const) {
        const cost = await measure(plan, name === "made");
        // The first round warms up.
        if (round > 0) costs[name].push(cost);
      }
    }
    const [raw, made] = [median(costs.raw, ofMicros), median(costs.made, ofMicros)];
    console.log(`${window}, ${keys} keys`);
    console.log(`  as they are    ${show(raw)}`);
    console.log(
      `  put together   ${show(made)}: ${(made.micros / raw.micros).toFixed(2)} times the CPU, ` +
        `${(made.topicBytes / raw.topicBytes).toFixed(3)} times the bytes`,
    );
  }
}

async function measure(plan: Plan, preAggregates: boolean): Promise<Cost> {
  const driver = await TestDriver.open({
    plan,
    preAggregates,
    createLog: (options) => new MemoryLog({ ...options, atomicCommits: true }),
  });
  const before = process.cpuUsage();
  for (const batch of records) await driver.append("s", 0, batch);
  await driver.settle();
  const { user, system } = process.cpuUsage(before);
  const { accepted = 0, lateAtOperator = 0 } = driver.ledger()["counted"] ?? {};
  if (accepted < RECORDS || lateAtOperator > 0)
    throw new Error(`Cannot measure: ${accepted} taken`);
  const topic = driver.cluster.partition({ topic: "t-counted-repartition", partition: 0 });
  const topicBytes = topic.read(topic.startOffset, Number.POSITIVE_INFINITY)?.bytes.length ?? 0;
  await driver.close();
  return { micros: user + system, topicBytes };
}

function show({ micros, topicBytes }: Cost): string {
  return `${(micros / RECORDS).toFixed(3)} µs of CPU and ${(topicBytes / RECORDS).toFixed(2)} bytes per record`;
}

function ofMicros({ micros }: Cost): number {
  return micros;
}

function planned(window: string, keys: number): Plan {
  return planOf("", [
    "- id: counted",
    `  windowedReduce: { key: string(value % ${keys}), window: ${window}, value: { n: count(), sum: sum(value) }, emit: final }`,
    "- filter: value.n < 0",
  ]);
}
