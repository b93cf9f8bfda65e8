/** Heads, versions and the order of answers, as bytes. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Broker, createBroker } from "../../../runtime/broker/mod.ts";
import { API } from "../../../runtime/wire/mod.ts";
import { batch, connectTo, createTopic, fetchBody, hex, type TestClient } from "./_client.ts";

describe("a connection", () => {
  let broker: Broker;
  const clients: TestClient[] = [];

  beforeAll(async () => {
    broker = await createBroker({ clusterId: "protocol" });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(async () => {
    await broker.close();
  });

  async function connect(): Promise<TestClient> {
    const client = await connectTo(broker);
    clients.push(client);
    return client;
  }

  it("answers newer ApiVersions with error 35 in the form of version 0, again and again", async () => {
    const client = await connect();
    for (const [version, correlation] of [
      ["0005", "0000002a"],
      ["0004", "0000002b"],
      ["7fff", "0000002c"],
    ]) {
      // Head v2 of ApiVersions: key 18, version, correlation id, client id "x", no tags; then a
      // body in a form that nobody here knows.
      client.write(hex(`00000010 0012 ${version} ${correlation} 0001 78 00 ffffffff`));
      expect(await client.frame()).toEqual(
        // correlation id, error 35, one entry: ApiVersions (18) from 0 to 3.
        hex(`${correlation} 0023 00000001 0012 0000 0003`),
      );
    }
    const { errorCode } = await client.send(API.ApiVersions, 0, {});
    expect(errorCode).toBe(0);
  });

  it("lists what it speaks, Produce from version 0 on and no transactions", async () => {
    const client = await connect();
    const { apiKeys, errorCode, throttleTimeMs } = await client.send(API.ApiVersions, 3, {
      clientSoftwareName: "apache-kafka-java",
      clientSoftwareVersion: "4.3.0",
    });
    expect([errorCode, throttleTimeMs]).toEqual([0, 0]);
    const range = (key: number) => {
      const found = apiKeys.find(({ apiKey }) => apiKey === key);
      return found && [found.minVersion, found.maxVersion];
    };
    expect(range(API.Produce)).toEqual([0, 9]);
    expect(range(API.Fetch)).toEqual([4, 11]);
    expect(range(API.ApiVersions)).toEqual([0, 3]);
    for (const name of [
      "AddPartitionsToTxn",
      "AddOffsetsToTxn",
      "EndTxn",
      "TxnOffsetCommit",
    ] as const) {
      expect(range(API[name])).toBeUndefined();
    }
    expect(apiKeys).toHaveLength(25);
  });

  it("wants clients of ApiVersions 3 to have a name", async () => {
    const client = await connect();
    const { errorCode } = await client.send(API.ApiVersions, 3, {
      clientSoftwareName: "-",
      clientSoftwareVersion: "1",
    });
    expect(errorCode).toBe(42);
  });

  it("ends on an API, or a version of one, that it does not speak", async () => {
    for (const head of ["0018 0000", "0000 0002", "0001 000c", "03e8 0000"]) {
      const client = await connect();
      client.write(hex(`0000000a ${head} 00000001 ffff`));
      await expect(client.frame()).rejects.toThrow("closed");
    }
  });

  it("never answers acks=0, so that the next answer is the next request's", async () => {
    const client = await connect();
    await createTopic(client, "quiet");
    const topicData = [{ name: "quiet", partitionData: [{ index: 0, records: batch(["a"]) }] }];
    client.post(API.Produce, 7, { acks: 0, timeoutMs: 1_000, topicData });
    // `send` checks the correlation id of what comes.
    const { topics } = await client.send(API.ListOffsets, 1, {
      topics: [{ name: "quiet", partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    expect(topics[0]?.partitions[0]?.offset).toBe(1);
  });

  it("ends when a produce without answer fails, so that the producer notices", async () => {
    const client = await connect();
    const topicData = [{ name: "absent", partitionData: [{ index: 0, records: batch(["a"]) }] }];
    client.post(API.Produce, 7, { acks: 0, timeoutMs: 1_000, topicData });
    await expect(client.frame()).rejects.toThrow("closed");
    expect(broker.stats().internalErrors).toBe(0);
  });

  it("answers in the order of its requests, also behind a fetch that waits", async () => {
    const [client, other] = [await connect(), await connect()];
    await createTopic(client, "ordered");
    const parked = client.send(API.Fetch, 4, fetchBody("ordered", 0, { maxWaitMs: 200 }));
    const order: string[] = [];
    const listed = client.send(API.Metadata, 1, { topics: [] });
    await Promise.all([
      parked.then(() => order.push("fetch")),
      listed.then(() => order.push("metadata")),
      // Another connection does not wait for it.
      other.send(API.Metadata, 1, { topics: [] }).then(() => order.push("other")),
    ]);
    expect(order).toEqual(["other", "fetch", "metadata"]);
  });

  it("takes requests in single bytes, and many in one piece", async () => {
    const client = await connect();
    const request = hex("0000000a 0012 0000 00000005 ffff");
    client.socket.setNoDelay(true);
    for (const byte of request) {
      client.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.frame()).subarray(0, 6)).toEqual(hex("00000005 0000"));
    const many = new Uint8Array(request.length * 300);
    for (let at = 0; at < many.length; at += request.length) many.set(request, at);
    client.write(many);
    for (let count = 0; count < 300; count++) {
      expect((await client.frame()).subarray(0, 4)).toEqual(hex("00000005"));
    }
  });

  it("is told the one node, and where it came to when the broker listens everywhere", async () => {
    const client = await connect();
    const told = await client.send(API.Metadata, 9, { topics: [] });
    expect(told).toMatchObject({
      clusterId: "protocol",
      controllerId: 0,
      brokers: [{ nodeId: 0, host: "127.0.0.1", port: broker.port, rack: null }],
      topics: [],
    });
    const cluster = await client.send(API.DescribeCluster, 0, {});
    expect(cluster).toMatchObject({
      clusterId: "protocol",
      controllerId: 0,
      brokers: [{ brokerId: 0, host: "127.0.0.1", port: broker.port }],
    });
    await using everywhere = await createBroker({ host: "0.0.0.0" });
    const near = await connectTo({ ...everywhere, host: "127.0.0.1" } as Broker);
    const { brokers } = await near.send(API.Metadata, 1, { topics: [] });
    expect(brokers[0]?.host).toBe("127.0.0.1");
    near.close();
    await using named = await createBroker({ advertisedHost: "kafka.test" });
    const far = await connectTo(named);
    expect((await far.send(API.Metadata, 1, { topics: [] })).brokers[0]?.host).toBe("kafka.test");
    far.close();
  });
});
