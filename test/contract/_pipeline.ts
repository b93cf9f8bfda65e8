/**
 * double11 as processes on a given broker, under names of its own; topics are read to their ends, so
 * that nothing that was written can hide behind what was expected.
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { createKafkaAdmin, createTopicReader, createTopicWriter } from "../../runtime/kafka/mod.ts";
import type { RegistryClient } from "../../runtime/registry/mod.ts";
import { createRecordDecoder } from "../../runtime/serde/mod.ts";
import { appendRecord } from "../../runtime/testing/mod.ts";
import { BatchBuilder, RecordCursor } from "../../runtime/wire/mod.ts";
import { type Plan, type PlanComparison, planTopology } from "../../topology/language/mod.ts";
import { type Millrace, millrace } from "../support/millrace.ts";
import { hex } from "./_readers.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Short: who takes over from a killed instance waits for this. */
export const SESSION_MS = 1500;
const LIMIT_MS = 60_000;

export interface PipelineBroker {
  readonly broker: string;
  /** Runs a command-line class of Kafka's own, where there is one. */
  readonly tool?: (className: string, args: readonly string[]) => Promise<string>;
  /** Kills the broker and starts it again with its data, where it keeps any. */
  readonly restart?: () => Promise<void>;
  close(): Promise<void>;
}

export interface Stored {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** `FEMALE@1700000000000` → `people/buyers`. */
export type Counts = ReadonlyMap<string, string>;

export class Pipeline {
  readonly plan: Plan;
  readonly file: string;
  readonly #folder: string;
  readonly #broker: string;
  readonly #schemas: RegistryClient;
  readonly #where: readonly string[];
  /** What the command line is started from, where that is not the checkout itself. */
  readonly #entry: string | undefined;
  readonly #children: Millrace[] = [];

  constructor(
    suffix: string,
    broker: string,
    registryUrl: string,
    schemas: RegistryClient,
    // Longer than a loaded machine takes to start the feeder: partitions that are idle when the first
    // record comes may have their first window closed without them, as promised.
    idle = "5s",
    entry?: string,
  ) {
    this.#entry = entry;
    this.#broker = broker;
    this.#schemas = schemas;
    this.#where = ["--brokers", broker, "--registry", registryUrl];
    this.#folder = mkdtempSync(join(tmpdir(), "millrace-pipeline-"));
    mkdirSync(join(this.#folder, "topology"));
    cpSync(join(ROOT, "schemas"), join(this.#folder, "schemas"), { recursive: true });
    this.file = join(this.#folder, "topology", "double11.yaml");
    const text = readFileSync(`${ROOT}topology/double11.yaml`, "utf8")
      .replace("topology: double11", `topology: double11${suffix}`)
      .replace("  user_log:\n", `  user_log:\n    topic: user_log${suffix}\n`)
      .replace("idle: 2s", `idle: ${idle}`)
      .replace("topic: result", `topic: result${suffix}`)
      .replace("late_shoppers: {}", `late_shoppers: { topic: late${suffix} }`);
    writeFileSync(this.file, text);
    const { plan, diagnostics } = planTopology({
      file: this.file,
      text,
      files: { read: (path) => readFileSync(join(this.#folder, "topology", path), "utf8") },
    });
    if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
    this.plan = plan;
  }

  run(sessionMs = SESSION_MS): Millrace {
    return this.#start(["run", this.file, "--session-timeout", String(sessionMs)]);
  }

  feed(rate: number, records: number): Millrace {
    const generated = ["--generate", "--rate", String(rate), "--limit", String(records)];
    return this.#start(["feed", ...generated, "--topology", this.file, "--json"]);
  }

  /** Feeds a file of the user log once, as fast as it goes. */
  feedFile(file: string): Millrace {
    return this.#start(["feed", file, "--rate", "max", "--topology", this.file, "--json"]);
  }

  /** Shows that many records of a stream, and ends. */
  tail(stream: string, records: number): Millrace {
    const until = ["--json", "--until", String(records)];
    return this.#start(["tail", stream, "--topology", this.file, ...until]);
  }

  /** What running the file as it is now would change. */
  async compare(): Promise<{ code: number | null; comparison: PlanComparison }> {
    const child = this.#start(["plan", this.file, "--json"]);
    const [code] = (await child.exited) as [number | null];
    return { code, comparison: JSON.parse(child.output()) };
  }

  /** Runs it with more options, to whatever end. */
  runWith(...options: readonly string[]): Millrace {
    return this.#start(["run", this.file, "--session-timeout", String(SESSION_MS), ...options]);
  }

  /** Changes the file that the instances were started with. */
  edit(from: string, to: string): void {
    const text = readFileSync(this.file, "utf8");
    if (!text.includes(from)) throw new Error(`There is no "${from}" in ${this.file}`);
    writeFileSync(this.file, text.replace(from, to));
  }

  /** Resolves once the application has committed that many records of a topic, over all partitions. */
  async commits(topic: string, records: number): Promise<void> {
    const admin = createKafkaAdmin({ brokers: [this.#broker] });
    try {
      const partitions = (await admin.partitionCounts([topic])).get(topic) ?? 0;
      const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
      await vi.waitUntil(
        async () => {
          const committed = await admin.committed(this.plan.application, all);
          return committed.reduce((sum, { offset }) => sum + offset, 0) >= records;
        },
        { timeout: LIMIT_MS, interval: 100 },
      );
    } finally {
      await admin.close();
    }
  }

  #start(args: readonly string[]): Millrace {
    const child = millrace([...args, ...this.#where], undefined, this.#entry);
    this.#children.push(child);
    return child;
  }

  /** Kills what still runs. */
  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop("SIGKILL")));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  topicOf(stream: string): string {
    return this.plan.streams[stream]!.topic;
  }

  /** How many records the topic of a stream holds; 0 where it does not exist. */
  async count(stream: string): Promise<number> {
    const topic = this.topicOf(stream);
    const admin = createKafkaAdmin({ brokers: [this.#broker] });
    try {
      const partitions = (await admin.partitionCounts([topic])).get(topic) ?? 0;
      const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
      return (await admin.endOffsets(all)).reduce((sum, offset) => sum + offset, 0);
    } finally {
      await admin.close();
    }
  }

  /** Resolves once the stream's topic holds that many. */
  async reaches(stream: string, records: number): Promise<void> {
    await vi.waitUntil(async () => (await this.count(stream)) >= records, {
      timeout: LIMIT_MS,
      interval: 50,
    });
  }

  /** Everything that is in the stream's topic now, at least `records`. */
  async read(stream: string, records = 0): Promise<Stored[]> {
    const wanted = Math.max(records, await this.count(stream));
    const found: Stored[] = [];
    if (wanted === 0) return found;
    const reader = createTopicReader({ brokers: [this.#broker], topics: [this.topicOf(stream)] });
    const deadline = performance.now() + LIMIT_MS;
    try {
      while (found.length < wanted) {
        if (performance.now() > deadline) {
          throw new Error(`${stream} has ${found.length} of ${wanted} records`);
        }
        for (const { bytes, partition } of await reader.poll(200)) {
          for (const record of recordsOf(bytes)) found.push({ partition, ...record });
        }
      }
    } finally {
      await reader.close();
    }
    return found;
  }

  async append(partition: number, records: readonly Partial<Stored>[]): Promise<void> {
    const builder = new BatchBuilder();
    for (const { timestampMs, key, value, headers } of records) {
      appendRecord(builder, timestampMs ?? Date.now(), key ?? null, value ?? null, headers);
    }
    const writer = createTopicWriter({ brokers: [this.#broker] });
    const topic = this.topicOf("user_log");
    await writer.append([{ topic, partition, batches: [builder.finish()] }]);
    await writer.close();
  }

  /**
   * What the finals must be, and how many records are late, from the source topic alone: a record is
   * late where its partition has shown a time at or past its second's end before.
   */
  async truth(): Promise<{ readonly counts: Counts; readonly late: number }> {
    const decoder = createRecordDecoder(this.plan.streams["user_log"]!, this.#schemas);
    const counts = new Map<string, [people: number, buyers: number]>();
    const shownMs = new Map<number, number>();
    let late = 0;
    for (const { partition, key, value, timestampMs } of await this.read("user_log")) {
      const newestMs = Math.max(timestampMs, shownMs.get(partition) ?? 0);
      shownMs.set(partition, newestMs);
      const row = value === null ? null : await decoder.decode(key, value).catch(() => null);
      if (row === null) continue;
      const second = Math.floor(timestampMs / 1000) * 1000;
      if (second + 1000 <= newestMs) {
        late++;
        continue;
      }
      const { gender, action } = row.value as { gender: string; action: string };
      const [people, buyers] = counts.get(`${gender}@${second}`) ?? [0, 0];
      counts.set(`${gender}@${second}`, [people + 1, buyers + (action === "BUY" ? 1 : 0)]);
    }
    return { counts: new Map([...counts].map(([name, pair]) => [name, pair.join("/")])), late };
  }

  /** The finals in the sink's topic. A repeat must be the first one again, to the byte. */
  async finals(): Promise<{ readonly counts: Counts; readonly repeats: number }> {
    const decoder = createRecordDecoder(this.plan.streams["shoppers"]!, this.#schemas);
    const written = new Map<string, string>();
    const counts = new Map<string, string>();
    let repeats = 0;
    for (const { partition, timestampMs, key, value } of await this.read("shoppers")) {
      const id = hex(key);
      const all = `${id} in ${partition} at ${timestampMs}: ${hex(value)}`;
      if (written.has(id)) {
        repeats++;
        expect(all).toBe(written.get(id));
      }
      written.set(id, all);
      const { key: gender, window, value: result } = await decoder.decode(key, value);
      const { people, buyers } = result as { people: number; buyers: number };
      expect([timestampMs, window![1]]).toEqual([window![0] + 999, window![0] + 1000]);
      counts.set(`${gender}@${window![0]}`, `${people}/${buyers}`);
    }
    return { counts, repeats };
  }

  /** Resolves once there are finals for that many keys and windows. */
  async settles(finals: number): Promise<void> {
    await this.reaches("shoppers", finals);
    await vi.waitUntil(async () => (await this.finals()).counts.size >= finals, {
      timeout: LIMIT_MS,
      interval: 500,
    });
  }
}

function* recordsOf(bytes: Uint8Array): Generator<Omit<Stored, "partition">> {
  const cursor = new RecordCursor();
  cursor.reset(bytes);
  const slice = (start: number, end: number): Uint8Array | null =>
    start < 0 ? null : Uint8Array.prototype.slice.call(cursor.buffer, start, end);
  while (cursor.nextBatch()) {
    while (cursor.nextRecord()) {
      const headers: Record<string, string> = {};
      const header = cursor.headers();
      while (header.next()) {
        headers[header.key()] = new TextDecoder().decode(header.value() ?? undefined);
      }
      yield {
        offset: cursor.offset,
        timestampMs: cursor.timestamp,
        key: slice(cursor.keyStart, cursor.keyEnd),
        value: slice(cursor.valueStart, cursor.valueEnd),
        headers,
      };
    }
  }
}
