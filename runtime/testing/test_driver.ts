/**
 * The test driver: the production engine over a log in memory, on a clock that only the test moves.
 *
 * Steps are ordered. `send` first moves the clock to the highest time of its records and hands them
 * over as one batch per partition; `wait` moves the clock in small steps, as live time would pass;
 * `expect` looks at what was written since the last `expect`.
 *
 * @module
 */

import type { Plan, SentRecord, StreamPlan } from "../../topology/language/mod.ts";
import { Engine, type Ledger, type SchemaSource } from "../engine/mod.ts";
import { createRecordDecoder, createRecordEncoder, type DecodedRecord } from "../serde/mod.ts";
import {
  BatchBuilder,
  encodeHeaders,
  type HeaderCursor,
  partitionFor,
  RecordCursor,
} from "../wire/mod.ts";
import { ManualClock } from "./manual_clock.ts";
import { MemoryCluster } from "./memory_cluster.ts";
import { MemoryLog, type MemoryLogOptions } from "./memory_log.ts";
import { MemorySchemas } from "./memory_schemas.ts";

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
  /** Makes each engine's log, so that a test can let it fail. @default a plain one */
  readonly createLog?: (options: MemoryLogOptions) => MemoryLog;
}

/** A record on an output topic, decoded. */
export interface WrittenRecord extends DecodedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** `wait` moves the clock by this much at a time: the engine's flush interval. */
const STEP_MS = 100;
/** Turns of the loop that move no record from one topic to the next, before it counts as settled. */
const SETTLED_TURNS = 3;

const utf8 = new TextDecoder();

export class TestDriver {
  readonly clock: ManualClock;
  readonly cluster: MemoryCluster;
  readonly schemas: SchemaSource;
  readonly #options: TestDriverOptions;
  #log!: MemoryLog;
  #engine!: Engine;
  /** Offsets up to which `written` has looked, by `<topic>/<partition>`. */
  readonly #looked = new Map<string, number>();

  private constructor(options: TestDriverOptions) {
    this.#options = options;
    this.clock = options.clock ?? new ManualClock(options.startMs ?? 0);
    this.cluster = options.cluster ?? new MemoryCluster();
    this.schemas = options.schemas ?? new MemorySchemas();
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
    await driver.#start();
    return driver;
  }

  get engine(): Engine {
    return this.#engine;
  }

  ledger(): Ledger {
    return this.#engine.ledger();
  }

  /** Appends records to a source topic and lets the engine work until nothing moves. */
  async send(streamName: string, records: readonly SentRecord[]): Promise<void> {
    const stream = this.#stream(streamName);
    const times = records.flatMap(({ atMs }) => atMs ?? []);
    if (times.length > 0) this.clock.moveTo(Math.max(...times));
    const count = this.cluster.partitionCount(stream.topic);
    const encoder = createRecordEncoder(stream, this.schemas);
    const builders = new Map<number, BatchBuilder>();
    for (const record of records) {
      const { key, value } = await encoder.encode(record);
      const partition =
        record.partition ?? (key === null ? 0 : partitionFor(key, 0, key.length, count));
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

  /** Appends a batch as it is, for records that no encoder makes. */
  async append(topic: string, partition: number, batch: Uint8Array): Promise<void> {
    await this.#log.append([{ topic, partition, batches: [batch] }]);
  }

  /** Lets time pass. */
  async wait(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.now() < until) {
      this.clock.moveTo(Math.min(until, this.clock.now() + STEP_MS));
      await this.#engine.step(0);
    }
    await this.settle();
  }

  /** Stops the engine and starts another one: with a last commit, or as if it had been killed. */
  async restart(how: "clean" | "crash"): Promise<void> {
    if (how === "clean") await this.#engine.close();
    else this.#log.abandon();
    await this.#start();
    await this.settle();
  }

  /** What was written to a stream since the last call, partition by partition in offset order. */
  async written(streamName: string): Promise<WrittenRecord[]> {
    const stream = this.#stream(streamName);
    const decoder = createRecordDecoder(stream, this.schemas);
    const records: WrittenRecord[] = [];
    for (let partition = 0; partition < this.cluster.partitionCount(stream.topic); partition++) {
      const at = { topic: stream.topic, partition };
      const name = `${stream.topic}/${partition}`;
      const from = this.#looked.get(name) ?? 0;
      const end = this.cluster.partition(at).endOffset;
      const cursor = new RecordCursor();
      for await (const { bytes } of this.#log.read(at, from, end)) {
        cursor.reset(bytes);
        cursor.skipTo(from);
        while (cursor.nextBatch()) {
          while (cursor.nextRecord()) {
            const decoded = await decoder.decode(
              rangeOf(cursor.buffer, cursor.keyStart, cursor.keyEnd),
              rangeOf(cursor.buffer, cursor.valueStart, cursor.valueEnd),
            );
            records.push({
              ...decoded,
              partition,
              offset: cursor.offset,
              timestampMs: cursor.timestamp,
              headers: headersOf(cursor.headers()),
            });
          }
        }
      }
      this.#looked.set(name, end);
    }
    return records;
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }

  /** Turns the loop, without moving the clock, until no record moves any more. */
  async settle(): Promise<void> {
    let before = this.#endOffsets();
    for (let turns = 0; turns < SETTLED_TURNS; ) {
      await this.#engine.step(0);
      await this.#engine.flush();
      const after = this.#endOffsets();
      turns = after === before ? turns + 1 : 0;
      before = after;
    }
  }

  #endOffsets(): string {
    return this.cluster.topics
      .map((topic) => {
        const count = this.cluster.partitionCount(topic);
        return Array.from(
          { length: count },
          (_, partition) => this.cluster.partition({ topic, partition }).endOffset,
        ).join();
      })
      .join(";");
  }

  async #start(): Promise<void> {
    const { plan, commitIntervalMs, flushIntervalMs, stateBytes } = this.#options;
    const logOptions = { cluster: this.cluster, clock: this.clock };
    this.#log = this.#options.createLog?.(logOptions) ?? new MemoryLog(logOptions);
    this.#engine = await Engine.start({
      plan,
      log: this.#log,
      schemas: this.schemas,
      clock: this.clock,
      ...(commitIntervalMs === undefined ? {} : { commitIntervalMs }),
      ...(flushIntervalMs === undefined ? {} : { flushIntervalMs }),
      ...(stateBytes === undefined ? {} : { stateBytes }),
    });
  }

  #stream(name: string): StreamPlan {
    const stream = this.#options.plan.streams[name];
    if (stream === undefined) throw new RangeError(`Cannot find stream ${name} in the plan`);
    return stream;
  }
}

/** Adds one record with text headers to a batch. */
export function appendRecord(
  builder: BatchBuilder,
  timestampMs: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: Readonly<Record<string, string>> = {},
): void {
  const entries = Object.entries(headers);
  const encoded = encodeHeaders(
    entries.map(([name, text]) => [name, new TextEncoder().encode(text)] as const),
  );
  builder.append(
    timestampMs,
    key ?? encoded,
    key === null ? -1 : 0,
    key === null ? -1 : key.length,
    value ?? encoded,
    value === null ? -1 : 0,
    value === null ? -1 : value.length,
    encoded,
    0,
    encoded.length,
    entries.length,
  );
}

function rangeOf(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : bytes.subarray(start, end);
}

function headersOf(header: HeaderCursor): Record<string, string> {
  const headers: Record<string, string> = {};
  while (header.next()) {
    const name = utf8.decode(header.buffer.subarray(header.keyStart, header.keyEnd));
    if (header.valueStart >= 0) {
      headers[name] = utf8.decode(header.buffer.subarray(header.valueStart, header.valueEnd));
    }
  }
  return headers;
}
