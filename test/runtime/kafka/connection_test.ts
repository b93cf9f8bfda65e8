import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Connection, openConnection } from "../../../runtime/kafka/connection.ts";
import { type KafkaSettings, resolveOptions } from "../../../runtime/kafka/options.ts";
import { quietRequestQueueTimer } from "../../../runtime/kafka/quiet_timer.ts";
import { API } from "../../../runtime/wire/mod.ts";
import { type ScriptedBroker, startScriptedBroker } from "./_scripted_broker.ts";

let broker: ScriptedBroker;
const opened: Connection[] = [];

afterEach(async () => {
  for (const connection of opened.splice(0)) connection.close();
  await broker.close();
});

async function open(settings: Partial<KafkaSettings> = {}): Promise<Connection> {
  const options = resolveOptions({ brokers: [broker.address], ...settings });
  const connection = await openConnection(broker.address, options);
  opened.push(connection);
  return connection;
}

describe("a connection through kafkajs' private parts", () => {
  it("sends any API in any version, flexible ones too, and decodes the answer itself", async () => {
    broker = await startScriptedBroker({ t: 2 });
    const connection = await open();
    for (const version of [4, 8, 9, 12]) {
      const answer = await connection.send(API.Metadata, version, { topics: [{ name: "t" }] });
      expect(answer.clusterId).toBe("scripted");
      expect(answer.topics[0]?.partitions).toHaveLength(2);
    }
  });

  it("hands on error codes that kafkajs does not know", async () => {
    broker = await startScriptedBroker({}, { Heartbeat: () => ({ errorCode: 113 }) });
    const connection = await open();
    const answer = await connection.send(API.Heartbeat, 3, { groupId: "g", memberId: "m" });
    expect(answer.errorCode).toBe(113);
  });

  it("chooses the highest version both know, and refuses when there is none", async () => {
    broker = await startScriptedBroker(
      {},
      {
        ApiVersions: () => ({
          apiKeys: [
            { apiKey: API.ApiVersions, minVersion: 0, maxVersion: 2 },
            { apiKey: API.Fetch, minVersion: 5, maxVersion: 9 },
          ],
        }),
      },
    );
    const connection = await open();
    expect(connection.version(API.Fetch, 4, 11)).toBe(9);
    expect(connection.version(API.Fetch, 4, 5)).toBe(5);
    expect(() => connection.version(API.Fetch, 10, 11)).toThrow(/it offers 5 to 9/);
    expect(() => connection.version(API.Fetch, 3, 4)).toThrow(/needs a version from 3 to 4/);
    expect(() => connection.version(API.Produce, 3, 8)).toThrow(/it offers none/);
  });

  it("fails what is in flight when the connection is cut, and is closed then", async () => {
    broker = await startScriptedBroker({}, { Heartbeat: () => "cut" });
    const connection = await open();
    expect(connection.isOpen).toBe(true);
    const beat = connection.send(API.Heartbeat, 3, { groupId: "g", memberId: "m" });
    await expect(beat).rejects.toMatchObject({ code: "BROKER_UNREACHABLE" });
    expect(connection.isOpen).toBe(false);
  });

  it("gives up on an answer that does not come, and closes: it could come late", async () => {
    broker = await startScriptedBroker({}, { Heartbeat: () => undefined });
    const connection = await open({ requestTimeoutMs: 150 });
    const beat = connection.send(API.Heartbeat, 3, { groupId: "g", memberId: "m" });
    await expect(beat).rejects.toThrow(/timed out/);
    expect(connection.isOpen).toBe(false);
  });

  it("waits longer for requests that ask the broker to wait", async () => {
    broker = await startScriptedBroker(
      {},
      {
        JoinGroup: async () => {
          await new Promise((resolve) => setTimeout(resolve, 500));
          return { memberId: "m" };
        },
      },
    );
    const connection = await open({ requestTimeoutMs: 150 });
    const answer = await connection.send(API.JoinGroup, 5, { groupId: "g" }, 2_000);
    expect(answer.memberId).toBe("m");
  });

  it("says which address cannot be reached", async () => {
    broker = await startScriptedBroker({});
    await broker.close();
    await expect(open()).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
      message: expect.stringContaining(broker.address),
    });
  });

  it("reaches IPv6 addresses, which kafkajs cannot read", async () => {
    broker = await startScriptedBroker({});
    const asked: unknown[] = [];
    const options = resolveOptions({
      brokers: ["[::1]:9092"],
      socketFactory({ host, port, onConnect }) {
        asked.push([host, port]);
        return connect({ host: broker.host, port: broker.port }, onConnect);
      },
    });
    opened.push(await openConnection("[::1]:9092", options));
    // As metadata name it.
    opened.push(await openConnection("::1:9093", options));
    expect(asked).toEqual([
      ["::1", 9092],
      ["::1", 9093],
    ]);
  });

  it("turns Nagle's delay off", async () => {
    broker = await startScriptedBroker({});
    const noDelay = vi.fn();
    await open({
      socketFactory({ host, port, onConnect }) {
        const socket = connect({ host, port }, onConnect);
        socket.setNoDelay = (value) => {
          noDelay(value);
          return socket;
        };
        return socket;
      },
    });
    expect(noDelay).toHaveBeenCalledWith(true);
  });
});

describe("kafkajs' polling timer", () => {
  it("does not run when nothing waits to be sent", async () => {
    broker = await startScriptedBroker({ t: 1 });
    const connection = await open();
    await connection.send(API.Metadata, 9, { topics: [] });
    const timers = vi.spyOn(globalThis, "setTimeout");
    await new Promise((resolve) => setImmediate(resolve));
    const before = timers.mock.calls.length;
    // Unpatched, some fifty of them start in this time.
    await new Promise((resolve) => setTimeout(resolve, 60));
    const started = timers.mock.calls.length - before - 1;
    timers.mockRestore();
    expect(started).toBeLessThan(5);
  });

  it("still runs for requests that wait", async () => {
    broker = await startScriptedBroker({});
    const { prototype } = quietRequestQueueTimer();
    const checked = await new Promise((resolve) => {
      prototype.scheduleCheckPendingRequests.call({
        pending: ["a request"],
        throttledUntil: Date.now() + 5,
        checkPendingRequests: () => resolve(true),
      } as never);
    });
    expect(checked).toBe(true);
  });
});
