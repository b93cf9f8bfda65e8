/**
 * What a reducer of one's own costs in windows that overlap, with an inverse and without: CPU time per
 * record, in one process, over the log in memory.
 *
 *     node --import tsx test/bench/own_reducer.ts [thousand records] [rounds]
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import type { Plan } from "../../topology/language/mod.ts";
import { KEYED, median, planOf, userBatches } from "./_in_process.ts";

const RECORDS = 1000 * Number(process.argv[2] ?? 300);
const ROUNDS = Number(process.argv[3] ?? 3);
const KEYS = 1000;
const REDUCERS = {
  "without an inverse": "{ lift: value, combine: a + b }",
  "with one": "{ lift: value, combine: a + b, inverse: a - b }",
};

const batches = userBatches(RECORDS, KEYS);
const times = new Map<string, number[]>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, reducer] of Object.entries(REDUCERS)) {
    const micros = await measure(planned(reducer));
    // The first round warms up.
    if (round > 0) times.set(name, [...(times.get(name) ?? []), micros]);
  }
}
for (const [name, all] of times) {
  console.log(
    `${name.padEnd(20)} ${(median(all, Number) / RECORDS).toFixed(2)} µs of CPU per record`,
  );
}

async function measure(plan: Plan): Promise<number> {
  const driver = await TestDriver.open({ plan });
  const before = process.cpuUsage();
  for (const batch of batches) await driver.append("s", 0, batch);
  await driver.settle();
  const { user, system } = process.cpuUsage(before);
  await driver.close();
  return user + system;
}

function planned(reducer: string): Plan {
  const value = `{ n: count(), sum: ${reducer} }`;
  return planOf(KEYED, [
    "- id: counted",
    `  windowedReduce: { window: { hopping: 60s, every: 1s, grace: 0s }, value: ${value}, emit: final }`,
    "- filter: value.n < 0",
  ]);
}
