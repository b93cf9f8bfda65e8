/**
 * What sliding windows cost by the number of records in them: CPU time per record of one key in one
 * process, over the log in memory. A window that costs as much as it has records takes ten times the
 * time for ten times the records in it.
 *
 *     node --import tsx test/bench/sliding.ts [thousand records]
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import type { Plan } from "../../topology/language/mod.ts";
import { FIRST_MS, KEYED, planOf } from "./_in_process.ts";

const RECORDS = 1000 * Number(process.argv[2] ?? 50);
const INSIDE = [10, 100, 1000];
const PER_BATCH = 500;
const VALUES = {
  "with an inverse": "{ n: count(), sum: sum(value) }",
  "without one": "{ n: count(), most: max(value) }",
  "a last value": "{ n: count(), newest: last(value) }",
};

const utf8 = new TextEncoder();
for (const [name, value] of Object.entries(VALUES)) {
  const micros: string[] = [];
  for (const inside of INSIDE) micros.push((await measure("final", value, inside)).toFixed(1));
  console.log(`final, ${name}: ${micros.join(", ")} µs of CPU per record`);
}
const micros: string[] = [];
for (const inside of [10, 100]) {
  micros.push((await measure("updates", VALUES["with an inverse"], inside)).toFixed(1));
}
console.log(`updates, with an inverse: ${micros.join(", ")} µs of CPU per record`);

/** @param inside records of a window */
async function measure(emit: string, value: string, inside: number): Promise<number> {
  const records = emit === "final" ? RECORDS : RECORDS / 10;
  const driver = await TestDriver.open({ plan: planned(emit, value, inside) });
  await driver.append("s", 0, batchOf(0));
  await driver.settle();
  const before = process.cpuUsage();
  for (let n = PER_BATCH; n < records; n += PER_BATCH) await driver.append("s", 0, batchOf(n));
  await driver.settle();
  const { user, system } = process.cpuUsage(before);
  await driver.close();
  return (user + system) / records;
}

/** A record a millisecond. */
function batchOf(first: number): Uint8Array {
  const builder = new BatchBuilder();
  const key = utf8.encode("k");
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  for (let n = first; n < first + PER_BATCH; n++) {
    view.setBigInt64(0, BigInt((n * 7919) % 1000));
    builder.append(FIRST_MS + n, key, 0, key.length, value, 0, value.length, value, 0, 0, 0);
  }
  return builder.finish();
}

function planned(emit: string, value: string, inside: number): Plan {
  return planOf(KEYED, [
    "- id: counted",
    `  windowedReduce: { window: { sliding: ${inside}ms, grace: 0s }, value: ${value}, emit: ${emit} }`,
    "- filter: value.n < 0",
  ]);
}
