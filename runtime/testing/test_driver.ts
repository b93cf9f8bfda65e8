/**
 * The test driver: the production engine over a log in memory, on a clock that only the test moves.
 *
 * Steps are ordered. `send` first moves the clock to the highest time of its records and hands them
 * over as one batch per partition; `wait` moves the clock in small steps, as live time would pass;
 * `instances` lets several engines share the partitions; `written` gives what was written since it
 * was last asked.
 *
 * @module
 */

import type { EndOfInstance, Plan, SentRecord } from "../../topology/language/mod.ts";
import type {
  Engine,
  EngineEvent,
  Functions,
  Ledger,
  SchemaSource,
  SnapshotStore,
} from "../engine/mod.ts";
import type { DecodedRecord } from "../serde/mod.ts";
import { BatchBuilder, partitionFor } from "../wire/mod.ts";
import { Instances } from "./instances.ts";
import { ManualClock } from "./manual_clock.ts";
import { MemoryCluster } from "./memory_cluster.ts";
import { MemoryLog, type MemoryLogOptions } from "./memory_log.ts";
import { PreparedPlan } from "./prepared_plan.ts";
import { appendRecord, readRecords } from "./record_batches.ts";

export interface TestDriverOptions {
  readonly plan: Plan;
  /** Partitions of every source topic. @default 1 */
  readonly partitions?: number;
  /** Wall clock at the start, Unix epoch ms. @default 0 */
  readonly startMs?: number;
  readonly commitIntervalMs?: number;
  readonly flushIntervalMs?: number;
  readonly stateBytes?: number;
  /** Shared by several drivers: instances of one application. */
  readonly cluster?: MemoryCluster;
  readonly clock?: ManualClock;
  readonly schemas?: SchemaSource;
  /** What the module of functions exports that the plan names. @default nothing */
  readonly functions?: Functions;
  /** Of the same plan; with it `schemas` and `functions` are not looked at. @default prepared for this driver alone */
  readonly prepared?: PreparedPlan;
  /** Makes each engine's log, so that a test can let it fail. @default a plain one */
  readonly createLog?: (options: MemoryLogOptions) => MemoryLog;
  /** See `EngineOptions`. @default true */
  readonly preAggregates?: boolean;
  /** Every engine ends what was there when it started. @default false */
  readonly bounded?: boolean;
  /**
   * `restart` and `instances` leave everyone where they are, and nothing moves but by
   * `engines` and `settle`. @default false
   */
  readonly stepwise?: boolean;
  /** Where the engines keep snapshots. @default nowhere */
  readonly snapshots?: SnapshotStore;
  readonly snapshotIntervalMs?: number;
  /** What the engines do. */
  readonly onEvent?: (event: EngineEvent) => void;
}

/** A record on an output topic, decoded. */
export interface WrittenRecord extends DecodedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** `wait` moves the clock by this much at a time, the engine's flush interval, … */
const STEP_MS = 100;
/** … or by more, so that waiting for a day does not take 864,000 turns: nothing is sent meanwhile. */
const MAX_STEPS = 600;

export class TestDriver {
  readonly clock: ManualClock;
  readonly cluster: MemoryCluster;
  readonly #prepared: PreparedPlan;
  readonly #instances: Instances;
  readonly #stepwise: boolean;
  /** Offsets up to which `written` has looked, by `<topic>/<partition>`. */
  readonly #looked = new Map<string, number>();
  /** Records without key and partition so far, by topic. */
  readonly #keyless = new Map<string, number>();

  private constructor(options: TestDriverOptions) {
    const { plan, commitIntervalMs, flushIntervalMs, stateBytes, bounded, createLog, onEvent } =
      options;
    const { snapshots, snapshotIntervalMs, preAggregates } = options;
    const clock = options.clock ?? new ManualClock(options.startMs ?? 0);
    const cluster = options.cluster ?? new MemoryCluster();
    this.clock = clock;
    this.cluster = cluster;
    this.#stepwise = options.stepwise ?? false;
    this.#prepared = options.prepared ?? new PreparedPlan(plan, options.functions, options.schemas);
    const { functions, schemas, programs } = this.#prepared;
    this.#instances = new Instances({
      cluster,
      createLog: () => createLog?.({ cluster, clock }) ?? new MemoryLog({ cluster, clock }),
      engine: {
        plan,
        functions,
        schemas,
        clock,
        programs,
        ...(commitIntervalMs === undefined ? {} : { commitIntervalMs }),
        ...(flushIntervalMs === undefined ? {} : { flushIntervalMs }),
        ...(stateBytes === undefined ? {} : { stateBytes }),
        ...(bounded === undefined ? {} : { bounded }),
        ...(preAggregates === undefined ? {} : { preAggregates }),
        ...(snapshots === undefined ? {} : { snapshots }),
        ...(snapshotIntervalMs === undefined ? {} : { snapshotIntervalMs }),
        ...(onEvent === undefined ? {} : { onEvent }),
      },
    });
  }

  static async open(options: TestDriverOptions): Promise<TestDriver> {
    const driver = new TestDriver(options);
    for (const { inputs } of options.plan.subtopologies) {
      for (const { from } of inputs) {
        if (from.kind !== "stream") continue;
        const { topic } = options.plan.streams[from.stream]!;
        driver.cluster.createTopic({ topic, partitions: options.partitions ?? 1 });
      }
    }
    await driver.#instances.resize(1, "clean");
    return driver;
  }

  get schemas(): SchemaSource {
    return this.#prepared.schemas;
  }

  /** Of the oldest instance. */
  get engine(): Engine {
    return this.#instances.first.engine;
  }

  /** The oldest first, for tests that turn each of them by itself. */
  get engines(): readonly Engine[] {
    return this.#instances.engines;
  }

  /** Tasks by instance, the oldest first. */
  get tasks(): readonly (readonly string[])[] {
    return this.#instances.tasks;
  }

  /** Summed over all instances. */
  ledger(): Ledger {
    return this.#instances.ledger();
  }

  /** Appends records to a source topic and lets the engine work until nothing moves. */
  async send(streamName: string, records: readonly SentRecord[]): Promise<void> {
    const stream = this.#prepared.stream(streamName);
    const times = records.flatMap(({ atMs }) => atMs ?? []);
    if (times.length > 0) this.clock.moveTo(Math.max(...times));
    const encoder = this.#prepared.encoder(stream);
    const builders = new Map<number, BatchBuilder>();
    for (const record of records) {
      const { key, baseKey, value } = await encoder.encode(record);
      const partition = record.partition ?? this.#partitionOf(stream.topic, baseKey);
      let builder = builders.get(partition);
      if (builder === undefined) {
        builder = new BatchBuilder();
        builders.set(partition, builder);
      }
      appendRecord(builder, record.atMs ?? this.clock.now(), key, value, record.headers ?? {});
    }
    for (const [partition, builder] of builders) {
      await this.append(stream.topic, partition, builder.finish());
    }
    await this.settle();
  }

  /** As producers do: by key, and records without one in turn. */
  #partitionOf(topic: string, key: Uint8Array | null): number {
    const count = this.cluster.partitionCount(topic);
    if (key !== null) return partitionFor(key, 0, key.length, count);
    const before = this.#keyless.get(topic) ?? 0;
    this.#keyless.set(topic, before + 1);
    return before % count;
  }

  /** Appends a batch as it is, for records that no encoder makes. */
  async append(topic: string, partition: number, batch: Uint8Array): Promise<void> {
    this.cluster.partition({ topic, partition }).append(batch);
    this.cluster.notify();
  }

  /** Lets time pass. */
  async wait(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    const stepMs = Math.max(STEP_MS, Math.ceil(ms / MAX_STEPS));
    while (this.clock.now() < until) {
      this.clock.moveTo(Math.min(until, this.clock.now() + stepMs));
      await this.#instances.step();
    }
    await this.settle();
  }

  /** Stops every engine and starts as many: with a last commit, or as if they had been killed. */
  async restart(how: EndOfInstance): Promise<void> {
    await this.#instances.restart(how);
    if (!this.#stepwise) await this.settle();
  }

  /** Lets `count` engines share the partitions; the newest ones end when they are too many. */
  async instances(count: number, leaving: EndOfInstance): Promise<void> {
    await this.#instances.resize(count, leaving);
    if (!this.#stepwise) await this.settle();
  }

  /** What was written to a stream since the last call, partition by partition in offset order. */
  async written(streamName: string): Promise<WrittenRecord[]> {
    const stream = this.#prepared.stream(streamName);
    const decoder = this.#prepared.decoder(stream);
    const records: WrittenRecord[] = [];
    for (let partition = 0; partition < this.cluster.partitionCount(stream.topic); partition++) {
      const name = `${stream.topic}/${partition}`;
      const log = this.cluster.partition({ topic: stream.topic, partition });
      const from = this.#looked.get(name) ?? 0;
      const found = log.read(from, Number.POSITIVE_INFINITY);
      if (found === undefined) continue;
      for (const { key, value, ...rest } of readRecords(found.bytes, from)) {
        records.push({ ...(await decoder.decode(key, value)), partition, ...rest });
      }
      this.#looked.set(name, found.nextOffset);
    }
    return records;
  }

  /** Lets every engine commit and leave. */
  async close(): Promise<void> {
    await this.#instances.resize(0, "clean");
  }

  /** Drops every engine as it stands, when nobody will look at the log any more. */
  abandon(): void {
    this.#instances.abandon();
  }

  /** Turns the loops, without moving the clock, until no record moves any more. */
  async settle(): Promise<void> {
    await this.#instances.settle();
  }
}
