/** Clients that are broken, hostile, silent, too many or gone. */

import { connect } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Broker, type BrokerOptions, createBroker } from "../../../runtime/broker/mod.ts";
import { API, encodeRequest, versionRange } from "../../../runtime/wire/mod.ts";
import {
  batch,
  connectTo,
  createTopic,
  direct,
  fetchBody,
  framed,
  hex,
  produceTo,
  type TestClient,
  until,
} from "./_client.ts";

describe("a broker", () => {
  let broker: Broker;
  const brokers: Broker[] = [];
  const clients: TestClient[] = [];

  async function start(options: BrokerOptions = {}): Promise<Broker> {
    const started = await createBroker(options);
    brokers.push(started);
    return started;
  }
  async function connected(to = broker): Promise<TestClient> {
    const client = await connectTo(to);
    clients.push(client);
    return client;
  }
  async function stillServes(): Promise<void> {
    const client = await connected();
    expect((await client.send(API.Metadata, 1, { topics: [] })).controllerId).toBe(0);
    expect(broker.stats().internalErrors).toBe(0);
  }

  beforeEach(async () => {
    broker = await start({ maxRequestBytes: 1_000_000 });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await Promise.all(brokers.splice(0).map((each) => each.close()));
  });

  it.each([
    ["a negative size", "80000000 00"],
    ["a size over the limit", "000f4241 00"],
    ["an HTTP request", "47455420 2f204854 54502f31 2e310d0a"],
    ["a TLS hello", "16030100 a5010000 a10303"],
    ["an empty request", "00000000"],
    ["half a head", "00000003 001200"],
    ["a client id that is longer than the request", "0000000a 0012 0000 00000001 7fff"],
    ["a negative client id length", "0000000a 0012 0000 00000001 fffe"],
    ["an array that is longer than the request", "0000000e 0003 0001 00000001 ffff 7fffffff"],
  ])("closes the connection on %s, and counts it", async (_, bytes) => {
    const client = await connected();
    client.write(hex(bytes));
    await until(() => client.isClosed);
    expect(broker.stats().malformedRequests).toBe(1);
    await stillServes();
  });

  it("takes a request of exactly the limit", async () => {
    const exact = new Uint8Array(1_000_000);
    // Bytes after the body are passed over, as by Kafka.
    exact.set(hex("0012 0000 00000007 ffff"));
    const client = await connected();
    client.write(framed(exact));
    expect((await client.frame()).subarray(0, 6)).toEqual(hex("00000007 0000"));
  });

  it("does not take memory for what was only announced", async () => {
    const large = await start();
    const before = process.memoryUsage().arrayBuffers;
    const many = await Promise.all(Array.from({ length: 50 }, () => connected(large)));
    for (const client of many) client.write(hex("06400000 0012"));
    await until(() => large.stats().connections === 50);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  it("survives a thousand pieces of noise", async () => {
    const { cluster, connection } = direct();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        await cluster.handle(connection, noise).catch((error: Error) => {
          expect(error.name).toBe("ConnectionEnd");
        });
      }),
      { numRuns: 1_000 },
    );
    expect(cluster.counters.internalErrors).toBe(0);
    const client = await connected();
    client.write(crypto.getRandomValues(new Uint8Array(4_000)));
    await until(() => client.isClosed);
    await stillServes();
  });

  it("survives every API and version with a damaged body", async () => {
    const client = direct({ autoCreateTopics: false });
    await createTopic(client, "t");
    const { cluster, connection } = client;
    const bodies: readonly [key: number, body: object][] = [
      [API.Produce, { topicData: [{ name: "t", partitionData: [{ records: batch(["a"]) }] }] }],
      [API.Fetch, fetchBody("t", 0)],
      ...Object.values(API).map((key): [number, object] => [key, { topics: [{ name: "t" }] }]),
    ];
    for (const [key, body] of bodies) {
      const { min, max } = versionRange(key)!;
      for (let version = min; version <= max; version++) {
        let whole: Uint8Array;
        try {
          const head = { correlationId: 1, clientId: "x" };
          whole = encodeRequest(key as 3, version, head, body as never);
        } catch {
          continue;
        }
        for (let flipped = 8; flipped < whole.length; flipped++) {
          const damaged = whole.slice();
          damaged[flipped]! ^= 0xff;
          for (const bytes of [damaged, whole.subarray(0, flipped)]) {
            const gone = new AbortController();
            // Whatever it asks to wait for, nobody waits.
            gone.abort();
            const handled = cluster.handle({ ...connection, signal: gone.signal }, bytes);
            await Promise.race([handled.catch(() => {}), new Promise(setImmediate)]);
          }
        }
      }
    }
    expect(cluster.counters.internalErrors).toBe(0);
    cluster.close();
  });

  it("closes connections beyond its limit, and takes new ones when others have gone", async () => {
    const small = await start({ maxConnections: 2 });
    const [first] = [await connected(small), await connected(small)];
    const third = await connected(small);
    await until(() => third.isClosed);
    expect(small.stats()).toMatchObject({ connections: 2, refusedConnections: 1 });
    first.close();
    await until(() => small.stats().connections === 1);
    const fourth = await connected(small);
    expect((await fourth.send(API.Metadata, 1, { topics: [] })).controllerId).toBe(0);
  });

  it("closes connections that stay silent, also in the middle of a request, but not those that wait", async () => {
    const brief = await start({ idleTimeoutMs: 100 });
    const [silent, half, waiting] = [
      await connected(brief),
      await connected(brief),
      await connected(brief),
    ];
    half.write(hex("00000010 0012"));
    await createTopic(waiting, "t");
    const fetched = waiting.send(API.Fetch, 11, fetchBody("t", 0, { maxWaitMs: 400 }));
    await until(() => silent.isClosed && half.isClosed);
    expect((await fetched).errorCode).toBe(0);
    await until(() => waiting.isClosed);
    expect(brief.stats().connections).toBe(0);
  });

  it("stops what a client waits for when the client goes away", async () => {
    const client = await connected();
    await createTopic(client, "t");
    client.post(API.Fetch, 11, fetchBody("t", 0, { maxWaitMs: 600_000 }));
    const { log } = broker.cluster.topics.partition("t", 0)!;
    await until(() => log.waiters.size === 1);
    client.close();
    await until(() => log.waiters.size === 0);
  });

  it("does not read on while a client does not read its answers", async () => {
    const client = await connected();
    await createTopic(client, "t");
    await produceTo(client, "t", batch(["x".repeat(500_000)]));
    const slow = connect(broker.port, broker.host);
    slow.on("error", () => {});
    slow.pause();
    const body = fetchBody("t", 0);
    const request = framed(
      encodeRequest(API.Fetch, 11, { correlationId: 1, clientId: null }, body),
    );
    const before = broker.stats().requests.get(API.Fetch) ?? 0;
    for (let count = 0; count < 400; count++) slow.write(request);
    const handled = () => (broker.stats().requests.get(API.Fetch) ?? 0) - before;
    await until(() => handled() > 0);
    let last = -1;
    // Sockets buffer some megabytes; then nothing more is handled.
    await until(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const isStill = handled() === last;
      last = handled();
      return isStill;
    });
    expect(last).toBeLessThan(100);
    slow.resume();
    await until(() => handled() === 400);
    slow.destroy();
  });

  it("ends everything when it is closed, twice if need be", async () => {
    const client = await connected();
    await createTopic(client, "t");
    client.post(API.Fetch, 11, fetchBody("t", 0, { maxWaitMs: 600_000 }));
    await Promise.all([broker.close(), broker.close()]);
    await until(() => client.isClosed);
    await expect(connectTo(broker)).rejects.toThrow("ECONNREFUSED");
  });

  it("says that a port is taken, and which options make no sense", async () => {
    await expect(createBroker({ port: broker.port })).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringMatching(/^Cannot listen on 127\.0\.0\.1:\d+: /),
    });
    await expect(createBroker({ host: "203.0.113.1" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    for (const [options, message] of [
      [{ port: 70_000 }, "option port: must be a whole number from 0 to 65535, got 70000"],
      [{ maxConnections: 0 }, "option maxConnections: must be a whole number, at least 1, got 0"],
      [{ maxLogBytes: 1.5 }, "option maxLogBytes: must be a whole number, at least 1, got 1.5"],
      [{ topicDefaults: { "no.such": "1" } }, "Unknown topic config name: no.such"],
      [{ defaultPartitions: 5, maxPartitions: 4 }, "must not be over maxPartitions"],
      [{ minSessionTimeoutMs: 5, maxSessionTimeoutMs: 4 }, "must not be over maxSessionTimeoutMs"],
    ] as const) {
      await expect(createBroker(options)).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining(message),
      });
    }
  });
});
