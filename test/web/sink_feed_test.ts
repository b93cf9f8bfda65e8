import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Broker, createBroker } from "../../runtime/broker/mod.ts";
import { createKafkaAdmin, createTopicWriter, type KafkaAdmin } from "../../runtime/kafka/mod.ts";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryServer,
} from "../../runtime/registry/mod.ts";
import { createRecordEncoder } from "../../runtime/serde/mod.ts";
import { appendRecord } from "../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";
import { type SinkFeed, type SinkRecord, startSinkFeed } from "../../web/mod.ts";
import { until } from "./_fixtures.ts";

const PARTITIONS = 3;

/** Two results, so that the topic of one can be missing while the other's is there. */
const plan = planOf(`
topology: shop
streams:
  user_log: { value: { avro: user_log.avsc } }
  shoppers: { topic: result }
  buyers: { topic: bought }
pipelines:
  counted:
    - source: user_log
    - flatMap: { key: value.gender }
    - id: per_second
      windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { people: count() }, emit: final }
    - sink: shoppers
  bought:
    - source: user_log
    - flatMap: { key: value.gender }
    - id: per_minute
      windowedReduce: { window: { tumbling: 1m, grace: 0s }, value: { people: count() }, emit: final }
    - sink: buyers
dashboard:
  title: Shop
  charts:
    - { stream: shoppers, y: value.people, series: key, points: 20 }
  counters:
    - { stream: buyers, y: value.people, series: key }
`);

function planOf(text: string): Plan {
  const read = (path: string) =>
    readFileSync(fileURLToPath(new URL(`../../schemas/${path}`, import.meta.url)), "utf8");
  const { plan, diagnostics } = planTopology({ file: "shop.yaml", text, files: { read } });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 2));
  return plan;
}

describe("sink feed", () => {
  let broker: Broker;
  let registry: RegistryServer;
  let feed: SinkFeed | undefined;
  let pushed: SinkRecord[];
  /** What the dashboard was told, in order: statuses, and `epoch` for each new one. */
  let told: string[];
  let epochs: string[];
  let problems: unknown[];
  let pushedWhenLive: number;

  beforeEach(async () => {
    broker = await createBroker();
    registry = await createRegistryServer();
    [pushed, told, epochs, problems, feed] = [[], [], [], [], undefined];
  });

  afterEach(async () => {
    await feed?.close();
    await registry.close();
    await broker.close();
  });

  const brokers = () => [`127.0.0.1:${broker.port}`];

  function start(): SinkFeed {
    feed = startSinkFeed({
      plan,
      brokers: brokers(),
      schemas: createRegistryClient({ url: registry.url }),
      dashboard: {
        push: (record) => pushed.push(record),
        setStatus: (status) => {
          told.push(status.feed);
          if (status.feed === "live") pushedWhenLive = pushed.length;
        },
        setDashboard: (_, epoch) => {
          told.push("epoch");
          epochs.push(epoch);
          pushed = [];
          return [];
        },
      },
      onProblem: (error) => problems.push(error),
    });
    return feed;
  }

  async function withAdmin<T>(run: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
    const admin = createKafkaAdmin({ brokers: brokers() });
    try {
      return await run(admin);
    } finally {
      await admin.close();
    }
  }

  const create = (...topics: string[]) =>
    withAdmin((admin) =>
      admin.createTopics(topics.map((topic) => ({ topic, partitions: PARTITIONS, configs: {} }))),
    );

  /** One record: `people` of a window that starts at `second`; "?" is a value nobody can decode. */
  async function write(
    partition: number,
    second: number,
    people: number | "?",
    stream = "shoppers",
    key = `P${partition}`,
  ): Promise<void> {
    const { topic } = plan.streams[stream]!;
    const window = [second * 1_000, second * 1_000 + 1_000] as const;
    const schemas = createRegistryClient({ url: registry.url });
    const encoder = createRecordEncoder(plan.streams[stream]!, schemas);
    const encoded = await encoder.encode({
      key,
      window,
      value: { people: people === "?" ? 0 : people },
    });
    const batch = new BatchBuilder();
    const value = people === "?" ? new Uint8Array([9, 9]) : encoded.value;
    appendRecord(batch, window[1] - 1, encoded.key, value);
    const writer = createTopicWriter({ brokers: brokers() });
    await writer.append([{ topic, partition, batches: [batch.finish()] }]);
    await writer.close();
  }

  const shown = (partition: number) =>
    pushed
      .filter((record) => record.stream === "shoppers" && record.partition === partition)
      .map(({ offset, value }) => [offset, value?.["people"]]);
  const isLive = () => told.at(-1) === "live";

  test("what the topics hold and what is appended later is pushed, once and in order", async () => {
    await create("result", "bought");
    for (let i = 0; i < 5; i++) await write(1, i, i * 10);
    start();
    await until(isLive, "live");
    expect(shown(1)).toEqual([0, 1, 2, 3, 4].map((i) => [i, i * 10]));
    await write(1, 5, 50);
    await write(2, 5, 7);
    await until(() => pushed.length === 7, "the new records");
    expect(shown(1).at(-1)).toEqual([5, 50]);
    expect(pushed.at(-1)).toEqual({
      stream: "shoppers",
      partition: 2,
      offset: 0,
      key: "P2",
      window: [5_000, 6_000],
      timestampMs: 5_999,
      value: { people: 7 },
    });
    expect(told).toEqual(["epoch", "live"]);
    expect(problems).toEqual([]);
  });

  test("it is live only once every partition has been read to its end, in however many answers", async () => {
    await create("result", "bought");
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await write(partition, 1, partition, "buyers");
    }
    // A partition's share of an answer is 1 MiB.
    for (let i = 0; i < 4; i++) await write(0, i, i, "shoppers", "P".repeat(700_000));
    start();
    await until(isLive, "live");
    expect(pushedWhenLive).toBe(PARTITIONS + 4);
  });

  test("the same topics have the same epoch for another process", async () => {
    await create("result", "bought");
    await start().close();
    start();
    await until(isLive, "live");
    await feed!.close();
    start();
    await until(() => epochs.length === 2, "the second epoch");
    expect(epochs[1]).toBe(epochs[0]);
    expect(epochs[0]).not.toBe("");
  });

  test("topics that do not exist yet are waited for, live, without an epoch", async () => {
    start();
    await until(isLive, "live");
    expect(epochs).toEqual([]);
    await create("result", "bought");
    await write(0, 1, 4);
    await until(() => shown(0).length === 1, "the first record");
    await until(isLive, "live again");
    expect(told).toEqual(["live", "catching-up", "epoch", "live"]);
  });

  test("a topic that comes later loses nothing of the others", async () => {
    await create("result");
    await write(0, 1, 4);
    start();
    await until(isLive, "live");
    await create("bought");
    await write(0, 1, 5, "buyers");
    await until(() => pushed.length === 2 && isLive(), "both records");
    expect(new Set(pushed.map(({ stream }) => stream))).toEqual(new Set(["shoppers", "buyers"]));
    expect(epochs).toHaveLength(2);
  });

  test("a recreated topic is another epoch, and its records are pushed although offsets repeat", async () => {
    await create("result", "bought");
    await write(0, 1, 4);
    await write(0, 2, 5);
    start();
    await until(() => shown(0).length === 2 && isLive(), "two records");
    await withAdmin((admin) => admin.deleteTopics(["result"]));
    await create("result");
    await write(0, 3, 6);
    await until(() => epochs.length === 2, "the second epoch");
    await until(() => shown(0).length === 1 && isLive(), "the record of the new topic");
    expect(shown(0)).toEqual([[0, 6]]);
    expect(epochs[1]).not.toBe(epochs[0]);
  });

  test("while the broker is away it is down; with the broker it is live again", async () => {
    await create("result", "bought");
    start();
    await until(isLive, "live");
    const { port } = broker;
    await broker.close();
    await until(() => told.at(-1) === "down", "down");
    expect(problems).toHaveLength(1);
    broker = await createBroker({ port });
    await create("result", "bought");
    await write(0, 1, 4);
    // One epoch more where the new cluster is seen before its topics are.
    const clusters = () => epochs.map((epoch) => epoch.split("/")[0]);
    await until(() => new Set(clusters()).size === 2, "the new cluster's epoch");
    await until(() => shown(0).length === 1 && isLive(), "the new cluster's record");
    expect(clusters().lastIndexOf(clusters()[0])).toBe(0);
  });

  test("a record that cannot be decoded is reported once and skipped", async () => {
    await create("result", "bought");
    await write(0, 1, 4);
    await write(0, 2, "?");
    await write(0, 3, 6);
    start();
    await until(isLive, "live");
    expect(shown(0)).toEqual([
      [0, 4],
      [2, 6],
    ]);
    expect(problems).toEqual([expect.objectContaining({ code: "UNDECODABLE" })]);
  });

  test("a last record that cannot be decoded does not keep it from being live", async () => {
    await create("result", "bought");
    await write(0, 1, "?");
    start();
    await until(isLive, "live");
    expect(pushed).toEqual([]);
  });

  test("a registry that is away is waited for: no record is lost, one problem is told", async () => {
    await create("result", "bought");
    await write(0, 1, 4);
    const { port } = new URL(registry.url);
    const known = registry.url;
    await registry.close();
    start();
    await until(() => problems.length === 1, "the problem");
    expect(told).toEqual(["epoch"]);
    registry = await createRegistryServer({ port: Number(port) });
    expect(registry.url).toBe(known);
    await createRecordEncoder(
      plan.streams["shoppers"]!,
      createRegistryClient({ url: registry.url }),
    ).encode({ key: "P0", window: [0, 1_000], value: { people: 0 } });
    await until(isLive, "live");
    expect(shown(0)).toEqual([[0, 4]]);
    expect(problems).toHaveLength(1);
  });

  test("closing while a schema is looked up ends at once and pushes nothing more", async () => {
    await create("result", "bought");
    await write(0, 1, 4);
    let asked = 0;
    let answer: (() => void) | undefined;
    const client = createRegistryClient({ url: registry.url });
    const closing = startSinkFeed({
      plan,
      brokers: brokers(),
      schemas: {
        async byId(id) {
          asked++;
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
          return client.byId(id);
        },
      },
      dashboard: {
        push: (record) => pushed.push(record),
        setStatus: (status) => told.push(status.feed),
        setDashboard: () => [],
      },
    });
    await until(() => asked === 1, "the question");
    await closing.close();
    answer?.();
    await client.byId(1);
    expect(pushed).toEqual([]);
    expect(told).toEqual([]);
  });
});
