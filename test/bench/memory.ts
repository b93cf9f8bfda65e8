/**
 * What state costs in memory: of the engine's whole process, as the operating system sees it, each
 * case in a process of its own. The log is in memory; what the engine has read and written is
 * deleted as it goes, so that the log keeps nothing.
 *
 * - Bytes per (key, window), with four windows open: resident memory after a commit and a garbage
 *   collection, less what it was before the first record.
 * - The peak while windows of a second come and go whose keys never come again.
 *
 *     node --import tsx test/bench/memory.ts [thousand keys] [million distinct keys]
 *
 * @module
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Engine } from "../../runtime/engine/mod.ts";
import { systemClock } from "../../runtime/kafka/mod.ts";
import { MemoryCluster, MemoryLog, MemorySchemas } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";

/** One run of one plan. */
interface Case {
  readonly name: string;
  readonly window: string;
  readonly value: string;
  readonly records: number;
  /** Keys go round: the n-th record has key number `n % keys`. */
  readonly keys: number;
  /** Event time: records per millisecond. */
  readonly perMs: number;
}

interface Outcome {
  /** Resident memory, bytes. */
  readonly idle: number;
  readonly held: number;
  readonly peak: number;
  /** What the budget says is held. */
  readonly counted: number;
  readonly micros: number;
}

const KEYS = 1000 * Number(process.argv[2] ?? 1000);
const DISTINCT = 1e6 * Number(process.argv[3] ?? 20);
const OPEN_WINDOWS = 4;
const KEY_BYTES = 10;
const FIRST_MS = 1_447_171_200_000;
const PER_BATCH = 1000;
const BATCHES_PER_TURN = 10;

const open = {
  window: "{ tumbling: 10s, grace: 1h }",
  records: KEYS * OPEN_WINDOWS,
  keys: KEYS,
  perMs: KEYS / 10_000,
};
const CASES: readonly Case[] = [
  { ...open, name: "count()", value: "{ n: count() }" },
  { ...open, name: "count() and sum of a long", value: "{ n: count(), sum: sum(value) }" },
  {
    name: "each key once",
    window: "{ tumbling: 1s, grace: 0s }",
    value: "{ n: count() }",
    records: DISTINCT,
    keys: DISTINCT,
    perMs: 100,
  },
];

if (process.send === undefined) await compare();
else process.once("message", async (chosen: Case) => process.send!(await measure(chosen)));

async function compare(): Promise<void> {
  for (const chosen of CASES) {
    const child = fork(new URL(import.meta.url), process.argv.slice(2), {
      execArgv: ["--import", "tsx"],
    });
    child.send(chosen);
    const [outcome] = (await once(child, "message")) as [Outcome];
    child.kill();
    print(chosen, outcome);
  }
}

function print({ name, records, keys }: Case, outcome: Outcome): void {
  const { idle, held, peak, counted, micros } = outcome;
  const per = (bytes: number) => `${(bytes / records).toFixed(1)} B`.padStart(7);
  const mega = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`.padStart(6);
  console.log(`${name}: ${records} records of ${keys} keys of ${KEY_BYTES} bytes`);
  if (keys < records) {
    console.log(`  per (key, window)    ${per(held - idle)} resident, ${per(counted)} counted`);
  }
  console.log(
    `  resident             ${mega(idle)} before, ${mega(held)} after, ${mega(peak)} peak`,
  );
  console.log(`  CPU per record       ${(micros / records).toFixed(3)} µs`);
}

async function measure(chosen: Case): Promise<Outcome> {
  const cluster = new MemoryCluster();
  cluster.createTopic({ topic: "s", partitions: 1 });
  const engine = await Engine.start({
    plan: planned(chosen),
    log: new MemoryLog({ cluster, clock: systemClock }),
    schemas: new MemorySchemas(),
    clock: systemClock,
  });
  const batches = makeBatches(chosen);
  // The first records compile what is run often.
  await turn(engine, cluster, batches);
  const idle = await settled(engine);
  const before = process.cpuUsage();
  while (await turn(engine, cluster, batches));
  const { user, system } = process.cpuUsage(before);
  await engine.commit();
  purge(cluster);
  const counted = engine.stateBytes;
  const held = await settled(engine);
  const { accepted = 0 } = engine.ledger()["counted"] ?? {};
  if (accepted !== chosen.records) throw new Error(`Cannot measure: ${accepted} were taken`);
  const peak = process.resourceUsage().maxRSS * 1024;
  return { idle, held, peak, counted, micros: user + system };
}

/** Appends some batches and works through them. @returns false when there are no more */
async function turn(
  engine: Engine,
  cluster: MemoryCluster,
  batches: Iterator<Uint8Array>,
): Promise<boolean> {
  const source = cluster.partition({ topic: "s", partition: 0 });
  for (let n = 0; n < BATCHES_PER_TURN; n++) {
    const { done, value } = batches.next();
    if (done) return false;
    source.append(value);
  }
  await engine.step(0);
  purge(cluster);
  return true;
}

function purge(cluster: MemoryCluster): void {
  for (const topic of cluster.topics) {
    for (let partition = 0; partition < cluster.partitionCount(topic); partition++) {
      const log = cluster.partition({ topic, partition });
      log.deleteBefore(log.endOffset);
    }
  }
}

/** Resident memory when nothing is left to be collected, bytes. */
async function settled(engine: Engine): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let n = 0; n < 3; n++) {
    await engine.step(0);
    collect();
  }
  return process.memoryUsage.rss();
}

function* makeBatches({ records, keys, perMs }: Case): Generator<Uint8Array> {
  const key = new Uint8Array(KEY_BYTES).fill(0x30);
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  const builder = new BatchBuilder();
  for (let n = 0; n < records; n++) {
    for (let rest = n % keys, at = KEY_BYTES - 1; at >= 0; at--) {
      key[at] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    view.setInt32(4, n % 1000);
    const atMs = FIRST_MS + Math.floor(n / perMs);
    builder.append(atMs, key, 0, key.length, value, 0, value.length, value, 0, 0, 0);
    if (builder.count === PER_BATCH) yield builder.finish();
  }
  if (!builder.isEmpty) yield builder.finish();
}

function planned({ window, value }: Case): Plan {
  const text = `topology: t
streams:
  s: { key: string, value: long, partitionedBy: key, idle: never, maxFuture: unlimited }
  out: {}
pipelines:
  p:
    - source: s
    - id: counted
      windowedReduce: { window: ${window}, value: ${value}, emit: final }
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
