/**
 * At-least-once through a hundred SIGKILLs: two processes on the embedded broker, of which one is
 * killed as soon as the broker has received a random number of requests since the kill before:
 * within a start, a rebalance, a restore, between two requests of a commit.
 */

import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Broker, createBroker } from "../../runtime/broker/mod.ts";
import { createTopicWriter } from "../../runtime/kafka/mod.ts";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryClient,
  type RegistryServer,
} from "../../runtime/registry/mod.ts";
import { createRecordEncoder } from "../../runtime/serde/mod.ts";
import { appendRecord } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import type { Millrace } from "../support/millrace.ts";
import { bundleMillrace } from "../support/millrace_bundle.ts";
import { randomNumbers } from "../support/random.ts";
import { Pipeline } from "./_pipeline.ts";

const KILLS = 100;
const LIMIT_MS = 240_000;
/** Between two kills at most; an instance that takes over all tasks sends about a hundred. */
const MOST_REQUESTS = 120;
/** Who was killed is missed after this. */
const SESSION_MS = 500;
const PARTITIONS = 4;
const FEEDER = "feeder";
const FEED_EVERY_MS = 100;
const SEED = Number(process.env["MILLRACE_SEED"] ?? Date.now() % 2 ** 31);

let broker: Broker;
let registry: RegistryServer;
let schemas: RegistryClient;
let entry: string;
/** Called for each request of the instances. */
let received: () => void = () => undefined;

beforeAll(async () => {
  entry = await bundleMillrace();
  broker = await createBroker({
    intercept: ({ clientId }) => {
      if (clientId !== FEEDER) received();
      return undefined;
    },
  });
  registry = await createRegistryServer();
  schemas = createRegistryClient({ url: registry.url });
});
afterAll(async () => {
  await registry.close();
  await broker.close();
  rmSync(entry, { force: true });
});

test(
  `finals stay exact through a hundred SIGKILLs, MILLRACE_SEED=${SEED}`,
  async () => {
    const random = randomNumbers(SEED);
    const where = `127.0.0.1:${broker.port}`;
    const pipeline = new Pipeline("_kills", where, registry.url, schemas, "5s", entry);
    const begun = performance.now();
    const feeding = new AbortController();
    try {
      const instances = [pipeline.run(SESSION_MS), pipeline.run(SESSION_MS)];
      await Promise.all(instances.map((instance) => instance.saw(/running/)));
      const fed = feed(pipeline, feeding.signal, random);
      /** How many finals there were at the kills: as many different numbers as kills that found work. */
      const moments = new Set<number>();
      for (let kill = 0; kill < KILLS; kill++) {
        await requests(1 + Math.floor(random() * MOST_REQUESTS));
        const which = Math.floor(random() * instances.length);
        await instances[which]!.stop("SIGKILL");
        moments.add(await pipeline.count("shoppers"));
        instances[which] = pipeline.run(SESSION_MS);
      }
      const killedMs = performance.now() - begun;
      feeding.abort();
      await fed;
      const truth = await pipeline.truth();
      await pipeline.settles(truth.counts.size);
      for (const instance of instances) await ended(instance);
      const { counts, repeats } = await pipeline.finals();
      const late = await pipeline.read("late_shoppers");
      const reasons = new Set(late.map(({ headers }) => headers["millrace.late.reason"]));
      console.info(
        `MILLRACE_SEED=${SEED}: ${KILLS} kills in ${Math.round(killedMs / 1000)} s, ` +
          `${counts.size} finals in ${moments.size} lives, ${repeats} written again, late because ${[...reasons].join() || "-"}`,
      );
      expect([...reasons].filter((reason) => reason !== "late")).toEqual([]);
      expect([...counts].sort()).toEqual([...truth.counts].sort());
      expect(await pipeline.count("dead_letters")).toBe(0);
      // Otherwise all were killed before they had done anything.
      expect(moments.size).toBeGreaterThan(20);
    } finally {
      feeding.abort();
      await pipeline.close();
    }
  },
  LIMIT_MS,
);

/** Resolves with the request of that number from now. */
function requests(count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    received = () => {
      if (--left === 0) resolve();
    };
  });
}

/** A few records of every partition again and again, until the signal aborts. */
async function feed(pipeline: Pipeline, signal: AbortSignal, random: () => number): Promise<void> {
  const stream = pipeline.plan.streams["user_log"]!;
  const encoder = createRecordEncoder(stream, schemas);
  const writer = createTopicWriter({
    brokers: [`127.0.0.1:${broker.port}`],
    clientId: FEEDER,
  });
  const pick = (names: readonly string[]) => names[Math.floor(random() * names.length)]!;
  for (let user = 1; !signal.aborted; ) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const batch = new BatchBuilder();
      for (let left = 1 + Math.floor(random() * 5); left > 0; left--) {
        const row = {
          user_id: user++,
          gender: pick(["FEMALE", "MALE"]),
          action: pick(["BUY", "CLICK"]),
        };
        const { key, value } = await encoder.encode({ value: row });
        appendRecord(batch, Date.now(), key, value);
      }
      await writer.append([{ topic: stream.topic, partition, batches: [batch.finish()] }]);
    }
    await setTimeout(FEED_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  await writer.close();
}

async function ended(instance: Millrace): Promise<void> {
  const { code } = await instance.stop("SIGTERM");
  expect([code, instance.output()]).toEqual([0, expect.not.stringMatching(/while stopping/)]);
}
