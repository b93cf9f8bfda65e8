/**
 * The dashboard over real sockets: pages, limits, hot reload.
 *
 * Longer than 400 lines: every case drives the same server with the same client.
 */

import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createDashboard, type Dashboard, type DashboardOptions } from "../../web/mod.ts";
import { type Cursor, SOCKET_PATH, SUBPROTOCOL } from "../../web/protocol.ts";
import { ManualClock, TestClient } from "./_client.ts";
import { evaluatePaths, FakeTopic, path, SHOPPERS, START_MS, until } from "./_fixtures.ts";

const opened: Dashboard[] = [];
const clock = new ManualClock();

async function open(options: Partial<DashboardOptions> = {}): Promise<Dashboard> {
  const dashboard = await createDashboard({
    dashboard: SHOPPERS,
    epoch: "epoch-1",
    evaluate: evaluatePaths,
    clock,
    ...options,
    limits: { flushMs: 5, closeMs: 200, ...options.limits },
  });
  opened.push(dashboard);
  return dashboard;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((dashboard) => dashboard.close()));
});

/** Status line of a refused handshake. */
async function refusal(
  port: number,
  headers: Record<string, string>,
  protocol = SUBPROTOCOL,
): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${SOCKET_PATH}`, protocol, { headers });
  socket.on("error", () => {});
  const [, response] = (await once(socket, "unexpected-response")) as [
    unknown,
    { statusCode: number },
  ];
  return response.statusCode;
}

function cursorOf(client: TestClient): Cursor {
  const { run, epoch } = client.all("hello").at(-1)!;
  const newest = client.messages.findLast((m) => m.type === "snapshot" || m.type === "delta");
  if (newest?.type !== "snapshot" && newest?.type !== "delta") throw new Error("no data yet");
  return { run, epoch, seq: newest.seq, positions: newest.positions };
}

describe("handshake", () => {
  test("a foreign Origin, a foreign Host, another protocol are refused before there is a socket", async () => {
    const { port } = await open();
    expect(await refusal(port, { origin: "https://evil.example" })).toBe(403);
    expect(await refusal(port, { origin: "http://127.0.0.1:1" })).toBe(403);
    expect(await refusal(port, { host: "evil.example" })).toBe(403);
    expect(await refusal(port, {}, "millrace.v0")).toBe(400);
  });

  test("our own Origin is let in", async () => {
    const { port } = await open();
    const client = await new TestClient(port, { origin: `http://127.0.0.1:${port}` }).hello();
    expect((await client.next("hello")).epoch).toBe("epoch-1");
  });

  test("more pages than the cap get 503, and room that is left is given again", async () => {
    const { port } = await open({ limits: { maxClients: 1 } });
    const first = await new TestClient(port).hello();
    expect(await refusal(port, {})).toBe(503);
    first.socket.close();
    await first.closed();
    const second = await new TestClient(port).hello();
    await second.next("snapshot");
  });
});

describe("what a page must not do", () => {
  test("a frame above 4 kB: 1009", async () => {
    const { port } = await open();
    const client = await new TestClient(port).open();
    client.socket.send("x".repeat(4_097));
    expect(await client.closed()).toBe(1009);
  });

  test("anything but a hello: 4400, also a binary one", async () => {
    const { port } = await open();
    const client = await new TestClient(port).open();
    client.socket.send('{"type":"subscribe"}');
    expect(await client.closed()).toBe(4400);
    const binary = await new TestClient(port).open();
    binary.socket.send(new TextEncoder().encode('{"type":"hello"}'));
    expect(await binary.closed()).toBe(4400);
  });

  test("a second hello: 4409", async () => {
    const { port } = await open();
    const client = await new TestClient(port).hello();
    await client.next("snapshot");
    await client.hello();
    expect(await client.closed()).toBe(4409);
  });

  test("no hello for five seconds: 4408", async () => {
    const { port } = await open();
    const client = await new TestClient(port).open();
    clock.ms += 4_999;
    const other = await new TestClient(port).hello();
    await other.next("snapshot");
    expect(client.closeCode).toBeUndefined();
    clock.ms += 1;
    expect(await client.closed()).toBe(4408);
  });

  test("an unanswered ping: 4414; an answered one changes nothing", async () => {
    const { port } = await open();
    const alive = await new TestClient(port).hello();
    const dead = await new TestClient(port).hello();
    await Promise.all([alive.next("snapshot"), dead.next("snapshot")]);
    // Reads and pongs no more; the server learns it from silence alone.
    (dead.socket as unknown as { _socket: { pause(): void } })._socket.pause();
    const pinged = once(alive.socket, "ping");
    clock.ms += 25_000;
    await pinged;
    const again = once(alive.socket, "ping");
    await until(async () => {
      clock.ms += 25_000;
      await alive.next("heartbeat");
      return true;
    }, "time to pass");
    await again;
    await until(() => alive.closeCode === undefined, "the living page to stay");
    (dead.socket as unknown as { _socket: { resume(): void } })._socket.resume();
    expect([4414, 1006]).toContain(await dead.closed());
  });
});

describe("snapshot and deltas", () => {
  test("a page opened late gets the last windows at once, and what is counted but not drawn", async () => {
    const dashboard = await open();
    const topic = new FakeTopic();
    for (let second = 0; second < 30; second++) {
      dashboard.push(topic.append("FEMALE", second, second));
      dashboard.push(topic.append("UNKNOWN", second, 1));
    }
    const client = await new TestClient(dashboard.port).hello();
    const snapshot = await client.next("snapshot");
    expect(snapshot.full).toBe(true);
    const rows = snapshot.charts["chart-0"] ?? [];
    expect(rows.map(({ start }) => (start - START_MS) / 1_000)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 10),
    );
    expect(rows[0]?.values).toEqual({ FEMALE: 10 });
    expect(snapshot.counters["counter-0"]).toEqual({
      FEMALE: { newest: 29, window: [START_MS + 29_000, START_MS + 30_000], total: 435 },
      UNKNOWN: { newest: 1, window: [START_MS + 29_000, START_MS + 30_000], total: 30 },
    });
  });

  test("the hello says what to draw; a counter without labels has those of the chart", async () => {
    const { port } = await open();
    const client = await new TestClient(port).hello();
    const hello = await client.next("hello");
    expect(hello.charts[0]).toMatchObject({
      points: 20,
      missing: "zero",
      stepMs: 1_000,
      only: ["FEMALE", "MALE"],
    });
    expect(hello.counters[0]?.labels).toEqual(SHOPPERS.charts[0]?.labels);
  });

  test("deltas follow each other without a hole, and say each change once", async () => {
    const dashboard = await open();
    const topic = new FakeTopic();
    const client = await new TestClient(dashboard.port).hello();
    await client.next("snapshot");
    for (let second = 0; second < 5; second++) {
      dashboard.push(topic.append("FEMALE", second, second + 1));
      const want = START_MS + second * 1_000;
      await client.next("delta", (d) => d.charts["chart-0"]?.at(-1)?.start === want);
    }
    const deltas = client.all("delta");
    for (let i = 1; i < deltas.length; i++) expect(deltas[i]!.since).toBe(deltas[i - 1]!.seq);
    const starts = deltas.flatMap((d) => d.charts["chart-0"]?.map(({ start }) => start) ?? []);
    expect(starts).toEqual([0, 1, 2, 3, 4].map((second) => START_MS + second * 1_000));
  });

  test("a record pushed twice (same partition and offset) changes nothing", async () => {
    const dashboard = await open();
    const topic = new FakeTopic();
    const old = topic.append("FEMALE", 0, 3);
    dashboard.push(old);
    dashboard.push(topic.append("FEMALE", 0, 5));
    dashboard.push(old);
    const client = await new TestClient(dashboard.port).hello();
    const { charts, counters } = await client.next("snapshot");
    expect(charts["chart-0"]?.[0]?.values).toEqual({ FEMALE: 5 });
    expect(counters["counter-0"]?.["FEMALE"]?.total).toBe(5);
  });

  test("a record whose expression fails is counted, the others are shown", async () => {
    const dashboard = await open();
    const topic = new FakeTopic();
    dashboard.push({ ...topic.append("FEMALE", 0, 3), value: {} });
    dashboard.push({ ...topic.append("FEMALE", 1, 3), value: { people: 7n } });
    const client = await new TestClient(dashboard.port).hello();
    const { charts } = await client.next("snapshot");
    expect(charts["chart-0"]).toHaveLength(1);
    expect(charts["chart-0"]?.[0]?.values).toEqual({ FEMALE: 7 });
    expect(dashboard.statistics()).toMatchObject({ records: 2, failed: 2 });
  });
});

describe("coming back", () => {
  test("to the same server: exactly the rows that changed meanwhile", async () => {
    const dashboard = await open();
    const topic = new FakeTopic();
    for (let second = 0; second < 3; second++) dashboard.push(topic.append("FEMALE", second, 1));
    const client = await new TestClient(dashboard.port).hello();
    await client.next("snapshot");
    client.socket.close();
    await client.closed();
    dashboard.push(topic.append("MALE", 1, 9));
    dashboard.push(topic.append("FEMALE", 3, 4));
    const back = await new TestClient(dashboard.port).hello(cursorOf(client));
    const snapshot = await back.next("snapshot");
    expect(snapshot.full).toBe(false);
    expect(snapshot.charts["chart-0"]).toEqual([
      { start: START_MS + 1_000, end: START_MS + 2_000, values: { FEMALE: 1, MALE: 9 } },
      { start: START_MS + 3_000, end: START_MS + 4_000, values: { FEMALE: 4 } },
    ]);
    expect(Object.keys(snapshot.counters["counter-0"] ?? {})).toEqual(["FEMALE", "MALE"]);
    expect(dashboard.statistics().resumed).toBe(1);
  });

  test("to a restarted one: it waits until it has read what the page had seen, then says everything", async () => {
    const first = await open();
    const topic = new FakeTopic();
    for (let second = 0; second < 25; second++) first.push(topic.append("FEMALE", second, second));
    const client = await new TestClient(first.port).hello();
    const before = await client.next("snapshot");
    await first.close();
    expect(await client.closed()).toBe(1012);

    const second = await open();
    const back = await new TestClient(second.port).hello(cursorOf(client));
    await back.next("hello");
    for (const record of topic.records.slice(0, -1)) second.push(record);
    await until(() => second.statistics().records === 24, "the pushes");
    const witness = await new TestClient(second.port).hello();
    await witness.next("snapshot");
    expect(back.all("snapshot")).toEqual([]);
    second.push(topic.records.at(-1)!);
    const after = await back.next("snapshot");
    expect(after.full).toBe(true);
    expect(after.charts).toEqual(before.charts);
    expect(after.counters).toEqual(before.counters);
  });

  test("a restarted server that never gets so far answers after ten seconds, or when the feed is live", async () => {
    const dashboard = await open();
    const cursor = { epoch: "epoch-1", run: "earlier", seq: 3, positions: { shoppers: [7] } };
    const client = await new TestClient(dashboard.port).hello(cursor);
    await client.next("hello");
    clock.ms += 10_000;
    expect((await client.next("snapshot")).full).toBe(true);

    const other = await new TestClient(dashboard.port).hello(cursor);
    await other.next("hello");
    expect(other.all("snapshot")).toEqual([]);
    dashboard.setStatus({ feed: "live" });
    await other.next("snapshot");
  });

  test("to a restarted one that does not know the epoch yet: nothing is said that would clear the page", async () => {
    const topic = new FakeTopic();
    for (let second = 0; second < 3; second++) topic.append("FEMALE", second, 5);
    const dashboard = await open({ epoch: "" });
    const cursor = { epoch: "epoch-1", run: "earlier", seq: 3, positions: { shoppers: [2] } };
    const back = await new TestClient(dashboard.port).hello(cursor);
    const fresh = await new TestClient(dashboard.port).hello();
    await fresh.next("snapshot");
    clock.ms += 10_000;
    await back.next("heartbeat");
    expect(back.all("hello")).toEqual([]);
    dashboard.setDashboard(SHOPPERS, "epoch-1");
    expect((await back.next("hello")).epoch).toBe("epoch-1");
    expect((await fresh.next("hello", ({ epoch }) => epoch !== "")).epoch).toBe("epoch-1");
    for (const record of topic.records) dashboard.push(record);
    const { charts } = await back.next("snapshot");
    expect(charts["chart-0"]).toHaveLength(3);
    expect(back.all("snapshot")).toHaveLength(1);
  });

  test("a hot reload while a page waits for a restarted server does not cut the wait short", async () => {
    const dashboard = await open();
    const cursor = { epoch: "epoch-1", run: "earlier", seq: 3, positions: { shoppers: [0] } };
    const back = await new TestClient(dashboard.port).hello(cursor);
    await back.next("hello");
    dashboard.setDashboard({ ...SHOPPERS, title: "other" }, "epoch-1");
    await back.next("hello", ({ title }) => title === "other");
    expect(back.all("snapshot")).toEqual([]);
    dashboard.push(new FakeTopic().append("FEMALE", 0, 5));
    expect((await back.next("snapshot")).charts["chart-0"]).toHaveLength(1);
  });

  test("with a cursor of another epoch: everything, at once", async () => {
    const { port } = await open();
    const cursor = { epoch: "epoch-0", run: "earlier", seq: 3, positions: { shoppers: [7] } };
    const client = await new TestClient(port).hello(cursor);
    expect((await client.next("snapshot")).full).toBe(true);
  });
});

test("a chart without series has one curve, called by its title or its stream", async () => {
  const { series: _, only: __, ...chart } = SHOPPERS.charts[0]!;
  const plain = { ...chart, labels: {} };
  const { series: ___, ...counter } = SHOPPERS.counters[0]!;
  const charts = [plain, { ...plain, title: "All" }];
  const dashboard = await open({ dashboard: { title: "t", charts, counters: [counter] } });
  dashboard.push(new FakeTopic().append("MALE", 0, 3));
  const client = await new TestClient(dashboard.port).hello();
  const snapshot = await client.next("snapshot");
  expect(snapshot.charts["chart-1"]?.[0]?.values).toEqual({ "": 3 });
  const hello = await client.next("hello");
  expect(hello.charts.map(({ labels }) => labels)).toEqual([{ "": "shoppers" }, { "": "All" }]);
  expect(hello.counters[0]?.labels).toEqual({ "": "shoppers" });
});

describe("hot reload", () => {
  const relabelled = { ...SHOPPERS, title: "other" };

  test("new labels keep the points, a new expression asks for the stream again", async () => {
    const dashboard = await open();
    const topic = new FakeTopic();
    dashboard.push(topic.append("FEMALE", 0, 3));
    const client = await new TestClient(dashboard.port).hello();
    await client.next("snapshot");
    const away = cursorOf(client);

    expect(dashboard.setDashboard(relabelled, "epoch-1")).toEqual([]);
    await client.next("hello", ({ title }) => title === "other");
    const kept = await until(() => client.all("snapshot")[1], "a second snapshot");
    // The hello first: the page must know what the ids in the snapshot mean.
    const order = client.messages.filter((m) => m.type === "hello" || m.type === "snapshot");
    expect(order.map((m) => m.type)).toEqual(["hello", "snapshot", "hello", "snapshot"]);
    expect(kept).toMatchObject({ full: true, charts: { "chart-0": [{ values: { FEMALE: 3 } }] } });
    // A page that was away cannot know that ids may mean other charts now.
    const back = await new TestClient(dashboard.port).hello(away);
    expect((await back.next("snapshot")).full).toBe(true);

    const chart = { ...SHOPPERS.charts[0]!, y: path("value.buyers") };
    const changed = { ...SHOPPERS, charts: [chart] };
    expect(dashboard.setDashboard(changed, "epoch-1")).toEqual(["shoppers"]);
    for (const record of topic.records) dashboard.push(record);
    const delta = await client.next("delta");
    expect(delta.charts["chart-0"]?.[0]?.values).toEqual({ FEMALE: 0 });
    // The counter was taken over, and has not counted the record twice.
    const fresh = await new TestClient(dashboard.port).hello();
    expect((await fresh.next("snapshot")).counters["counter-0"]?.["FEMALE"]?.total).toBe(3);
  });

  test("another epoch starts over", async () => {
    const dashboard = await open();
    const topic = new FakeTopic();
    dashboard.push(topic.append("FEMALE", 0, 3));
    expect(dashboard.setDashboard(SHOPPERS, "epoch-2")).toEqual(["shoppers"]);
    const client = await new TestClient(dashboard.port).hello();
    expect((await client.next("hello")).epoch).toBe("epoch-2");
    expect(await client.next("snapshot")).toMatchObject({ charts: {}, counters: {} });
  });

  test("diagnostics are shown to pages there and pages to come, and cleared", async () => {
    const dashboard = await open();
    const early = await new TestClient(dashboard.port).hello();
    await early.next("snapshot");
    const fault = {
      code: "UNKNOWN_FIELD",
      severity: "error",
      file: "t.yaml",
      line: 3,
      column: 9,
      message: "m",
      frame: "f",
    } as const;
    dashboard.setDiagnostics([fault]);
    await early.next("diagnostics", ({ list }) => list.length === 1);
    const late = await new TestClient(dashboard.port).hello();
    expect((await late.next("diagnostics")).list).toEqual([fault]);
    dashboard.setDiagnostics([]);
    await late.next("diagnostics", ({ list }) => list.length === 0);
  });
});

describe("a page that reads too slowly", () => {
  /** Rows of a megabyte, so that the kernel's own buffers do not hide what the server does. */
  const wide = { ...SHOPPERS, charts: SHOPPERS.charts.map(({ only: _, ...chart }) => chart) };
  const big = "s".repeat(1_000_000);

  function pause(client: TestClient): void {
    (client.socket as unknown as { _socket: { pause(): void } })._socket.pause();
  }

  test("is sent the newest state once it reads again, not every step, and misses nothing", async () => {
    const dashboard = await open({ dashboard: wide });
    const topic = new FakeTopic();
    const client = await new TestClient(dashboard.port).hello();
    await client.next("snapshot");
    pause(client);
    await until(() => {
      dashboard.push({ ...topic.append("FEMALE", 0, topic.records.length), key: big });
      return dashboard.statistics().conflated > 5;
    }, "deltas to be conflated");
    const last = { ...topic.append("MALE", 1, 42) };
    dashboard.push(last);
    (client.socket as unknown as { _socket: { resume(): void } })._socket.resume();
    const caughtUp = await client.next("snapshot", ({ full }) => !full);
    expect(caughtUp.conflated).toBeGreaterThan(5);
    expect(caughtUp.charts["chart-0"]?.at(-1)?.values).toEqual({ MALE: 42 });
    expect(caughtUp.charts["chart-0"]?.[0]?.values[big]).toBe(topic.records.length - 2);
  });

  test("is closed with 4413 when it stays behind for ten seconds; others are not", async () => {
    const dashboard = await open({ dashboard: wide });
    const topic = new FakeTopic();
    const slow = await new TestClient(dashboard.port).hello();
    const quick = await new TestClient(dashboard.port).hello();
    await Promise.all([slow.next("snapshot"), quick.next("snapshot")]);
    pause(slow);
    await until(() => {
      dashboard.push({ ...topic.append("FEMALE", 0, topic.records.length), key: big });
      return dashboard.statistics().conflated > 5;
    }, "deltas to be conflated");
    clock.ms += 10_000;
    await until(() => dashboard.statistics().slowClosed === 1, "the slow page to be closed");
    (slow.socket as unknown as { _socket: { resume(): void } })._socket.resume();
    expect(await slow.closed()).toBe(4413);
    expect(quick.closeCode).toBeUndefined();
  });
});
