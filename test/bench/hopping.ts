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
import type { Plan } from "../../topology/language/mod.ts";
import { KEYED, median, PER_BATCH, planOf, userBatches } from "./_in_process.ts";

const RECORDS = 1000 * Number(process.argv[2] ?? 1000);
const ROUNDS = Number(process.argv[3] ?? 3);
const KEYS = 1000;

const TUMBLING = "{ tumbling: 60s, grace: 0s }";
const HOPPING = "{ hopping: 60s, every: 1s, grace: 0s }";
const WITH_INVERSE = "{ n: count(), sum: sum(value) }";
const WITHOUT = "{ n: count(), most: max(value) }";

const batches = userBatches(RECORDS, KEYS);
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
  const base = median(times.get("60s/60s")!, Number);
  for (const [name, all] of times) {
    const micros = median(all, Number);
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
  const { accepted = 0 } = driver.ledger()["counted"] ?? {};
  if (accepted < RECORDS - PER_BATCH) throw new Error(`Cannot measure: ${accepted} were taken`);
  const { user, system } = process.cpuUsage(before);
  await driver.close();
  return user + system;
}

function planned(window: string, value: string, isFiltered: boolean): Plan {
  return planOf(KEYED, [
    "- id: counted",
    `  windowedReduce: { window: ${window}, value: ${value}, emit: final }`,
    ...(isFiltered ? ["- filter: value.n < 0"] : []),
  ]);
}
