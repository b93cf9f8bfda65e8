/**
 * What distinct windows cost behind sessions: state bytes, memory of the process and CPU time per window
 * of a `window: same` that has many of them open at once, because the watermark of another task holds
 * all of them back; and the same for a watermark that closes them a few at a time.
 *
 *     node --expose-gc --import tsx test/bench/same_windows.ts [thousand windows]
 *
 * Run by itself with each number of windows: what a window costs must not depend on it.
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { FIRST_MS, KEYED, planOf } from "./_in_process.ts";

const WINDOWS = 1000 * Number(process.argv[2] ?? 100);
const STEPS = 1000;
const KEYS = 1000;
const GAP_MS = 10;
/** A session of each key in turn, one record a session, one session a millisecond. */
const LAST_MS = FIRST_MS + WINDOWS;

const utf8 = new TextEncoder();
const plan = planOf(KEYED, [
  "- id: first",
  `  windowedReduce: { window: { session: ${GAP_MS}ms, grace: 0s }, value: { n: count() }, emit: final }`,
  "- map: { key: \"'all'\" }",
  "- id: second",
  "  windowedReduce: { window: same, value: { n: sum(value.n) }, emit: final }",
]);
const driver = await TestDriver.open({ plan, partitions: 2 });
await driver.append("s", 1, batchOf(FIRST_MS, 1));
await driver.settle();
const emptyBytes = driver.engine.stateBytes;
const before = memory();

const taking = process.cpuUsage();
for (let n = 0; n < WINDOWS; n += 1000) await driver.append("s", 0, batchOf(FIRST_MS + n, 1000));
await driver.append("s", 0, batchOf(LAST_MS + 1000, 1));
await driver.settle();
report("taken in", taking);
const { accepted = 0 } = driver.ledger()["second"] ?? {};
console.log(`  ${accepted} windows are open`);
console.log(
  `  ${((driver.engine.stateBytes - emptyBytes) / accepted).toFixed(0)} B of state a window`,
);
console.log(`  ${((memory() - before) / accepted).toFixed(0)} B of the process a window`);

const closing = process.cpuUsage();
for (let step = 1; step <= STEPS; step++) {
  await driver.append("s", 1, batchOf(FIRST_MS + (WINDOWS * step) / STEPS + GAP_MS, 1));
}
await driver.append("s", 1, batchOf(LAST_MS + 1000, 1));
await driver.settle();
report(`closed in ${STEPS} steps`, closing);
const { results = 0 } = driver.ledger()["second"] ?? {};
console.log(`  ${results} results`);
await driver.close();

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function report(what: string, since: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(since);
  console.log(`${what}: ${((user + system) / WINDOWS).toFixed(2)} µs of CPU a window`);
}

function batchOf(fromMs: number, records: number): Uint8Array {
  const builder = new BatchBuilder();
  const value = new Uint8Array(8);
  for (let n = 0; n < records; n++) {
    const key = utf8.encode(`user ${(fromMs + n) % KEYS}`);
    builder.append(fromMs + n, key, 0, key.length, value, 0, value.length, value, 0, 0, 0);
  }
  return builder.finish();
}
