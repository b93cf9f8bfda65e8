/** What a fetch returns, and when. */

import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../runtime/testing/mod.ts";
import { API, BatchBuilder } from "../../../runtime/wire/mod.ts";
import {
  batch,
  createTopic,
  direct,
  fetchBody,
  fetchFrom,
  produceTo,
  readRecords,
  settle,
} from "./_client.ts";

async function withTopic(options = {}, partitions = 2) {
  const client = direct(options);
  await createTopic(client, "t", partitions);
  return client;
}

/** Whether a promise has been settled, found out without waiting. */
function watch<T>(promise: Promise<T>) {
  const state = { isDone: false };
  promise.then(
    () => (state.isDone = true),
    () => (state.isDone = true),
  );
  return state;
}

describe("Fetch", () => {
  it("returns empty bytes, not null, when there is nothing", async () => {
    const client = await withTopic();
    const part = await fetchFrom(client, "t", 0);
    expect(part).toMatchObject({
      errorCode: 0,
      highWatermark: 0,
      lastStableOffset: 0,
      logStartOffset: 0,
      preferredReadReplica: -1,
    });
    expect(part.records).toEqual(new Uint8Array(0));
  });

  it("says nothing of aborted transactions, null or empty as the isolation wants it", async () => {
    const client = await withTopic();
    for (const [isolationLevel, aborted] of [
      [0, null],
      [1, []],
    ] as const) {
      const body = { ...fetchBody("t", 0), isolationLevel };
      const { responses, sessionId } = await client.send(API.Fetch, 11, body);
      expect(responses[0]?.partitions[0]?.abortedTransactions).toEqual(aborted);
      expect(sessionId).toBe(0);
    }
  });

  it("begins with the whole batch that holds the offset", async () => {
    const client = await withTopic();
    for (const values of [["a", "b", "c"], ["d"], ["e"]])
      await produceTo(client, "t", batch(values));
    const offsets = async (from: number) =>
      readRecords((await fetchFrom(client, "t", from)).records).map(({ offset }) => offset);
    expect(await offsets(0)).toEqual([0, 1, 2, 3, 4]);
    expect(await offsets(2)).toEqual([0, 1, 2, 3, 4]);
    expect(await offsets(3)).toEqual([3, 4]);
    expect(await offsets(4)).toEqual([4]);
    expect(await offsets(5)).toEqual([]);
  });

  it("refuses offsets outside the log, and partitions that do not exist", async () => {
    const client = await withTopic();
    await produceTo(client, "t", batch(["a"]));
    expect((await fetchFrom(client, "t", 2)).errorCode).toBe(1);
    expect((await fetchFrom(client, "t", -1)).errorCode).toBe(1);
    // An error is not waited on.
    const options = { partition: 2, maxWaitMs: 60_000 };
    expect(await fetchFrom(client, "t", 0, options)).toMatchObject({
      errorCode: 3,
      highWatermark: -1,
    });
  });

  it("refuses a leader epoch that has not been", async () => {
    const client = await withTopic();
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1 };
    const code = async (currentLeaderEpoch: number) => {
      const topics = [{ topic: "t", partitions: [{ ...partition, currentLeaderEpoch }] }];
      const { responses } = await client.send(API.Fetch, 11, { maxWaitMs: 0, topics });
      return responses[0]?.partitions[0]?.errorCode;
    };
    expect([await code(-1), await code(0), await code(1)]).toEqual([0, 0, 75]);
  });

  it("keeps no sessions, and knows none", async () => {
    const client = await withTopic();
    const body = fetchBody("t", 0);
    const begun = await client.send(API.Fetch, 11, { ...body, sessionId: 0, sessionEpoch: 0 });
    expect([begun.errorCode, begun.sessionId, begun.responses.length]).toEqual([0, 0, 1]);
    const made = await client.send(API.Fetch, 11, { ...body, sessionId: 5, sessionEpoch: 1 });
    expect(made.errorCode).toBe(70);
    const odd = await client.send(API.Fetch, 11, { ...body, sessionId: 0, sessionEpoch: 1 });
    expect(odd.errorCode).toBe(71);
  });

  it("holds a partition to its limit in whole batches, the first one whole whatever its size", async () => {
    const client = await withTopic();
    const size = batch(["x".repeat(1_000)]).length;
    for (let n = 0; n < 4; n++) await produceTo(client, "t", batch(["x".repeat(1_000)]));
    const count = async (partitionMaxBytes: number) =>
      (await fetchFrom(client, "t", 0, { partitionMaxBytes })).records!.length / size;
    expect(await count(1)).toBe(1);
    expect(await count(size * 2 - 1)).toBe(1);
    expect(await count(size * 2)).toBe(2);
    expect(await count(size * 100)).toBe(4);
  });

  it("returns a 5 MB record at a 1 MB limit", async () => {
    const client = direct();
    await createTopic(client, "large", 1, { "max.message.bytes": "10000000" });
    await produceTo(client, "large", batch(["x".repeat(5_000_000)]));
    const options = { maxBytes: 1 << 20, partitionMaxBytes: 1 << 20 };
    const { records } = await fetchFrom(client, "large", 0, options);
    expect(readRecords(records)[0]?.value).toHaveLength(5_000_000);
  });

  it("holds all partitions together to maxBytes, filled from the front", async () => {
    const client = await withTopic({}, 3);
    const size = batch(["x".repeat(1_000)]).length;
    for (const index of [0, 1, 2]) {
      for (let n = 0; n < 3; n++) {
        await produceTo(client, "t", batch(["x".repeat(1_000)]), { index });
      }
    }
    const counts = async (maxBytes: number, order: readonly number[]) => {
      const partitions = order.map((partition) => ({
        partition,
        fetchOffset: 0,
        partitionMaxBytes: 1 << 20,
      }));
      const body = { maxWaitMs: 0, minBytes: 1, maxBytes, topics: [{ topic: "t", partitions }] };
      const { responses } = await client.send(API.Fetch, 11, body);
      return responses[0]!.partitions.map((p) => [p.partitionIndex, p.records!.length / size]);
    };
    expect(await counts(size * 3, [0, 1, 2])).toEqual([
      [0, 3],
      [1, 0],
      [2, 0],
    ]);
    // Something is left for the second, so its first batch is whole.
    expect(await counts(size * 3 + 1, [2, 0, 1])).toEqual([
      [2, 3],
      [0, 1],
      [1, 0],
    ]);
    expect(await counts(0, [1, 2, 0])).toEqual([
      [1, 1],
      [2, 0],
      [0, 0],
    ]);
  });

  it("is held to the broker's own limit too", async () => {
    const size = batch(["x".repeat(1_000)]).length;
    const client = await withTopic({ maxFetchBytes: size * 2 });
    for (let n = 0; n < 4; n++) await produceTo(client, "t", batch(["x".repeat(1_000)]));
    const { records } = await fetchFrom(client, "t", 0);
    expect(records).toHaveLength(size * 2);
    // More than can be given is not waited for.
    const patient = { maxWaitMs: 60_000, minBytes: size * 3 };
    expect((await fetchFrom(client, "t", 0, patient)).records).toHaveLength(size * 2);
  });

  it("waits until its time is up", async () => {
    const clock = new ManualClock(1_000);
    const client = await withTopic({ clock });
    const fetched = fetchFrom(client, "t", 0, { maxWaitMs: 500 });
    const state = watch(fetched);
    await settle();
    clock.moveTo(1_499);
    await settle();
    expect(state.isDone).toBe(false);
    clock.moveTo(1_500);
    expect((await fetched).records).toHaveLength(0);
  });

  it("is woken by an append at once, on any of its partitions", async () => {
    const client = await withTopic({ clock: new ManualClock(0) });
    const partitions = [0, 1].map((partition) => ({
      partition,
      fetchOffset: 0,
      partitionMaxBytes: 1_000,
    }));
    const fetched = client.send(API.Fetch, 11, {
      maxWaitMs: 60_000,
      minBytes: 1,
      topics: [{ topic: "t", partitions }],
    });
    await settle();
    await produceTo(client, "t", batch([{ value: "now", timestamp: 0 }]), { index: 1 });
    const { responses } = await fetched;
    const values = responses[0]!.partitions.map((p) => readRecords(p.records).map((r) => r.value));
    expect(values).toEqual([[], ["now"]]);
  });

  it("goes on waiting while there is less than minBytes", async () => {
    const client = await withTopic({ clock: new ManualClock(0) });
    const size = batch([{ value: "a", timestamp: 0 }]).length;
    const fetched = fetchFrom(client, "t", 0, { maxWaitMs: 60_000, minBytes: size + 1 });
    const state = watch(fetched);
    const send = () => produceTo(client, "t", batch([{ value: "a", timestamp: 0 }]));
    await send();
    await settle();
    expect(state.isDone).toBe(false);
    await send();
    expect((await fetched).records).toHaveLength(size * 2);
  });

  it("is woken when its topic is deleted, or its records are", async () => {
    const client = await withTopic({ clock: new ManualClock(0) });
    const parked = () => fetchFrom(client, "t", 1, { maxWaitMs: 60_000 });
    for (let n = 0; n < 2; n++) await produceTo(client, "t", batch([{ value: "a", timestamp: 0 }]));
    const below = fetchFrom(client, "t", 0, { maxWaitMs: 60_000, minBytes: 1_000 });
    await settle();
    await client.send(API.DeleteRecords, 1, {
      topics: [{ name: "t", partitions: [{ partitionIndex: 0, offset: -1 }] }],
    });
    expect(await below).toMatchObject({ errorCode: 1, logStartOffset: 2, highWatermark: 2 });
    expect((await parked()).errorCode).toBe(1);
    const waiting = fetchFrom(client, "t", 2, { maxWaitMs: 60_000 });
    await settle();
    await client.send(API.DeleteTopics, 1, { topicNames: ["t"] });
    expect((await waiting).errorCode).toBe(3);
  });

  it("ends, and leaves nothing behind, when its client goes away", async () => {
    const client = await withTopic({ clock: new ManualClock(0) });
    const fetched = fetchFrom(client, "t", 0, { maxWaitMs: 60_000 });
    await settle();
    const { log } = client.cluster.topics.partition("t", 0)!;
    expect(log.waiters.size).toBe(1);
    client.disconnect();
    await fetched;
    expect(log.waiters.size).toBe(0);
  });
});

describe("ListOffsets", () => {
  async function offsetAt(
    client: Awaited<ReturnType<typeof withTopic>>,
    timestamp: number,
    version = 7,
  ) {
    const { topics } = await client.send(API.ListOffsets, version, {
      topics: [{ name: "t", partitions: [{ partitionIndex: 0, timestamp }] }],
    });
    const { errorCode, offset, timestamp: at } = topics[0]!.partitions[0]!;
    return [errorCode, offset, at];
  }

  it("finds the start, the end, times between and the highest time", async () => {
    const client = await withTopic();
    expect(await offsetAt(client, -1)).toEqual([0, 0, -1]);
    expect(await offsetAt(client, -3)).toEqual([0, -1, -1]);
    const at = (...times: readonly number[]) =>
      batch(times.map((timestamp) => ({ value: "v", timestamp })));
    await produceTo(client, "t", at(100, 300, 200));
    const builder = new BatchBuilder();
    const one = new Uint8Array(1);
    for (const time of [150, 900]) builder.append(time, one, 0, 1, one, 0, 1);
    await produceTo(client, "t", builder.finish({ compression: "gzip" }));
    await produceTo(client, "t", at(400));
    expect(await offsetAt(client, -1)).toEqual([0, 6, -1]);
    expect(await offsetAt(client, -2, 1)).toEqual([0, 0, -1]);
    expect(await offsetAt(client, 0)).toEqual([0, 0, 100]);
    expect(await offsetAt(client, 100)).toEqual([0, 0, 100]);
    expect(await offsetAt(client, 101)).toEqual([0, 1, 300]);
    expect(await offsetAt(client, 301)).toEqual([0, 4, 900]);
    expect(await offsetAt(client, 901)).toEqual([0, -1, -1]);
    expect(await offsetAt(client, -3)).toEqual([0, 4, 900]);
    expect(await offsetAt(client, -9)).toEqual([42, -1, -1]);
    await client.send(API.DeleteRecords, 1, {
      topics: [{ name: "t", partitions: [{ partitionIndex: 0, offset: 1 }] }],
    });
    expect(await offsetAt(client, -2)).toEqual([0, 1, -1]);
    expect(await offsetAt(client, 0)).toEqual([0, 1, 300]);
  });

  it("names the batch where its records cannot be read here", async () => {
    const client = await withTopic();
    await produceTo(client, "t", batch([{ value: "a", timestamp: 50 }]));
    const { log } = client.cluster.topics.partition("t", 0)!;
    const opaque = batch([
      { value: "a", timestamp: 100 },
      { value: "b", timestamp: 200 },
    ]);
    opaque[22] = 4;
    log.append(opaque, 2, 200);
    expect(await offsetAt(client, 150)).toEqual([0, 1, 200]);
  });

  it("says that a partition does not exist", async () => {
    const client = await withTopic();
    const { topics } = await client.send(API.ListOffsets, 3, {
      topics: [{ name: "t", partitions: [{ partitionIndex: 9, timestamp: -1 }] }],
    });
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 3, offset: -1 });
    const epochs = await client.send(API.OffsetForLeaderEpoch, 2, {
      topics: [
        {
          topic: "t",
          partitions: [
            { partition: 0, leaderEpoch: 0 },
            { partition: 0, leaderEpoch: 1 },
            { partition: 9, leaderEpoch: 0 },
          ],
        },
      ],
    });
    const answers = epochs.topics[0]!.partitions.map((p) => [
      p.errorCode,
      p.leaderEpoch,
      p.endOffset,
    ]);
    expect(answers).toEqual([
      [0, 0, 0],
      [0, -1, -1],
      [3, -1, -1],
    ]);
  });
});
