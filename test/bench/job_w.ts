/**
 * Job W, side by side: the engine against a plain kafkajs `eachBatch` + avsc + Map loop, in one run, on
 * one broker in another process, over one topic. Prints records per CPU-second of each contender's
 * process and the paired ratios; every contender's counts are compared with the truth first.
 *
 *     npm run bench -- [--records 2000000] [--keys 1000] [--pairs 5] [--brokers host:port --registry URL]
 *
 * Without --brokers it starts `millrace broker` (pinned to core 0 where taskset is there; the
 * contenders run on core 1). Differences under 15 % mean nothing.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createKafkaAdmin, createTopicWriter } from "../../runtime/kafka/mod.ts";
import { createRegistryClient } from "../../runtime/registry/mod.ts";
import { parseAvroSchema } from "../../topology/language/mod.ts";
import { makeJobW, PARTITIONS } from "./job_w_data.ts";

interface Outcome {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** By `<page>@<window start>`. */
  readonly counts: Readonly<Record<string, number>>;
}

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "2000000" },
    keys: { type: "string", default: "1000" },
    pairs: { type: "string", default: "5" },
    brokers: { type: "string" },
    registry: { type: "string" },
  },
});
const records = Number(values.records);
const pairs = Number(values.pairs);
const HERE = new URL(".", import.meta.url).pathname;
const hasTaskset = spawnSync("taskset", ["--version"]).status === 0;

function start(core: number, args: readonly string[]): ChildProcess {
  const command = [process.execPath, "--import", "tsx", ...args];
  const pinned = hasTaskset ? ["taskset", "-c", String(core), ...command] : command;
  return spawn(pinned[0]!, pinned.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error("The process ended without a word");
}

async function contend(name: string, brokers: string, registry: string, topic: string) {
  const child = start(1, [`${HERE}job_w_${name}.ts`, brokers, registry, topic, String(records)]);
  return JSON.parse(await firstLine(child)) as Outcome;
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;

let broker: ChildProcess | undefined;
try {
  let { brokers, registry } = values;
  if (brokers === undefined || registry === undefined) {
    broker = start(0, [
      `${HERE}../../runtime/cli/millrace.js`,
      "broker",
      "--json",
      "--broker-port",
      "0",
      "--registry-port",
      "0",
    ]);
    const started = JSON.parse(await firstLine(broker));
    brokers = started.broker as string;
    registry = started.registry as string;
  }
  const topic = "page_views";
  const admin = createKafkaAdmin({ brokers: [brokers] });
  await admin.deleteTopics([topic]);
  await admin.createTopics([{ topic, partitions: PARTITIONS, configs: { "retention.ms": "-1" } }]);
  const schemas = createRegistryClient({ url: registry });
  const schema = parseAvroSchema(JSON.parse(readFileSync(`${HERE}page_view.avsc`, "utf8")));
  const job = makeJobW(
    records,
    Number(values.keys),
    await schemas.register(`${topic}-value`, schema),
  );
  const writer = createTopicWriter({ brokers: [brokers] });
  for (let n = 0; n < job.batches.length; n += 16) {
    await writer.append(
      job.batches
        .slice(n, n + 16)
        .map(({ partition, bytes }) => ({ topic, partition, batches: [bytes] })),
    );
  }
  await writer.close();
  await admin.close();
  console.log(
    `${records} records, ${values.keys} keys, ${job.counts.size} results, ${pairs} pairs`,
  );

  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const rates: Record<string, number> = {};
    for (const name of ["engine", "kafkajs"]) {
      const { counts, cpuSeconds, wallSeconds } = await contend(name, brokers, registry, topic);
      for (const [key, count] of job.counts) {
        if (counts[key] !== count)
          throw new Error(`${name}: ${key} is ${counts[key]}, not ${count}`);
      }
      rates[name] = records / cpuSeconds;
      console.log(
        `${name.padEnd(8)} ${(records / cpuSeconds / 1e6).toFixed(3)} M records per CPU-second, ` +
          `${(records / wallSeconds / 1e6).toFixed(3)} M/s wall`,
      );
    }
    ratios.push(rates["engine"]! / rates["kafkajs"]!);
  }
  const shown = ratios.map((ratio) => ratio.toFixed(2)).join(" ");
  console.log(
    `engine ÷ kafkajs: median ${median(ratios).toFixed(2)}, worst ${Math.min(...ratios).toFixed(2)} (${shown})`,
  );
} finally {
  broker?.kill("SIGTERM");
}
