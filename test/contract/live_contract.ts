/**
 * Live = replay, on whatever broker it is given: records come with the present as their time, some
 * partitions fall silent for longer than `idle`, one has none, and windows close by the wall clock.
 * A bounded run over the same records, as they stand in the topic, gives the same finals.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createTopicWriter } from "../../runtime/kafka/mod.ts";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryClient,
  type RegistryServer,
} from "../../runtime/registry/mod.ts";
import { createRecordEncoder } from "../../runtime/serde/mod.ts";
import { appendRecord, MemoryCluster, TestDriver } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";
import { Pipeline, type PipelineBroker, type Stored } from "./_pipeline.ts";

const IDLE_MS = 1500;
/** A record is on time when it is read so soon; a loaded machine may take long. */
const GRACE_MS = 4000;
const TICK_MS = 100;
const TICKS = 120;
/** By partition, the ticks in which it has records: always; with silences between; twice; never. */
const TALKS: readonly ((tick: number) => boolean)[] = [
  () => true,
  (tick) => tick % 50 < 10,
  (tick) => tick === 5 || tick === TICKS - 10,
  () => false,
];
const LIMIT_MS = 120_000;

export function describeLive(name: string, start: () => Promise<PipelineBroker>): void {
  describe(`a live run on ${name}`, () => {
    let broker: PipelineBroker;
    let registry: RegistryServer;
    let schemas: RegistryClient;
    let pipeline: Pipeline;

    beforeAll(async () => {
      broker = await start();
      registry = await createRegistryServer();
      schemas = createRegistryClient({ url: registry.url });
      pipeline = new Pipeline("_live", broker.broker, registry.url, schemas, `${IDLE_MS}ms`);
      pipeline.edit("grace: 0s", `grace: ${GRACE_MS}ms`);
    });
    afterEach(() => pipeline.close());
    afterAll(async () => {
      await registry.close();
      await broker.close();
    });

    it("whose silent partitions close windows by the wall clock gives what a replay gives", {
      timeout: LIMIT_MS,
    }, async () => {
      const plan = planOf(pipeline.file);
      const instance = pipeline.run();
      await instance.saw(/runs 8 tasks/);
      await produce(broker.broker, plan, schemas);
      const source = await pipeline.read("user_log");
      const replayed = await replay(plan, schemas, source);
      // Nothing comes any more: it is the clock that closes the last windows.
      await vi.waitUntil(async () => (await pipeline.count("shoppers")) >= replayed.length, {
        timeout: LIMIT_MS,
        interval: 200,
      });
      expect((await instance.stop("SIGTERM")).code).toBe(0);
      const late = await pipeline.read("late_shoppers");
      expect(late.map(({ headers }) => headers["millrace.late.reason"])).toEqual([]);
      const { counts } = await pipeline.finals();
      expect([...counts].sort()).toEqual(replayed);
      expect(source.length).toBeGreaterThan(100);
    });
  });
}

function planOf(file: string): Plan {
  const read = (path: string) => readFileSync(path, "utf8");
  const { plan } = planTopology({
    file,
    text: read(file),
    files: { read: (path) => read(join(file, "..", path)) },
  });
  if (plan === undefined) throw new Error(`${file} is broken`);
  return plan;
}

async function produce(broker: string, plan: Plan, schemas: RegistryClient): Promise<void> {
  const stream = plan.streams["user_log"]!;
  const encoder = createRecordEncoder(stream, schemas);
  const writer = createTopicWriter({ brokers: [broker] });
  for (let tick = 0; tick < TICKS; tick++) {
    const talking = [...TALKS.keys()].filter((partition) => TALKS[partition]!(tick));
    for (const partition of talking) {
      const gender = (tick + partition) % 3 === 0 ? "MALE" : "FEMALE";
      const value = { user_id: tick, gender, action: tick % 4 === 0 ? "BUY" : "CLICK" };
      const encoded = await encoder.encode({ value });
      const batch = new BatchBuilder();
      appendRecord(batch, Date.now(), encoded.key, encoded.value);
      await writer.append([{ topic: stream.topic, partition, batches: [batch.finish()] }]);
    }
    await setTimeout(TICK_MS);
  }
  await writer.close();
}

/** Finals of a bounded run over records as they were stored, as `Pipeline.finals` names them. */
async function replay(
  plan: Plan,
  schemas: RegistryClient,
  source: readonly Stored[],
): Promise<[string, string][]> {
  const cluster = new MemoryCluster();
  const { topic } = plan.streams["user_log"]!;
  cluster.createTopic({ topic, partitions: TALKS.length });
  for (const { partition, timestampMs, key, value } of source) {
    const batch = new BatchBuilder();
    appendRecord(batch, timestampMs, key, value);
    cluster.partition({ topic, partition }).append(batch.finish());
  }
  const startMs = Date.now();
  const partitions = TALKS.length;
  const driver = await TestDriver.open({
    ...{ plan, schemas, cluster, startMs, partitions },
    bounded: true,
  });
  await driver.wait(1000);
  const finals = (await driver.written("shoppers")).map(({ key, window, value }) => {
    const { people, buyers } = value as { people: number; buyers: number };
    return [`${String(key)}@${window![0]}`, `${people}/${buyers}`] as [string, string];
  });
  await driver.close();
  return finals.sort();
}
