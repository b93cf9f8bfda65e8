/** Faults on purpose. */

import { describe, expect, it } from "vitest";
import { Cluster, type Intervention } from "../../../runtime/broker/mod.ts";
import { ManualClock } from "../../../runtime/testing/mod.ts";
import { API } from "../../../runtime/wire/mod.ts";
import {
  batch,
  createTopic,
  direct,
  fetchFrom,
  produceTo,
  readRecords,
  settle,
} from "./_client.ts";

/** A topic, and what happens to the first produce to it. */
async function withFault(intervention: Intervention, clock = new ManualClock(0)) {
  const seen: string[] = [];
  const cluster = new Cluster({
    clock,
    intercept: ({ apiKey, seenBefore, connection }) => {
      seen.push(`${apiKey}#${seenBefore}@${connection.clientHost}`);
      return apiKey === API.Produce && seenBefore === 0 ? intervention : undefined;
    },
  });
  const client = direct(cluster);
  await createTopic(client, "t");
  const send = () => produceTo(client, "t", batch([{ value: "a", timestamp: 0 }]));
  const end = async () => (await fetchFrom(client, "t", 0)).highWatermark;
  return { client, clock, seen, send, end };
}

describe("an interceptor", () => {
  it("sees every request, counted by API", async () => {
    const { seen, send, end } = await withFault({});
    await send();
    await send();
    expect(await end()).toBe(2);
    expect(seen).toEqual([19, 0, 0, 1].map((key, n) => `${key}#${n === 2 ? 1 : 0}@10.0.0.1`));
  });

  it("can lose a request, or only its answer", async () => {
    const lost = await withFault({ request: "drop" });
    await expect(lost.send()).rejects.toThrow("not answered");
    expect(await lost.end()).toBe(0);
    const unanswered = await withFault({ response: "drop" });
    await expect(unanswered.send()).rejects.toThrow("not answered");
    expect(await unanswered.end()).toBe(1);
  });

  it("can end the connection before or after the request is handled", async () => {
    const before = await withFault({ request: "cut" });
    await expect(before.send()).rejects.toMatchObject({ name: "ConnectionEnd" });
    expect(await before.end()).toBe(0);
    const after = await withFault({ response: "cut" });
    await expect(after.send()).rejects.toMatchObject({ name: "ConnectionEnd" });
    expect(await after.end()).toBe(1);
    expect(after.client.cluster.counters).toMatchObject({
      malformedRequests: 0,
      internalErrors: 0,
    });
  });

  it("can put another answer, or another request, in the place of the right one", async () => {
    const failing = {
      responses: [{ name: "t", partitionResponses: [{ index: 0, errorCode: 6 }] }],
    };
    const denied = await withFault({ response: failing, skipHandler: true });
    expect((await denied.send()).errorCode).toBe(6);
    expect(await denied.end()).toBe(0);
    const lying = await withFault({ response: failing });
    expect((await lying.send()).errorCode).toBe(6);
    expect(await lying.end()).toBe(1);
    const records = batch([{ value: "changed", timestamp: 0 }]);
    const topicData = [{ name: "t", partitionData: [{ index: 0, records }] }];
    const changed = await withFault({ request: { acks: -1, transactionalId: null, topicData } });
    expect((await changed.send()).errorCode).toBe(0);
    const { records: read } = await fetchFrom(changed.client, "t", 0);
    expect(readRecords(read)[0]?.value).toBe("changed");
  });

  it("can delay a request, or its answer, on the broker's clock", async () => {
    for (const [intervention, endMeanwhile] of [
      [{ delayMs: 100 }, 0],
      [{ delayResponseMs: 100 }, 1],
    ] as const) {
      const { send, end, clock } = await withFault(intervention);
      let isAnswered = false;
      const sending = send().then(() => (isAnswered = true));
      await settle();
      clock.moveTo(99);
      await settle();
      expect([isAnswered, await end()]).toEqual([false, endMeanwhile]);
      clock.moveTo(100);
      await sending;
      expect(await end()).toBe(1);
    }
  });

  it("that throws is a counted defect, and ends the connection", async () => {
    const errors: unknown[] = [];
    const client = direct({
      intercept: () => {
        throw new Error("broken");
      },
      onError: (error) => errors.push(error),
    });
    await expect(client.send(API.ListGroups, 0, {})).rejects.toMatchObject({
      name: "ConnectionEnd",
      message: "internal error: Error: broken",
    });
    expect(client.cluster.counters).toMatchObject({ internalErrors: 1, malformedRequests: 0 });
    expect(errors).toHaveLength(1);
  });
});
