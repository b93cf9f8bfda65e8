/**
 * What windows that overlap cost where their newest results go out by the wall clock: CPU time per
 * record and state bytes of one-minute windows every second beside those of one-minute windows that
 * follow each other, live: a second of the wall clock for each of event time, results every 10 s.
 *
 *     node --import tsx test/bench/hopping_every.ts [thousand records] [rounds]
 *
 * There are sixty times the results. They are left at a filter.
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import type { Plan } from "../../topology/language/mod.ts";
import { KEYED, median, PER_BATCH, PER_SECOND, planOf, userBatches } from "./_in_process.ts";

const RECORDS = 1000 * Number(process.argv[2] ?? 500);
const ROUNDS = Number(process.argv[3] ?? 2);
const KEYS = 1000;

const TUMBLING = "{ tumbling: 60s, grace: 0s }";
const HOPPING = "{ hopping: 60s, every: 1s, grace: 0s }";
const WITH_INVERSE = "{ n: count(), sum: sum(value) }";
const WITHOUT = "{ n: count(), most: max(value) }";

interface Cost {
  readonly micros: number;
  readonly stateBytes: number;
  readonly results: number;
}

const batches = userBatches(RECORDS, KEYS);
for (const value of [WITH_INVERSE, WITHOUT]) {
  console.log(value);
  for (const [name, window] of Object.entries({ "60s/60s": TUMBLING, "60s/1s": HOPPING })) {
    const plan = planned(window, value);
    const costs: Cost[] = [];
    for (let round = 0; round <= ROUNDS; round++) costs.push(await measure(plan));
    // The first round warms up.
    const { micros, stateBytes, results } = median(costs.slice(1), (cost) => cost.micros);
    console.log(
      `  ${name.padEnd(10)} ${(micros / RECORDS).toFixed(3)} µs of CPU per record, ` +
        `${(results / RECORDS).toFixed(2)} results per record, ${(stateBytes / 1e6).toFixed(1)} MB of state`,
    );
  }
}

async function measure(plan: Plan): Promise<Cost> {
  const driver = await TestDriver.open({ plan });
  const before = process.cpuUsage();
  let stateBytes = 0;
  for (const [n, batch] of batches.entries()) {
    await driver.append("s", 0, batch);
    if (n % (PER_SECOND / PER_BATCH) > 0) continue;
    await driver.wait(1000);
    stateBytes = Math.max(stateBytes, driver.engine.stateBytes);
  }
  await driver.settle();
  const { accepted = 0, results = 0 } = driver.ledger()["counted"] ?? {};
  if (accepted < RECORDS - PER_BATCH) throw new Error(`Cannot measure: ${accepted} were taken`);
  const { user, system } = process.cpuUsage(before);
  await driver.close();
  return { micros: user + system, stateBytes, results };
}

function planned(window: string, value: string): Plan {
  return planOf(KEYED, [
    "- id: counted",
    `  windowedReduce: { window: ${window}, value: ${value}, emit: { every: 10s } }`,
    "- filter: value.n < 0",
  ]);
}
