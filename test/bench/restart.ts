/**
 * How fast an instance is ready again after a kill: with a snapshot, and from the changelog alone.
 *
 *     node --import tsx test/bench/restart.ts [--keys 1000000] [--kafka]
 *
 * Fills as many keys of one open window through `millrace run`, kills it, and starts it again; the time
 * is from the start of the process to the event that its tasks run. The broker is `millrace broker`, in
 * a process of its own, or with --kafka an Apache Kafka (see test/kafka). Between a kill and a start the
 * killed member's session ends, so that no start waits for that.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createKafkaAdmin, createKafkaLog, createTopicWriter } from "../../runtime/kafka/mod.ts";
import { createRegistryClient } from "../../runtime/registry/mod.ts";
import { BatchBuilder, partitionFor } from "../../runtime/wire/mod.ts";
import { parseAvroSchema } from "../../topology/language/mod.ts";
import { startKafka } from "../kafka/harness.ts";

const { values } = parseArgs({
  options: {
    keys: { type: "string", default: "1000000" },
    kafka: { type: "boolean", default: false },
  },
});
const keys = Number(values.keys);
const HERE = new URL(".", import.meta.url).pathname;
const PARTITIONS = 4;
const BATCH_RECORDS = 1000;
const START_MS = 1_700_000_000_000;
const CHANGELOG = "restart-per_key-changelog";
const SESSION_MS = 6000;
/** Longer than a snapshot of each task takes its turn. */
const QUIET_MS = 12_000;

interface Assigned {
  readonly event: string;
  readonly restoredEntries: number;
  readonly snapshotEntries: number;
}

function millrace(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(HERE, "../../runtime/cli/millrace.js"), ...args, "--json"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** The first line that fits. */
async function told<T>(child: ChildProcess, fits: (line: Partial<T>) => boolean): Promise<T> {
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) {
    const read = JSON.parse(line);
    if (fits(read)) {
      child.stdout!.resume();
      return read;
    }
  }
  throw new Error("The process ended before it said what was waited for");
}

async function fill(broker: string, schemaId: number): Promise<void> {
  const writer = createTopicWriter({ brokers: [broker] });
  const builders = Array.from({ length: PARTITIONS }, () => new BatchBuilder());
  const value = new Uint8Array(6);
  new DataView(value.buffer).setInt32(1, schemaId);
  const write = async (partition: number) => {
    const batches = [builders[partition]!.finish()];
    await writer.append([{ topic: "amounts", partition, batches }]);
  };
  for (let n = 0; n < keys; n++) {
    const key = new TextEncoder().encode(`key-${String(n).padStart(9, "0")}`);
    // Zigzag, one byte.
    value[5] = 2 * (n % 60);
    const partition = partitionFor(key, 0, key.length, PARTITIONS);
    const builder = builders[partition]!;
    builder.append(START_MS, key, 0, key.length, value, 0, value.length, key, 0, 0, 0);
    if (builder.count === BATCH_RECORDS) await write(partition);
  }
  for (const [partition, builder] of builders.entries()) {
    if (!builder.isEmpty) await write(partition);
  }
  await writer.close();
}

/** Waits until the changelog has every key and stays as it is. */
async function filled(broker: string): Promise<void> {
  const log = createKafkaLog({ brokers: [broker] });
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
    topic: CHANGELOG,
    partition,
  }));
  const size = async () => (await log.endOffsets(partitions)).reduce((sum, end) => sum + end, 0);
  let before = -1;
  for (let now = await size(); now < keys || now !== before; now = await size()) {
    before = now;
    await sleep(QUIET_MS);
  }
  await log.close();
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await sleep(SESSION_MS + 2000);
}

const folder = await mkdtemp(join(tmpdir(), "millrace-restart-"));
const services = millrace("broker", "--broker-port", "0", "--registry-port", "0");
const kafka = values.kafka ? await startKafka() : undefined;
let running: ChildProcess | undefined;
try {
  const served = await told<{ readonly broker: string; readonly registry: string }>(
    services,
    ({ registry }) => registry !== undefined,
  );
  const broker = kafka?.brokers[0] ?? served.broker;
  const { registry } = served;
  const admin = createKafkaAdmin({ brokers: [broker] });
  await admin.createTopics([
    { topic: "amounts", partitions: PARTITIONS, configs: { "retention.ms": "-1" } },
  ]);
  await admin.close();
  const schema = parseAvroSchema(JSON.parse(readFileSync(join(HERE, "amount.avsc"), "utf8")));
  const schemas = createRegistryClient({ url: registry });
  await fill(broker, await schemas.register("amounts-value", schema));

  const start = (...args: string[]) =>
    millrace(
      "run",
      join(HERE, "restart.yaml"),
      ...["--brokers", broker, "--registry", registry, "--session-timeout", String(SESSION_MS)],
      ...args,
    );
  const withSnapshots = ["--state-dir", folder, "--snapshot-interval", "1000"];
  const restart = async (what: string, ...args: string[]) => {
    const startMs = performance.now();
    running = start(...args);
    const { restoredEntries, snapshotEntries } = await told<Assigned>(
      running,
      ({ event }) => event === "assigned",
    );
    const seconds = (performance.now() - startMs) / 1000;
    const perSecond = Math.round((restoredEntries + snapshotEntries) / seconds);
    console.log(
      `${what.padEnd(20)} ready in ${seconds.toFixed(2)} s: ${snapshotEntries} entries of snapshots, ` +
        `${restoredEntries} of changelogs, ${perSecond}/s`,
    );
    await kill(running);
  };

  console.log(`${keys} keys on ${kafka === undefined ? "the embedded broker" : "Apache Kafka"}`);
  running = start(...withSnapshots);
  await filled(broker);
  await kill(running);
  await restart("snapshot", ...withSnapshots);
  await restart("changelog alone");
} finally {
  running?.kill("SIGKILL");
  services.kill("SIGTERM");
  await kafka?.close();
  await rm(folder, { recursive: true });
}
