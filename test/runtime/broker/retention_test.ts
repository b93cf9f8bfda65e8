/** What is deleted without being asked for, and when. */

import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../runtime/testing/mod.ts";
import { API } from "../../../runtime/wire/mod.ts";
import { batch, createTopic, direct, fetchFrom, produceTo, settle } from "./_client.ts";

const CHECK_MS = 300_000;
const NOW = 1_700_000_000_000;

async function logOf(configs: Record<string, string>) {
  const clock = new ManualClock(NOW);
  const client = direct({ clock });
  await createTopic(client, "t", 1, configs);
  const send = (ageMs: number, count = 1) => {
    const timestamp = clock.now() - ageMs;
    return produceTo(client, "t", batch(Array(count).fill({ value: "x".repeat(100), timestamp })));
  };
  const start = async () => (await fetchFrom(client, "t", 0)).logStartOffset;
  const check = async () => {
    clock.moveTo(clock.now() + CHECK_MS);
    await settle();
  };
  return { client, send, start, check };
}

describe("retention", () => {
  it("by time deletes whole batches from the front at each check, not at once", async () => {
    const { send, start, check, client } = await logOf({ "retention.ms": "1000000" });
    await send(1_000_000 - CHECK_MS + 1, 3);
    await send(1_000_000 - CHECK_MS);
    await send(1_000_000);
    await send(0);
    expect(await start()).toBe(0);
    await check();
    expect(await start()).toBe(3);
    expect((await fetchFrom(client, "t", 0)).errorCode).toBe(1);
    // What is old behind something young waits for it.
    await check();
    expect(await start()).toBe(5);
    for (let n = 0; n < 3; n++) await check();
    expect(await start()).toBe(6);
    expect(client.cluster.topics.budget.usedBytes).toBe(0);
    // Offsets go on where they were.
    expect((await send(0)).baseOffset).toBe(6);
  });

  it("by size deletes at once what is not needed to keep that many bytes", async () => {
    const size = batch(["x".repeat(100)]).length;
    const { send, start } = await logOf({ "retention.bytes": `${size * 2}` });
    for (const expected of [0, 0, 1, 2]) {
      await send(0);
      expect(await start()).toBe(expected);
    }
    const more = await logOf({ "retention.bytes": `${size * 2 + 1}` });
    for (const expected of [0, 0, 0, 1]) {
      await more.send(0);
      expect(await more.start()).toBe(expected);
    }
  });

  it("keeps everything at -1, and on a topic that is only compacted", async () => {
    for (const configs of [
      { "retention.ms": "-1", "retention.bytes": "-1" },
      { "cleanup.policy": "compact", "retention.ms": "1", "retention.bytes": "1" },
    ]) {
      const { client, start, check } = await logOf(configs);
      for (let n = 0; n < 3; n++) {
        await produceTo(client, "t", batch([{ key: "k", value: "v", timestamp: 5 }]));
      }
      await check();
      expect(await start()).toBe(0);
    }
  });

  it("deletes to make room before an append is refused", async () => {
    const size = batch(["x".repeat(100)]).length + 200;
    const clock = new ManualClock(NOW);
    const client = direct({ clock, maxLogBytes: size });
    await createTopic(client, "t", 1, { "retention.ms": "1000" });
    const send = (timestamp: number) =>
      produceTo(client, "t", batch([{ value: "x".repeat(100), timestamp }]));
    expect((await send(NOW)).errorCode).toBe(0);
    expect((await send(NOW)).errorCode).toBe(44);
    clock.moveTo(NOW + 1_001);
    expect(await send(NOW + 1_001)).toMatchObject({ errorCode: 0, baseOffset: 1 });
  });

  it("gives back the memory of ten thousand deleted batches and still finds the rest", async () => {
    const { client } = await logOf({ "retention.ms": "-1" });
    for (let n = 0; n < 10_000; n++)
      await produceTo(client, "t", batch([{ value: `${n}`, timestamp: NOW }]));
    const before = (offset: number) =>
      client.send(API.DeleteRecords, 2, {
        topics: [{ name: "t", partitions: [{ partitionIndex: 0, offset }] }],
      });
    for (const offset of [10, 50, 5_000, 9_990]) {
      const { topics } = await before(offset);
      expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: offset });
      const { log } = client.cluster.topics.partition("t", 0)!;
      expect(log.batchCount).toBe(10_000 - offset);
      const next = log.select(offset + 5, 1);
      expect(log.copy(next)[7]).toBe((offset + 5) & 0xff);
    }
    expect(client.cluster.topics.budget.usedBytes).toBeLessThan(10 * 300);
  });
});
