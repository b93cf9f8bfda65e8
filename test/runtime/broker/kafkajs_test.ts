/** Unmodified kafkajs against the broker: producer, consumer groups, admin. */

import {
  type Admin,
  CompressionTypes,
  ConfigResourceTypes,
  type Consumer,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
} from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Broker, createBroker } from "../../../runtime/broker/mod.ts";
import { until } from "./_client.ts";

let broker: Broker;
let kafka: Kafka;
let admin: Admin;
const closing: { disconnect(): Promise<void> }[] = [];

beforeAll(async () => {
  broker = await createBroker({ defaultPartitions: 2 });
  kafka = new Kafka({
    brokers: [`127.0.0.1:${broker.port}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50 },
  });
  admin = kafka.admin();
  await admin.connect();
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((each) => each.disconnect()));
});
afterAll(async () => {
  await admin?.disconnect();
  expect(broker.stats().internalErrors).toBe(0);
  expect(broker.stats().malformedRequests).toBe(0);
  await broker.close();
});

async function producer(options = {}): Promise<Producer> {
  const made = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options });
  closing.push(made);
  await made.connect();
  return made;
}

interface Seen {
  readonly consumer: Consumer;
  readonly values: string[];
  /** Partitions, by GROUP_JOIN. */
  owned: readonly number[];
  generations: number;
}

async function consume(groupId: string, topic: string, options = {}): Promise<Seen> {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 6_000,
    heartbeatInterval: 100,
    maxWaitTimeInMs: 200,
    ...options,
  });
  closing.push(consumer);
  const seen: Seen = { consumer, values: [], owned: [], generations: 0 };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    seen.owned = payload.memberAssignment[topic] ?? [];
    seen.generations++;
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 50,
    eachMessage: async ({ message }) => {
      seen.values.push(String(message.value));
    },
  });
  return seen;
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    key: `k${from + index}`,
    value: `v${from + index}`,
  }));

describe("kafkajs", () => {
  it.each([
    ["plainly", {}, { acks: 1 }],
    ["idempotently", { idempotent: true }, {}],
    ["in gzip", {}, { compression: CompressionTypes.GZIP }],
  ])("produces %s and reads all of it back", async (_, options, sending) => {
    const topic = `produce-${broker.stats().topics}`;
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
    const sender = await producer(options);
    for (let from = 0; from < 50; from += 10) {
      await sender.send({ topic, messages: numbered(from, from + 10), ...sending });
    }
    const { values } = await consume(`${topic}-group`, topic);
    await until(() => values.length >= 50);
    expect(values.sort()).toEqual(
      numbered(0, 50)
        .map(({ value }) => value)
        .sort(),
    );
  });

  it("produces without acknowledgement", async () => {
    const sender = await producer();
    await sender.send({ topic: "unacknowledged", acks: 0, messages: numbered(0, 3) });
    // The connection still answers: with acks=0 the broker has not put its answers out of step.
    await sender.send({ topic: "unacknowledged", messages: numbered(3, 6) });
    const { values } = await consume("unacknowledged", "unacknowledged");
    await until(() => values.length === 6);
  });

  it("shares a topic between two members, and gives it back to the one that stays", async () => {
    const topic = "shared";
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] });
    const sender = await producer();
    const one = await consume("pair", topic);
    await until(() => one.owned.length === 4);
    const two = await consume("pair", topic);
    await until(() => one.owned.length === 2 && two.owned.length === 2);
    expect([...one.owned, ...two.owned].sort()).toEqual([0, 1, 2, 3]);
    await sender.send({ topic, messages: numbered(0, 40) });
    await until(() => one.values.length + two.values.length === 40);
    expect(one.values.length).toBeGreaterThan(0);
    expect(two.values.length).toBeGreaterThan(0);
    const { groups } = await admin.describeGroups(["pair"]);
    expect(groups[0]).toMatchObject({ state: "Stable", protocol: "RoundRobinAssigner" });
    expect(groups[0]?.members).toHaveLength(2);
    await two.consumer.disconnect();
    await until(() => one.owned.length === 4);
    await sender.send({ topic, messages: numbered(40, 60) });
    await until(() => one.values.length + two.values.length === 60);
    expect(new Set([...one.values, ...two.values]).size).toBe(60);
  });

  it("goes on where its group had committed", async () => {
    const sender = await producer();
    await sender.send({ topic: "resumed", messages: numbered(0, 10) });
    const first = await consume("resumed", "resumed");
    await until(() => first.values.length === 10);
    await first.consumer.disconnect();
    const [offsets] = await admin.fetchOffsets({ groupId: "resumed", topics: ["resumed"] });
    const committed = offsets!.partitions.map(({ offset }) => Number(offset));
    expect(committed.reduce((sum, offset) => sum + offset)).toBe(10);
    await sender.send({ topic: "resumed", messages: numbered(10, 15) });
    const second = await consume("resumed", "resumed");
    await until(() => second.values.length === 5);
    expect(second.values.sort()).toEqual(["v10", "v11", "v12", "v13", "v14"]);
  });

  it("is told at once that there are no transactions", async () => {
    const sender = kafka.producer({
      transactionalId: "tx",
      maxInFlightRequests: 1,
      idempotent: true,
    });
    closing.push(sender);
    await sender.connect();
    await expect(sender.transaction()).rejects.toMatchObject({
      name: "KafkaJSGroupCoordinatorNotFound",
      retriable: false,
    });
  });

  it("administers topics", async () => {
    const topic = "administered";
    const create = () => admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    expect(await create()).toBe(true);
    expect(await create()).toBe(false);
    await expect(
      admin.createTopics({
        topics: [{ topic: "odd", configEntries: [{ name: "no.such", value: "1" }] }],
      }),
    ).rejects.toMatchObject({ errors: [{ code: 40 }] });
    expect(await admin.listTopics()).toContain(topic);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]?.partitions).toHaveLength(3);
    const sender = await producer();
    const messages = [0, 1, 2].map((n) => ({ partition: 1, value: `${n}`, timestamp: `${n + 1}` }));
    await sender.send({ topic, messages });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: "2" }] });
    const ends = await admin.fetchTopicOffsets(topic);
    const second = ends.find(({ partition }) => partition === 1);
    expect(second).toMatchObject({ high: "3", low: "2" });
    const byTime = await admin.fetchTopicOffsetsByTimestamp(topic, 3);
    expect(byTime.find(({ partition }) => partition === 1)?.offset).toBe("2");
    await admin.deleteTopics({ topics: [topic] });
    expect(await admin.listTopics()).not.toContain(topic);
    await create();
    const anew = await admin.fetchTopicOffsets(topic);
    expect(anew.map(({ high, low }) => [high, low])).toEqual([
      ["0", "0"],
      ["0", "0"],
    ]);
  });

  it("administers settings", async () => {
    const topic = "configured";
    await admin.createTopics({ topics: [{ topic }] });
    const retention = async () => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ["retention.ms"] },
        ],
      });
      return resources[0]?.configEntries[0]?.configValue;
    };
    expect(await retention()).toBe("604800000");
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: [{ name: "retention.ms", value: "1000" }],
        },
      ],
    });
    expect(await retention()).toBe("1000");
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.BROKER, name: "0" }],
    });
    const entries = resources[0]?.configEntries.map(({ configName }) => configName);
    expect(entries).toContain("num.partitions");
  });

  it("administers groups and their offsets", async () => {
    const topic = "positions";
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const sender = await producer();
    await sender.send({ topic, messages: numbered(0, 5) });
    await admin.setOffsets({
      groupId: "set",
      topic,
      partitions: [{ partition: 0, offset: "3" }],
    });
    const at = async () =>
      (await admin.fetchOffsets({ groupId: "set", topics: [topic] }))[0]?.partitions[0]?.offset;
    expect(await at()).toBe("3");
    const reader = await consume("set", topic);
    await until(() => reader.values.length === 2);
    expect(reader.values).toEqual(["v3", "v4"]);
    await expect(admin.deleteGroups(["set"])).rejects.toMatchObject({
      groups: [{ groupId: "set", errorCode: 68 }],
    });
    await reader.consumer.disconnect();
    await admin.resetOffsets({ groupId: "set", topic, earliest: true });
    // It commits the word for "earliest" itself.
    expect(await at()).toBe("-2");
    const { groups } = await admin.listGroups();
    expect(groups).toContainEqual({ groupId: "set", protocolType: "consumer" });
    await admin.deleteGroups(["set"]);
    expect((await admin.describeGroups(["set"])).groups[0]?.state).toBe("Dead");
    expect(await admin.describeCluster()).toMatchObject({
      clusterId: broker.clusterId,
      controller: 0,
      brokers: [{ nodeId: 0, port: broker.port }],
    });
  });
});
