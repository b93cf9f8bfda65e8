/**
 * The peer: kafkajs `eachBatch`, avsc, a Map of counts, results produced once per window and key when
 * stream time has passed its end and grace. No changelog, no CRC check (kafkajs has none), offsets
 * committed every second.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import avsc from "avsc";
import { Kafka, logLevel } from "kafkajs";

const [brokers, , topic, total] = process.argv.slice(2) as [string, string, string, string];
const WINDOW_MS = 10_000;
const GRACE_MS = 1000;
const records = Number(total);
const type = avsc.Type.forSchema(
  JSON.parse(readFileSync(new URL("page_view.avsc", import.meta.url), "utf8")),
);
const result = avsc.Type.forSchema({
  type: "record",
  name: "Views",
  fields: [{ name: "views", type: "long" }],
});
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
const output = `views-kafkajs-${Date.now()}`;
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic: output, numPartitions: 4 }] });
await admin.disconnect();
const producer = kafka.producer();
await producer.connect();
const consumer = kafka.consumer({ groupId: `job-w-${Date.now()}`, maxWaitTimeInMs: 100 });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });

interface Partition {
  streamTime: number;
  readonly windows: Map<number, Map<string, number>>;
}
const partitions = new Map<number, Partition>();
const counts: Record<string, number> = {};
let read = 0;
let done: () => void;
const finished = new Promise<void>((resolve) => {
  done = resolve;
});

async function close(state: Partition, partition: number, watermark: number): Promise<void> {
  for (const [start, window] of state.windows) {
    if (start + WINDOW_MS + GRACE_MS > watermark) continue;
    state.windows.delete(start);
    const messages = [];
    for (const [page, views] of window) {
      counts[`${page}@${start}`] = views;
      messages.push({
        key: page,
        value: result.toBuffer({ views }),
        partition,
        timestamp: String(start),
      });
    }
    for (let n = 0; n < messages.length; n += 500) {
      await producer.send({ topic: output, messages: messages.slice(n, n + 500) });
    }
  }
}

const cpuBefore = process.cpuUsage();
const started = performance.now();
await consumer.run({
  autoCommitInterval: 1000,
  eachBatch: async ({ batch }) => {
    let state = partitions.get(batch.partition);
    if (state === undefined) {
      state = { streamTime: 0, windows: new Map() };
      partitions.set(batch.partition, state);
    }
    for (const message of batch.messages) {
      const view = type.fromBuffer(message.value!.subarray(5)) as { ts: number; pageId: string };
      if (view.ts > state.streamTime) state.streamTime = view.ts;
      const start = Math.floor(view.ts / WINDOW_MS) * WINDOW_MS;
      if (start + WINDOW_MS + GRACE_MS <= state.streamTime) continue;
      let window = state.windows.get(start);
      if (window === undefined) {
        window = new Map();
        state.windows.set(start, window);
      }
      const page = message.key!.toString();
      window.set(page, (window.get(page) ?? 0) + 1);
    }
    await close(state, batch.partition, state.streamTime);
    read += batch.messages.length;
    if (read >= records) done();
  },
});
await finished;
for (const [partition, state] of partitions)
  await close(state, partition, Number.POSITIVE_INFINITY);
const cpu = process.cpuUsage(cpuBefore);
const wallSeconds = (performance.now() - started) / 1000;
await consumer.disconnect();
await producer.disconnect();
const outcome = { cpuSeconds: (cpu.user + cpu.system) / 1e6, wallSeconds, counts };
// A pipe takes a long line in parts: exit when it has them all.
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
