/** A described topology on the test driver: its input in, its outputs and ledger out, along a run. */

import type { Engine, Ledger } from "../../runtime/engine/mod.ts";
import {
  appendRecord,
  ManualClock,
  MemoryCluster,
  type MemoryLogOptions,
  MemorySnapshots,
  PreparedPlan,
  TestDriver,
  type WrittenRecord,
} from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";
import { TornLog } from "../support/torn_log.ts";
import { definitionText, RAW_SCHEMA } from "./definition.ts";
import type { InputRecord, Topology } from "./description.ts";
import type { Read, Run, Step } from "./runs.ts";

export interface Observed {
  readonly written: ReadonlyMap<string, readonly WrittenRecord[]>;
  readonly ledger: Ledger;
}

/** Later than every record of any input. */
const FAR_MS = 1e13;
const START_MS = 1_000_000;
const MANY_BATCHES = 1000;
/** What has not arrived along the run does so in batches of this many, … */
const LAST_BATCH_RECORDS = 3;
/** … and is read in so many rounds before everything settles. */
const LAST_ROUNDS = 5;
const POISON = Uint8Array.of(7, 7);

/** What runs of one topology share, so that a run costs its own records only. */
export class Application {
  readonly #topology: Topology;
  readonly #prepared: PreparedPlan;

  /** @throws {Error} when the planner refuses the definition */
  constructor(topology: Topology) {
    this.#topology = topology;
    this.#prepared = new PreparedPlan(planOf(definitionText(topology)));
  }

  /** What has to be added to the input for a run: the far records that close its windows. */
  closing({ end }: Run): InputRecord[] {
    if (end === "bounded") return [];
    return this.#topology.sources.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({
        source: name,
        partition,
        timestampMs: FAR_MS,
        key: null,
        value: null,
      })),
    );
  }

  /** @param input with its closing records */
  async run(input: readonly InputRecord[], run: Run): Promise<Observed> {
    const running = await RunningApplication.open(this.#topology, this.#prepared, input, run);
    try {
      for (const step of run.steps) await running.take(step);
      return await running.finish();
    } finally {
      running.abandon();
    }
  }
}

function planOf(text: string): Plan {
  const files = { read: () => JSON.stringify(RAW_SCHEMA) };
  const { plan, diagnostics } = planTopology({ file: "random.yaml", text, files });
  if (plan === undefined) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${text}`);
  return plan;
}

/** What has not arrived yet of one source partition. */
interface Feed {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly Encoded[];
  next: number;
}

interface Encoded {
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

class RunningApplication {
  readonly #topology: Topology;
  readonly #prepared: PreparedPlan;
  readonly #run: Run;
  readonly #feeds: readonly Feed[];
  readonly #cluster = new MemoryCluster();
  readonly #snapshots = new MemorySnapshots();
  readonly #clock = new ManualClock(START_MS);
  #driver!: TestDriver;
  /** Of the instance that is being turned. */
  #reads: readonly Read[] | undefined;
  /** That a poll brings of a partition at most. */
  #maxBatches = MANY_BATCHES;
  /** Of the instance that was started last. */
  #log: TornLog | undefined;

  private constructor(
    topology: Topology,
    prepared: PreparedPlan,
    feeds: readonly Feed[],
    run: Run,
  ) {
    this.#topology = topology;
    this.#prepared = prepared;
    this.#feeds = feeds;
    this.#run = run;
  }

  static async open(
    topology: Topology,
    prepared: PreparedPlan,
    input: readonly InputRecord[],
    run: Run,
  ): Promise<RunningApplication> {
    const feeds: Feed[] = [];
    for (const { name, partitions } of topology.sources) {
      for (let partition = 0; partition < partitions; partition++) {
        const records = input.filter(
          (record) => record.source === name && record.partition === partition,
        );
        feeds.push({ topic: name, partition, records: await encoded(prepared, records), next: 0 });
      }
    }
    const running = new RunningApplication(topology, prepared, feeds, run);
    for (const { name, partitions } of topology.sources) {
      running.#cluster.createTopic({ topic: name, partitions });
    }
    running.#driver = await running.#open(false);
    await running.#driver.instances(run.instances, "clean");
    return running;
  }

  abandon(): void {
    this.#driver.abandon();
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "arrive":
        return this.#arrive(this.#feeds[step.feed % this.#feeds.length]!, step.records);
      case "turn":
        this.#reads = step.reads;
        try {
          return await this.#engine(step.instance).step(0);
        } finally {
          this.#reads = undefined;
        }
      case "flush":
        return this.#engine(step.instance).flush();
      case "commit":
        return this.#engine(step.instance).commit();
      case "round":
        return this.#round(this.#driver.engines);
      case "alone":
        return this.#round(Array(step.turns).fill(this.#engine(step.instance)));
      case "settle":
        return this.#driver.settle();
      case "time":
        return this.#clock.moveTo(this.#clock.now() + step.ms);
      case "restart":
        return this.#driver.restart(step.how);
      case "instances":
        return this.#driver.instances(step.count, step.leaving);
      case "tear":
        return this.#tear(step.kept);
    }
  }

  async #round(engines: readonly Engine[]): Promise<void> {
    this.#maxBatches = this.#run.maxBatches;
    for (const engine of engines) {
      await engine.step(0);
      await engine.flush();
    }
    this.#maxBatches = MANY_BATCHES;
  }

  /** Lets the rest arrive and everything close. */
  async finish(): Promise<Observed> {
    for (const feed of this.#feeds) {
      while (feed.next < feed.records.length) await this.#arrive(feed, LAST_BATCH_RECORDS);
    }
    if (this.#run.end === "bounded") {
      await this.#driver.close();
      this.#driver = await this.#open(true);
    }
    for (let n = 0; n < LAST_ROUNDS; n++) await this.#round(this.#driver.engines);
    await this.#driver.settle();
    // What goes out by the wall clock.
    this.#clock.moveTo(this.#clock.now() + 1000);
    await this.#driver.settle();
    const written = new Map<string, readonly WrittenRecord[]>();
    for (const name of this.#outputs()) written.set(name, await this.#driver.written(name));
    return { written, ledger: this.#driver.ledger() };
  }

  #outputs(): string[] {
    const all = Object.values(this.#prepared.plan.streams);
    const sources = new Set(this.#topology.sources.map(({ name }) => name));
    return all.map(({ name }) => name).filter((name) => !sources.has(name));
  }

  #open(bounded: boolean): Promise<TestDriver> {
    const { atomic, preAggregates, snapshots, flushIntervalMs, commitIntervalMs } = this.#run;
    return TestDriver.open({
      plan: this.#prepared.plan,
      prepared: this.#prepared,
      cluster: this.#cluster,
      clock: this.#clock,
      flushIntervalMs,
      commitIntervalMs,
      preAggregates,
      ...(snapshots && { snapshots: this.#snapshots, snapshotIntervalMs: 0 }),
      stepwise: true,
      bounded,
      createLog: (options) => {
        this.#log = new TornLog({
          ...options,
          atomicCommits: atomic,
          schedule: (assigned) => this.#schedule(assigned),
        });
        return this.#log;
      },
    });
  }

  #schedule(assigned: Parameters<NonNullable<MemoryLogOptions["schedule"]>>[0]) {
    if (this.#reads === undefined) {
      return assigned.map((partition) => ({ partition, maxBatches: this.#maxBatches }));
    }
    const chosen = new Set<number>();
    return this.#reads.flatMap(({ partition, maxBatches }) => {
      const n = partition % Math.max(1, assigned.length);
      if (chosen.has(n) || assigned.length === 0) return [];
      chosen.add(n);
      return { partition: assigned[n]!, maxBatches };
    });
  }

  #engine(instance: number): Engine {
    const { engines } = this.#driver;
    return engines[instance % engines.length]!;
  }

  async #arrive(feed: Feed, count: number): Promise<void> {
    const records = feed.records.slice(feed.next, feed.next + count);
    feed.next += records.length;
    if (records.length === 0) return;
    const builder = new BatchBuilder();
    for (const { timestampMs, key, value } of records) {
      appendRecord(builder, timestampMs, key, value);
    }
    await this.#driver.append(feed.topic, feed.partition, builder.finish());
  }

  /** The newest instance dies in a commit, and the others with it. */
  async #tear(kept: number): Promise<void> {
    this.#log!.kept = kept;
    // Where nothing has changed there is no commit to tear.
    await this.#driver.engines.at(-1)!.commit().catch(refuseOther);
    await this.#driver.restart("crash");
  }
}

function refuseOther(error: unknown): void {
  if (!String(error).includes("torn")) throw error;
}

async function encoded(
  prepared: PreparedPlan,
  records: readonly InputRecord[],
): Promise<Encoded[]> {
  return Promise.all(
    records.map(async ({ source, timestampMs, key, value }) => {
      const encoder = prepared.encoder(prepared.stream(source));
      const bytes = await encoder.encode({ key, value: value === "poison" ? null : value });
      return { timestampMs, key: bytes.key, value: value === "poison" ? POISON : bytes.value };
    }),
  );
}
