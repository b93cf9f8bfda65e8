/** What only a real broker shows: tools, transactions, compaction, restarts, recreated topics. */

import { Kafka, logLevel } from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fetched } from "../../runtime/engine/mod.ts";
import {
  createKafkaAdmin,
  createKafkaLog,
  createTopicReader,
  createTopicWriter,
  type KafkaAdmin,
  type ReaderStatus,
} from "../../runtime/kafka/mod.ts";
import {
  batchOf,
  keyedBatchOf,
  pollUntil,
  recordsOf,
  topicName,
  waitUntil,
} from "../contract/_log_helpers.ts";
import { type RealKafka, startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

describe.skipIf(reason !== undefined)(
  `the client on Apache Kafka${reason ? ` (${reason})` : ""}`,
  () => {
    let kafka: RealKafka;
    let admin: KafkaAdmin;
    const closing: { close(): Promise<void> }[] = [];

    function closed<T extends { close(): Promise<void> }>(thing: T): T {
      closing.push(thing);
      return thing;
    }

    beforeAll(async () => {
      kafka = await startKafka();
      admin = createKafkaAdmin({ brokers: kafka.brokers });
    });
    afterEach(async () => {
      await Promise.all(closing.splice(0).map((thing) => thing.close()));
    });
    afterAll(async () => {
      await admin?.close();
      await kafka?.close();
    });

    const settings = () => ({ brokers: kafka.brokers, sessionTimeoutMs: 3_000, heartbeatMs: 300 });
    const log = () => closed(createKafkaLog(settings()));
    const writer = () => closed(createTopicWriter(settings()));

    async function topicOf(
      partitions: number,
      configs: Record<string, string> = {},
    ): Promise<string> {
      const topic = topicName();
      await admin.createTopics([{ topic, partitions, configs }]);
      return topic;
    }

    async function readAll(topic: string): Promise<Fetched[]> {
      const [end] = await admin.endOffsets([{ topic, partition: 0 }]);
      const fetched: Fetched[] = [];
      for await (const part of log().read({ topic, partition: 0 }, 0, end ?? 0)) fetched.push(part);
      return fetched;
    }

    it("shows its group to kafka-consumer-groups with members, topics and lag", async () => {
      const topic = await topicOf(2);
      const member = log();
      await member.append([{ topic, partition: 1, batches: [batchOf("a", "b", "c")] }]);
      await member.join(
        { group: topic, coPartitioned: [[topic]] },
        { assigned: async () => {}, revoked: async () => {}, lost: async () => {} },
      );
      await member.commit([{ topic, partition: 1, offset: 1, metadata: "" }]);
      const described = await kafka.tool(
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
        ["--bootstrap-server", kafka.brokers[0]!, "--describe", "--group", topic],
      );
      const line = described.split("\n").find((l) => l.split(/\s+/)[2] === "1");
      expect(line?.split(/\s+/).slice(0, 6)).toEqual([topic, topic, "1", "1", "3", "2"]);
      expect(line).toMatch(/millrace-.*\/127\.0\.0\.1/);
    });

    it("leaves aborted transactions out, also when a key looks like a marker", async () => {
      const topic = await topicOf(1);
      const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
      const producer = client.producer({
        transactionalId: topic,
        maxInFlightRequests: 1,
        idempotent: true,
      });
      await producer.connect();
      for (const [value, commits] of [
        ["kept", true],
        ["aborted", false],
        ["also kept", true],
      ] as const) {
        const transaction = await producer.transaction();
        for (const key of [Buffer.alloc(4), Buffer.from("k")]) {
          await transaction.send({ topic, messages: [{ key, value, partition: 0 }] });
        }
        await (commits ? transaction.commit() : transaction.abort());
      }
      await producer.disconnect();
      const values = recordsOf(await readAll(topic)).map((r) => r.value);
      expect(values).toEqual(["kept", "kept", "also kept", "also kept"]);
      const follower = log();
      follower.fetchFrom([{ topic, partition: 0, offset: 0 }]);
      const followed = await pollUntil(follower, (all) => recordsOf(all).length === 4);
      expect(recordsOf(followed).map((r) => r.value)).toEqual(values);
    });

    it("does not show an open transaction, and says how far it may read", async () => {
      const topic = await topicOf(1);
      const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
      const producer = client.producer({
        transactionalId: topic,
        maxInFlightRequests: 1,
        idempotent: true,
      });
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: "pending", partition: 0 }] });
      const follower = log();
      await follower.append([{ topic, partition: 0, batches: [batchOf("behind it")] }]);
      follower.fetchFrom([{ topic, partition: 0, offset: 0 }]);
      const quiet = await pollUntil(follower, (all) => all.some((f) => f.highWatermark === 2));
      expect(recordsOf(quiet)).toEqual([]);
      expect(quiet.at(-1)).toMatchObject({ highWatermark: 2, lastStableOffset: 0 });
      await transaction.commit();
      const shown = await pollUntil(follower, (all) => recordsOf(all).length === 2);
      expect(recordsOf(shown).map((r) => r.value)).toEqual(["pending", "behind it"]);
      await producer.disconnect();
    });

    it("restores from a compacted topic, over its gaps, to the end", async () => {
      const topic = await topicOf(1, {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.01",
        "delete.retention.ms": "0",
        "max.compaction.lag.ms": "200",
      });
      const feeder = writer();
      let last = -1;
      // Every write closes the segment before it, and only closed segments are compacted.
      await waitUntil(async () => {
        for (let n = 0; n < 5; n++) {
          last++;
          const batches = [
            keyedBatchOf(["a", `${last}`], ["b", `${last}`]),
            keyedBatchOf(["gone", null]),
          ];
          await feeder.append([{ topic, partition: 0, batches }]);
        }
        await new Promise((resolve) => setTimeout(resolve, 150));
        return recordsOf(await readAll(topic)).length < (last + 1) * 2;
      });
      const fetched = await readAll(topic);
      const state = new Map<string | null, string | null>();
      for (const { key, value } of recordsOf(fetched)) state.set(key, value);
      expect([state.get("a"), state.get("b")]).toEqual([`${last}`, `${last}`]);
      const [end] = await admin.endOffsets([{ topic, partition: 0 }]);
      expect(end).toBe((last + 1) * 3);
    });

    it("says which topic's record is too large, and goes on", async () => {
      const topic = await topicOf(1, { "max.message.bytes": "1000" });
      const feeder = writer();
      const large = feeder.append([{ topic, partition: 0, batches: [batchOf("x".repeat(2_000))] }]);
      await expect(large).rejects.toMatchObject({
        code: "RECORD_TOO_LARGE",
        where: { topic, partition: 0 },
      });
      await feeder.append([{ topic, partition: 0, batches: [batchOf("small")] }]);
      expect(recordsOf(await readAll(topic)).map((r) => r.value)).toEqual(["small"]);
    });

    it("fetches a batch that is larger than its limits", async () => {
      const topic = await topicOf(1);
      const small = closed(
        createKafkaLog({ ...settings(), maxFetchBytes: 1_000, maxPartitionFetchBytes: 1_000 }),
      );
      await small.append([
        { topic, partition: 0, batches: [batchOf("x".repeat(5_000)), batchOf("y")] },
      ]);
      small.fetchFrom([{ topic, partition: 0, offset: 0 }]);
      const fetched = await pollUntil(small, (all) => recordsOf(all).length === 2);
      expect(fetched.filter((f) => f.bytes.length > 0)).toHaveLength(2);
    });

    it("refuses a topic in the broker's own words", async () => {
      const creating = admin.createTopics([
        { topic: topicName(), partitions: 1, configs: { "no.such.config": "1" } },
      ]);
      await expect(creating).rejects.toMatchObject({
        code: "BROKER_REFUSED",
        message: expect.stringContaining("no.such.config"),
      });
    });

    it("deletes topics and groups, and does not mind when they are gone", async () => {
      const topic = await topicOf(1);
      const member = log();
      await member.join(
        { group: topic, coPartitioned: [[topic]] },
        { assigned: async () => {}, revoked: async () => {}, lost: async () => {} },
      );
      await member.commit([{ topic, partition: 0, offset: 0, metadata: "m" }]);
      await expect(admin.deleteGroup(topic)).rejects.toThrow("NON_EMPTY_GROUP");
      await member.leave();
      expect(await admin.committed(topic, [{ topic, partition: 0 }])).toHaveLength(1);
      await admin.deleteGroup(topic);
      await admin.deleteGroup(topic);
      expect(await admin.committed(topic, [{ topic, partition: 0 }])).toEqual([]);
      await admin.deleteTopics([topic, topicName()]);
      expect(await admin.partitionCounts([topic])).toEqual(new Map());
    });

    it("follows a topic from before its creation through added partitions and a recreation", async () => {
      const topic = topicName();
      const reader = closed(
        createTopicReader({ brokers: kafka.brokers, topics: [topic], lookMs: 50, from: "latest" }),
      );
      expect(await reader.poll(200)).toEqual([]);
      await admin.createTopics([{ topic, partitions: 1, configs: {} }]);
      const feeder = writer();
      await feeder.append([{ topic, partition: 0, batches: [batchOf("a")] }]);
      await pollUntil(reader, (all) => recordsOf(all).length > 0);
      const first = reader.incarnations.get(topic);
      expect(first).toMatch(/^[0-9a-f]{32}$/);
      expect(reader.clusterId).toBeDefined();

      const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
      await client.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
      await client.disconnect();
      await waitUntil(async () => (await feeder.partitionCounts([topic])).get(topic) === 2);
      await feeder.append([{ topic, partition: 1, batches: [batchOf("b")] }]);
      const added = await pollUntil(reader, (all) => recordsOf(all).length > 0);
      expect(recordsOf(added).map((r) => r.value)).toEqual(["b"]);

      await admin.deleteTopics([topic]);
      await admin.createTopics([{ topic, partitions: 1, configs: {} }]);
      await writer().append([{ topic, partition: 0, batches: [batchOf("anew", "and more")] }]);
      const anew = await pollUntil(reader, (all) => recordsOf(all).length === 2);
      expect(recordsOf(anew).map((r) => [r.offset, r.value])).toEqual([
        [0, "anew"],
        [1, "and more"],
      ]);
      expect(reader.incarnations.get(topic)).not.toBe(first);
      expect(anew.at(-1)).toMatchObject({ incarnation: reader.incarnations.get(topic) });
    });

    it("reads from given offsets, and from the first record where those are gone", async () => {
      const topic = await topicOf(2);
      const cleaner = log();
      await cleaner.append([
        { topic, partition: 0, batches: [batchOf("a"), batchOf("b"), batchOf("c")] },
        { topic, partition: 1, batches: [batchOf("x")] },
      ]);
      await cleaner.purge([{ topic, partition: 0, offset: 2 }]);
      const from = [{ topic, partition: 0, offset: 1 }];
      const reader = closed(createTopicReader({ brokers: kafka.brokers, topics: [topic], from }));
      const values: (string | null)[] = [];
      for await (const entry of reader) {
        values.push(...recordsOf([entry]).map((r) => r.value));
        if (values.length === 2) break;
      }
      expect(values.sort()).toEqual(["c", "x"]);
    });

    it("survives a restart of the broker: reader, writer and group member", async () => {
      const topic = await topicOf(1);
      const seen: ReaderStatus[] = [];
      const reader = closed(
        createTopicReader({
          brokers: kafka.brokers,
          topics: [topic],
          lookMs: 100,
          onStatus: (status) => seen.push(status),
        }),
      );
      const member = log();
      const calls: string[] = [];
      await member.join(
        { group: topic, coPartitioned: [[topic]] },
        {
          async assigned(partitions) {
            calls.push("assigned");
            member.fetchFrom(partitions.map((p) => ({ ...p, offset: 0 })));
          },
          revoked: async () => {},
          lost: async () => {},
        },
      );
      const feeder = writer();
      await feeder.append([{ topic, partition: 0, batches: [batchOf("before")] }]);
      await pollUntil(reader, (all) => recordsOf(all).length === 1);
      await kafka.stop("kill");
      await waitUntil(async () => {
        await reader.poll(50);
        return reader.status === "reconnecting";
      });
      const appending = feeder.append([{ topic, partition: 0, batches: [batchOf("during")] }]);
      await kafka.start();
      await appending;
      const values = recordsOf(await pollUntil(reader, (all) => recordsOf(all).length === 1));
      expect(values.map((r) => r.value)).toEqual(["during"]);
      expect(seen).toEqual(["connected", "reconnecting", "connected"]);
      const tolerant = { poll: (ms: number) => member.poll(ms).catch(() => []) };
      const fetched = await pollUntil(tolerant, (all) =>
        recordsOf(all).some((r) => r.value === "during"),
      );
      expect(recordsOf(fetched).length).toBeGreaterThan(0);
      await member.commit([{ topic, partition: 0, offset: 2, metadata: "" }]);
    });

    it("waits for a broker, and says where none was", async () => {
      expect(await admin.waitForBroker(1_000)).toBeDefined();
      const nowhere = closed(createKafkaAdmin({ brokers: ["127.0.0.1:1"] }));
      await expect(nowhere.waitForBroker(300)).rejects.toMatchObject({
        code: "BROKER_UNREACHABLE",
        message: expect.stringMatching(
          /^Cannot reach Kafka at 127\.0\.0\.1:1 within 300 ms: .*ECONNREFUSED/,
        ),
      });
      const stop = new AbortController();
      const waiting = nowhere.waitForBroker(60_000, stop.signal);
      stop.abort(new Error("stopped"));
      await expect(waiting).rejects.toThrow("stopped");
    });
  },
);
