/**
 * What state costs in memory: of the engine's whole process, as the operating system sees it, each
 * case in a process of its own. The log keeps nothing: what is read is made as it is asked for, and
 * what is written is dropped.
 *
 * - Bytes per (key, window), with four windows open: resident memory after a commit and a garbage
 *   collection, less what it was when the same engine had worked through records of few keys, whose
 *   window has closed: what it takes to be at work at all is no state.
 * - The peak while windows of a second come and go whose keys never come again.
 *
 *     node --import tsx test/bench/memory.ts [thousand keys] [million distinct keys]
 *
 * @module
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Engine, type Fetched } from "../../runtime/engine/mod.ts";
import { systemClock } from "../../runtime/kafka/mod.ts";
import { MemoryCluster, MemoryLog, MemorySchemas } from "../../runtime/testing/mod.ts";
import { BatchBuilder, setBaseOffset } from "../../runtime/wire/mod.ts";
import type { Plan } from "../../topology/language/mod.ts";
import { FIRST_MS, KEYED, planOf } from "./_in_process.ts";

/** One run of one plan; records are a multiple of PER_BATCH. */
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
const KEY_BYTES = 8;
const PER_BATCH = 10_000;
/** Records before all others, hours earlier, and their keys. */
const EARLY = 2_000_000;
const EARLY_KEYS = 1000;
const EARLY_MS = 10 * 3_600_000;
const COLLECTIONS = 3;
const COLLECTION_MS = 100;

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
  const log = new MadeUpLog(cluster, makeBatches(chosen));
  const engine = await Engine.start({
    plan: planned(chosen),
    log,
    schemas: new MemorySchemas(),
    clock: systemClock,
  });
  while (log.offset < EARLY) await engine.step(0);
  await engine.commit();
  const idle = await resident();
  const before = process.cpuUsage();
  while (log.offset < EARLY + chosen.records) await engine.step(0);
  const { user, system } = process.cpuUsage(before);
  await engine.commit();
  await engine.commit();
  const held = await resident();
  const { accepted = 0 } = engine.ledger()["counted"] ?? {};
  if (accepted !== EARLY + chosen.records)
    throw new Error(`Cannot measure: ${accepted} were taken`);
  const peak = process.resourceUsage().maxRSS * 1024;
  return { idle, held, peak, counted: engine.stateBytes, micros: user + system };
}

/** Resident memory when garbage is collected, bytes: what was collected is freed a little later. */
async function resident(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let n = 0; n < COLLECTIONS; n++) {
    collect();
    await setTimeout(COLLECTION_MS);
  }
  return process.memoryUsage.rss();
}

/** Makes the records of one partition up, batch by batch, and drops what is written. */
class MadeUpLog extends MemoryLog {
  offset = 0;
  readonly #batches: Iterator<Uint8Array>;

  constructor(cluster: MemoryCluster, batches: Iterator<Uint8Array>) {
    super({ cluster, clock: systemClock });
    this.#batches = batches;
  }

  override async poll(): Promise<readonly Fetched[]> {
    const { done, value } = this.#batches.next();
    const bytes: Uint8Array = done ? new Uint8Array(0) : value;
    if (!done) {
      setBaseOffset(bytes, 0, this.offset, 0);
      this.offset += PER_BATCH;
    }
    const highWatermark = this.offset + 1;
    const asOfMs = systemClock.now();
    const ends = { highWatermark, lastStableOffset: highWatermark, asOfMs };
    return [{ topic: "s", partition: 0, bytes, ...ends }];
  }

  override async append(): Promise<void> {}
}

function* makeBatches({ records, keys, perMs }: Case): Generator<Uint8Array> {
  const key = new Uint8Array(KEY_BYTES).fill(0x30);
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  const builder = new BatchBuilder();
  for (let n = -EARLY; n < records; n++) {
    const early = n < 0;
    for (let rest = early ? -n % EARLY_KEYS : n % keys, at = KEY_BYTES - 1; at >= 0; at--) {
      key[at] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    view.setInt32(4, Math.abs(n) % 1000);
    const atMs = FIRST_MS + (early ? -EARLY_MS : Math.floor(n / perMs));
    builder.append(atMs, key, 0, key.length, value, 0, value.length, value, 0, 0, 0);
    if (builder.count === PER_BATCH) yield builder.finish();
  }
}

function planned({ window, value }: Case): Plan {
  return planOf(KEYED, [
    "- id: counted",
    `  windowedReduce: { window: ${window}, value: ${value}, emit: final }`,
  ]);
}
