/**
 * What a topology puts on the wire beside keys and values, on whatever broker it is given, read by
 * kafkajs: headers, null values, partitions.
 */

import { type IHeaders, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../runtime/engine/mod.ts";
import { createKafkaLog, systemClock } from "../../runtime/kafka/mod.ts";
import { MemorySchemas } from "../../runtime/testing/mod.ts";
import { BatchBuilder, encodeHeaders, type RecordHeader } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";
import { topicName } from "./_log_helpers.ts";

export interface OutputsBroker {
  readonly broker: string;
  close(): Promise<void>;
}

const LIMIT_MS = 60_000;
const utf8 = new TextEncoder();

/** `partition key value headers`, a header of several values with all of them. */
interface Read {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

function definition(name: string): string {
  return `topology: ${name}
streams:
  s: { topic: ${name}_s, key: string, value: string, create: { partitions: 2 } }
  last: { topic: ${name}_last, value: string, create: { partitions: 3, cleanup: compact } }
pipelines:
  p:
    - source: s
    - peek: {}
    - branch:
        - when: value.startsWith('-')
          stages:
            - map: { key: value.substring(1), tombstone: true, headers: { trace: key } }
            - sink: last
        - stages:
            - map: { headers: { n: size(value), raw: "b'\\\\xff\\\\x00'" } }
            - sink: { stream: last, partition: size(value) }
`;
}

function planned(text: string): Plan {
  const { plan, diagnostics } = planTopology({
    file: "t.yaml",
    text,
    files: { read: () => undefined },
  });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

function windowedDefinition(name: string): string {
  return `topology: ${name}
streams:
  s: { topic: ${name}_s, key: { window: string, size: 1s }, value: string }
  kept: { topic: ${name}_kept, create: { partitions: 3 } }
  totals: { topic: ${name}_totals, key: string, create: { partitions: 1 } }
pipelines:
  kept_ones:
    - source: s
    - filter: value != 'yz' && window.end == 2024
    - sink: kept
  sums:
    - source: s
    - id: per_key
      reduce: { value: { n: sum(size(value)), at: max(window.start) }, emit: updates }
    - sink: totals
`;
}

function failingDefinition(name: string): string {
  return `topology: ${name}
streams:
  s: { topic: ${name}_s, value: string }
  out: { topic: ${name}_out }
  failures: { topic: ${name}_failures }
pipelines:
  p:
    - source: s
    - map: { value: 10 / int(value) }
    - sink: out
  failed:
    - source: dead_letters
    - { onError: skip, map: { key: "headers['millrace.code']" } }
    - { onError: fail, sink: failures }
`;
}

export function describeOutputs(name: string, start: () => Promise<OutputsBroker>): void {
  describe(`what a topology writes to ${name}`, () => {
    let broker: OutputsBroker;
    beforeAll(async () => {
      broker = await start();
    }, LIMIT_MS);
    afterAll(() => broker.close());

    it("has the headers, the tombstones and the partitions that its stages say", {
      timeout: LIMIT_MS,
    }, async () => {
      const application = topicName().replaceAll("-", "_");
      const plan = planned(definition(application));
      const source = { topic: `${application}_s`, partition: 1 };
      const came: readonly RecordHeader[] = [
        ["trace", utf8.encode("1")],
        ["n", utf8.encode("gone")],
        ["trace", utf8.encode("2")],
      ];
      const writer = createKafkaLog({ brokers: [broker.broker] });
      await writer.createTopics([{ topic: source.topic, partitions: 2, configs: {} }]);
      await writer.append([{ ...source, batches: [batchOf(["ab", "x", "-ab", "toolong"], came)] }]);
      await writer.close();

      const peeked: unknown[] = [];
      const log = createKafkaLog({ brokers: [broker.broker] });
      const engine = await Engine.start({
        plan,
        log,
        schemas: new MemorySchemas(),
        clock: systemClock,
        bounded: true,
        onEvent: (event) => {
          if (event.kind === "peeked") peeked.push(event);
        },
      });
      await engine.run();
      await log.close();

      const read = await readAll(broker.broker, `${application}_last`, 3);
      const ordered = read.toSorted((a, b) => (String(a.value) < String(b.value) ? -1 : 1));
      expect(ordered).toEqual([
        {
          partition: 2,
          key: "k",
          value: "ab",
          headers: { trace: ["1", "2"], n: ["2"], raw: ["\xff\0"] },
        },
        // By key, as Kafka's own partitioner has it: murmur2("ab") mod 3.
        {
          partition: 2,
          key: "ab",
          value: null,
          headers: { n: ["gone"], trace: ["k"] },
        },
        {
          partition: 1,
          key: "k",
          value: "x",
          headers: { trace: ["1", "2"], n: ["1"], raw: ["\xff\0"] },
        },
      ]);
      const letters = await readAll(broker.broker, `${application}-dead-letters`, 1);
      expect(letters[0]).toMatchObject({
        value: "toolong",
        headers: { n: ["gone"], "millrace.code": ["PARTITION_OUT_OF_RANGE"] },
      });
      expect(peeked).toMatchObject([
        { stage: "p.1", ...source, offset: 0, shown: { key: "k", value: "ab" } },
      ]);
    });

    it("has the windows that its source's keys have, and their base keys alone where they are plain", {
      timeout: LIMIT_MS,
    }, async () => {
      const application = topicName().replaceAll("-", "_");
      const plan = planned(windowedDefinition(application));
      const source = { topic: `${application}_s`, partition: 0 };
      // int64BE(1024) behind the key; and one that lacks a byte.
      const windowed = utf8.encode("ab\0\0\0\0\0\0\x04\0");
      const short = utf8.encode("\0\0\0\0\0\x04\0");
      const writer = createKafkaLog({ brokers: [broker.broker] });
      await writer.createTopics([{ topic: source.topic, partitions: 2, configs: {} }]);
      const batches = [batchOf(["x"], [], short), batchOf(["x", "yz"], [], windowed)];
      await writer.append([{ ...source, batches }]);
      await writer.append([{ ...source, partition: 1, batches: [batchOf(["z"], [], windowed)] }]);
      await writer.close();

      const log = createKafkaLog({ brokers: [broker.broker] });
      const engine = await Engine.start({
        plan,
        log,
        schemas: new MemorySchemas(),
        clock: systemClock,
        bounded: true,
      });
      await engine.run();
      await log.close();

      const kept = await readAll(broker.broker, `${application}_kept`, 2);
      // Both by murmur2("ab") mod 3, wherever they came from.
      expect(kept.map(({ partition, key }) => [partition, key])).toEqual([
        [2, "ab\0\0\0\0\0\0\x04\0"],
        [2, "ab\0\0\0\0\0\0\x04\0"],
      ]);
      const totals = await readAll(broker.broker, `${application}_totals`, 3);
      expect(totals.map(({ key }) => key)).toEqual(["ab", "ab", "ab"]);
      const letters = await readAll(broker.broker, `${application}-dead-letters`, 1);
      expect(letters).toMatchObject([
        { key: "\0\0\0\0\0\x04\0", headers: { "millrace.code": ["UNDECODABLE"] } },
      ]);
    });

    it("comes back to it where it reads its own dead letters", { timeout: LIMIT_MS }, async () => {
      const application = topicName().replaceAll("-", "_");
      const plan = planned(failingDefinition(application));
      const log = createKafkaLog({ brokers: [broker.broker] });
      const engine = await Engine.start({
        plan,
        log,
        schemas: new MemorySchemas(),
        clock: systemClock,
      });
      const running = engine.run();
      const batches = [batchOf(["1", "x", "0"])];
      await log.append([{ topic: `${application}_s`, partition: 0, batches }]);
      const failures = await readAll(broker.broker, `${application}_failures`, 2);
      engine.stop();
      await running;
      await log.close();
      expect(failures.map(({ key, value }) => `${key} ${value}`)).toEqual([
        "BAD_CONVERSION x",
        "DIVISION_BY_ZERO 0",
      ]);
    });
  });
}

/** Records of one key, each with these headers. */
function batchOf(
  values: readonly string[],
  headers: readonly RecordHeader[] = [],
  key = utf8.encode("k"),
): Uint8Array {
  const batch = new BatchBuilder();
  const entries = encodeHeaders(headers);
  for (const text of values) {
    const value = utf8.encode(text);
    batch.append(
      Date.now(),
      key,
      0,
      key.length,
      value,
      0,
      value.length,
      entries,
      0,
      entries.length,
      headers.length,
    );
  }
  return batch.finish();
}

async function readAll(broker: string, topic: string, count: number): Promise<Read[]> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-of-${topic}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const all: Read[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ partition, message: { key, value, headers = {} } }) => {
          all.push({
            partition,
            key: key?.toString() ?? null,
            value: value?.toString() ?? null,
            headers: texts(headers),
          });
          if (all.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return all;
}

function texts(headers: IHeaders): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      name,
      [values ?? []].flat().map((value) => Buffer.from(value).toString("latin1")),
    ]),
  );
}
