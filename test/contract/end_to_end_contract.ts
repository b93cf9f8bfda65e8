/**
 * The product end to end, as processes of its own, on whatever broker it is given: the same suite
 * runs on the embedded broker and on Apache Kafka.
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createKafkaAdmin, createTopicReader, createTopicWriter } from "../../runtime/kafka/mod.ts";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryClient,
  type RegistryServer,
} from "../../runtime/registry/mod.ts";
import { createRecordDecoder, createRecordEncoder, recordsOf } from "../../runtime/serde/mod.ts";
import { appendRecord } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology, type StreamPlan } from "../../topology/language/mod.ts";
import { type Millrace, millrace } from "../support/millrace.ts";
import { hasKcat, hex, readWithKafkajs, readWithKcat } from "./_readers.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SAMPLE = `${ROOT}data/user_log_sample.csv`;
const DOUBLE11 = `${ROOT}topology/double11.yaml`;
const LIMIT_MS = 150_000;
/** Short: who takes over from a killed instance waits for this. */
const SESSION_MS = 1500;

export interface EndToEndBroker {
  readonly broker: string;
  /** Runs a command-line class of Kafka's own, where there is one. */
  readonly tool?: (className: string, args: readonly string[]) => Promise<string>;
  close(): Promise<void>;
}

interface Read {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly rawKey: Uint8Array | null;
  readonly rawValue: Uint8Array | null;
}

export function describeEndToEnd(name: string, start: () => Promise<EndToEndBroker>): void {
  describe(`double11 on ${name}`, () => {
    let broker: EndToEndBroker;
    let registry: RegistryServer;
    let schemas: RegistryClient;
    let where: readonly string[];
    let application = 0;
    let children: Millrace[] = [];

    beforeAll(async () => {
      broker = await start();
      registry = await createRegistryServer();
      schemas = createRegistryClient({ url: registry.url });
      where = ["--brokers", broker.broker, "--registry", registry.url];
    });
    afterEach(async () => {
      await Promise.all(children.map((child) => child.stop("SIGKILL")));
      children = [];
    });
    afterAll(async () => {
      await registry.close();
      await broker.close();
    });

    /** Runs a test with the shipped definition under names of its own, so that tests do not meet. */
    async function withFile(use: (file: string, plan: Plan) => Promise<void>): Promise<void> {
      const suffix = `_${++application}`;
      const text = readFileSync(DOUBLE11, "utf8")
        .replace("topology: double11", `topology: double11${suffix}`)
        .replace("  user_log:\n", `  user_log:\n    topic: user_log${suffix}\n`)
        .replace("topic: result", `topic: result${suffix}`)
        .replace("late_shoppers: {}", `late_shoppers: { topic: late${suffix} }`);
      const folder = mkdtempSync(join(tmpdir(), "millrace-e2e-"));
      const file = join(folder, "topology", "double11.yaml");
      cpSync(join(ROOT, "schemas"), join(folder, "schemas"), { recursive: true });
      mkdirSync(join(folder, "topology"));
      writeFileSync(file, text);
      const { plan, diagnostics } = planTopology({
        file,
        text,
        files: { read: (path) => readFileSync(join(folder, "topology", path), "utf8") },
      });
      if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
      try {
        await use(file, plan);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }

    function run(file: string): Millrace {
      const child = millrace(["run", file, ...where, "--session-timeout", String(SESSION_MS)]);
      children.push(child);
      return child;
    }

    async function feed(file: string, args: readonly string[]): Promise<Millrace> {
      const child = millrace(["feed", ...args, "--topology", file, "--json", ...where]);
      children.push(child);
      return child;
    }

    /** All records of a topic, once `enough` says so. */
    async function read(
      topic: string,
      enough: (records: readonly Read[]) => boolean,
      limitMs = 60_000,
    ): Promise<Read[]> {
      const reader = createTopicReader({ brokers: [broker.broker], topics: [topic] });
      const records: Read[] = [];
      const deadline = performance.now() + limitMs;
      try {
        while (!enough(records)) {
          if (performance.now() > deadline) {
            throw new Error(`Only ${records.length} records of ${topic} in ${limitMs} ms`);
          }
          for (const { bytes, partition } of await reader.poll(200)) {
            for (const { offset, timestampMs, key, value } of recordsOf(bytes)) {
              records.push({
                partition,
                offset,
                timestampMs,
                rawKey: key?.slice() ?? null,
                rawValue: value?.slice() ?? null,
              });
            }
          }
        }
        return records;
      } finally {
        await reader.close();
      }
    }

    async function decoded(stream: StreamPlan, records: readonly Read[]) {
      const decoder = createRecordDecoder(stream, schemas);
      return await Promise.all(
        records.map(async ({ rawKey, rawValue, timestampMs }) => {
          const { key, window, value } = await decoder.decode(rawKey, rawValue);
          return {
            key: key as string,
            start: window?.[0] ?? 0,
            timestampMs,
            value: value as Record<string, number> & Record<string, string>,
          };
        }),
      );
    }

    /** What the source topic says the finals must be: people by `<gender>@<second>`. */
    async function truthOf(plan: Plan, records: number): Promise<Map<string, number>> {
      const source = plan.streams["user_log"]!;
      const rows = await decoded(source, await read(source.topic, (all) => all.length >= records));
      const truth = new Map<string, number>();
      for (const { value, timestampMs } of rows) {
        const name = `${value["gender"]}@${Math.floor(timestampMs / 1000) * 1000}`;
        truth.set(name, (truth.get(name) ?? 0) + 1);
      }
      return truth;
    }

    /** Finals once there is one for every key and window, and how often one was written again. */
    async function finalsOf(plan: Plan, expected: number) {
      const sink = plan.streams["shoppers"]!;
      const keys = (all: readonly Read[]) =>
        new Set(all.map(({ rawKey }) => Array.from(rawKey ?? []).join())).size;
      const results = await decoded(sink, await read(sink.topic, (all) => keys(all) >= expected));
      const finals = new Map<string, number>();
      let repeats = 0;
      for (const { key, start: at, value } of results) {
        const name = `${key}@${at}`;
        const people = value["people"]!;
        if (finals.has(name)) {
          repeats++;
          expect([name, people]).toEqual([name, finals.get(name)]);
        }
        finals.set(name, people);
      }
      return { finals, repeats, results };
    }

    it(
      "counts the sample exactly, and everyone reads the same results",
      { timeout: LIMIT_MS },
      () =>
        withFile(async (file, plan) => {
          const engine = run(file);
          await engine.saw(/running/);
          const fed = await feed(file, [SAMPLE, "--rate", "max"]);
          await fed.saw(/"sent":10000,"malformed":0/);
          const truth = await truthOf(plan, 10_000);
          const { finals, results } = await finalsOf(plan, truth.size);
          expect(finals).toEqual(truth);
          const total = (key: string, field: string) =>
            results
              .filter((result) => key === "*" || result.key === key)
              .reduce((sum, { value }) => sum + value[field]!, 0);
          expect({
            FEMALE: total("FEMALE", "people"),
            MALE: total("MALE", "people"),
            UNKNOWN: total("UNKNOWN", "people"),
            buyers: total("*", "buyers"),
          }).toEqual({ FEMALE: 5230, MALE: 3980, UNKNOWN: 790, buyers: 1074 });

          const { topic } = plan.streams["shoppers"]!;
          const raw = (await read(topic, (all) => all.length >= results.length)).map(
            ({ partition, offset, rawKey, rawValue }) =>
              `${partition}/${offset} ${hex(rawKey)} ${hex(rawValue)}`,
          );
          expect((await readWithKafkajs(broker.broker, topic, results.length)).sort()).toEqual(
            [...raw].sort(),
          );
          expect((await readWithTail(file, results.length)).sort()).toEqual(
            results
              .map(
                ({ key, start: at, value }) => `${key}@${at} ${value["people"]} ${value["buyers"]}`,
              )
              .sort(),
          );
          if (hasKcat)
            expect((await readWithKcat(broker.broker, topic)).sort()).toEqual([...raw].sort());
          if (broker.tool !== undefined) {
            const printed = await broker.tool("org.apache.kafka.tools.consumer.ConsoleConsumer", [
              ...["--bootstrap-server", broker.broker, "--topic", topic, "--from-beginning"],
              ...["--max-messages", String(results.length), "--timeout-ms", "20000"],
              ...["--formatter-property", "print.key=true"],
              ...["--formatter-property", "print.value=false"],
              ...[
                "--formatter-property",
                "key.deserializer=org.apache.kafka.common.serialization.BytesDeserializer",
              ],
            ]);
            const genders = (text: string) => text.match(/FEMALE|MALE|UNKNOWN/g)?.sort();
            expect(genders(printed)).toEqual(results.map(({ key }) => key).sort());
          }
        }),
    );

    async function readWithTail(file: string, count: number): Promise<string[]> {
      const args = ["tail", "shoppers", "--topology", file, "--json", "--until", String(count)];
      const child = millrace([...args, ...where]);
      children.push(child);
      await child.exited;
      return child
        .output()
        .trim()
        .split("\n")
        .map((line) => {
          const { key, window, value } = JSON.parse(line);
          return `${key}@${window[0]} ${value.people} ${value.buyers}`;
        });
    }

    it("keeps every final exact through ten SIGKILLs", { timeout: LIMIT_MS }, () =>
      withFile(async (file, plan) => {
        const records = 6000;
        let engine = run(file);
        await engine.saw(/running/);
        const fed = await feed(file, ["--generate", "--rate", "250", "--limit", String(records)]);
        for (let kill = 0; kill < 10; kill++) {
          await new Promise((resolve) => setTimeout(resolve, 800 + Math.random() * 1700));
          await engine.stop("SIGKILL");
          engine = run(file);
        }
        await fed.saw(/"sent":6000/, 60_000);
        const truth = await truthOf(plan, records);
        const { finals, repeats } = await finalsOf(plan, truth.size);
        console.info(`${name}: 10 kills, ${truth.size} finals, ${repeats} written again`);
        expect(finals).toEqual(truth);
        const { code, ms } = await engine.stop("SIGTERM");
        expect(code).toBe(0);
        expect(ms).toBeLessThan(5000);
      }),
    );

    it(
      "shares the work between two instances, and one takes over when the other is killed",
      { timeout: LIMIT_MS },
      () =>
        withFile(async (file, plan) => {
          const records = 3000;
          const first = run(file);
          await first.saw(/runs 8 tasks/);
          const second = run(file);
          await second.saw(/runs 4 tasks/);
          await first.saw(/runs 4 tasks/);
          const fed = await feed(file, ["--generate", "--rate", "400", "--limit", String(records)]);
          await read(plan.streams["shoppers"]!.topic, (all) => all.length > 0);
          await first.stop("SIGKILL");
          await second.saw(/runs 8 tasks/);
          await fed.saw(/"sent":3000/, 60_000);
          const truth = await truthOf(plan, records);
          const { finals } = await finalsOf(plan, truth.size);
          expect(finals).toEqual(truth);
        }),
    );

    it("goes on after a clean stop without writing a final twice", { timeout: LIMIT_MS }, () =>
      withFile(async (file, plan) => {
        const first = run(file);
        await first.saw(/running/);
        const fed = await feed(file, ["--generate", "--rate", "200", "--limit", "1000"]);
        await read(plan.streams["shoppers"]!.topic, (all) => all.length > 0);
        expect((await first.stop("SIGTERM")).code).toBe(0);
        run(file);
        await fed.saw(/"sent":1000/);
        const truth = await truthOf(plan, 1000);
        const { finals, repeats } = await finalsOf(plan, truth.size);
        expect([finals, repeats]).toEqual([truth, 0]);
      }),
    );

    it(
      "makes dead letters of what it cannot read, and counts the rest exactly",
      { timeout: LIMIT_MS },
      () =>
        withFile(async (file, plan) => {
          const engine = run(file);
          await engine.saw(/running/);
          const source = plan.streams["user_log"]!;
          const encoder = createRecordEncoder(source, schemas);
          const good = await encoder.encode({
            value: { user_id: 1, gender: "FEMALE", action: "BUY" },
          });
          const foreign = good.value!.slice();
          foreign.set([0, 0, 99, 99], 1);
          const values: readonly (Uint8Array | null)[] = [
            good.value,
            Uint8Array.of(9, 9, 9, 9, 9, 9, 9),
            foreign,
            null,
            good.value!.subarray(0, 8),
            new Uint8Array(0),
            good.value,
          ];
          const builder = new BatchBuilder();
          const now = Date.now();
          for (const value of values) {
            appendRecord(builder, now, new TextEncoder().encode("k"), value, { origin: "test" });
          }
          const writer = createTopicWriter({ brokers: [broker.broker] });
          await writer.append([{ topic: source.topic, partition: 2, batches: [builder.finish()] }]);
          await writer.close();
          const { topic } = plan.streams["dead_letters"]!;
          const dead = await read(topic, (all) => all.length >= 4);
          expect(dead.map(({ rawKey, rawValue }) => [hex(rawKey), hex(rawValue)])).toEqual(
            [1, 2, 4, 5].map((n) => ["6b", hex(values[n]!)]),
          );
          const { results } = await finalsOf(plan, 1);
          expect(results.map(({ key, value }) => [key, value["people"], value["buyers"]])).toEqual([
            ["FEMALE", 2, 2],
          ]);
          const admin = createKafkaAdmin({ brokers: [broker.broker] });
          expect(await admin.endOffsets([{ topic, partition: 0 }])).toEqual([4]);
          await admin.close();
        }),
    );
  });
}
