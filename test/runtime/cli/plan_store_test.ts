import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Broker, createBroker } from "../../../runtime/broker/mod.ts";
import { PlanStore } from "../../../runtime/cli/plan_store.ts";
import { createKafkaAdmin, createTopicWriter } from "../../../runtime/kafka/mod.ts";
import { appendRecord } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { type Plan, snapshotPlan } from "../../../topology/language/mod.ts";
import { counting, planOf } from "../../topology/language/_fixtures.ts";

describe("the store of what an application last ran", () => {
  let broker: Broker;
  let brokers: readonly string[];
  let store: PlanStore;
  let applications = 0;

  beforeAll(async () => {
    broker = await createBroker({});
    brokers = [`127.0.0.1:${broker.port}`];
  });
  afterEach(() => store.close());
  afterAll(() => broker.close());

  function create(): { plan: Plan; topic: string } {
    store = new PlanStore({ brokers });
    const application = `app${++applications}`;
    const text = counting().replace("topology: t", `topology: ${application}`);
    return { plan: planOf(text), topic: `${application}-topology` };
  }

  async function recordsIn(topic: string): Promise<number> {
    const admin = createKafkaAdmin({ brokers });
    const [end] = await admin.endOffsets([{ topic, partition: 0 }]);
    await admin.close();
    return end!;
  }

  test("has nothing of an application that never ran, and makes no topic by looking", async () => {
    const { plan, topic } = create();
    expect(await store.load(plan.application)).toBeUndefined();
    const admin = createKafkaAdmin({ brokers });
    expect(await admin.partitionCounts([topic])).toEqual(new Map());
    await admin.close();
  });

  test("gives back the last one, and writes none twice", async () => {
    const { plan, topic } = create();
    const first = await store.snapshot(plan);
    const second = snapshotPlan(plan, new Map([["s", 7]]));
    await store.save(first);
    await store.save(first);
    expect(await recordsIn(topic)).toBe(1);
    await store.save(second);
    expect(await store.load(plan.application)).toEqual(second);
    await store.save(first);
    expect(await store.load(plan.application)).toEqual(first);
    expect(await recordsIn(topic)).toBe(3);
  });

  test("keeps a snapshot that is larger than a record may be, compressed", async () => {
    const { plan } = create();
    const snapshot = snapshotPlan(plan);
    const stages = Array.from({ length: 20_000 }, (_, n) => ({
      ...snapshot.sequences[0]!.stages[0]!,
      stage: `p.${n}`,
    }));
    const large = { ...snapshot, sequences: [{ path: "pipelines.p", stages }] };
    expect(JSON.stringify(large).length).toBeGreaterThan(2_000_000);
    await store.save(large);
    expect(await store.load(plan.application)).toEqual(large);
  });

  test("refuses what another version of Millrace wrote", async () => {
    const { plan, topic } = create();
    await store.save(snapshotPlan(plan));
    const builder = new BatchBuilder();
    const bytes = (text: string) => new TextEncoder().encode(text);
    appendRecord(builder, 0, bytes("plan"), bytes(JSON.stringify({ version: 2 })));
    const writer = createTopicWriter({ brokers });
    await writer.append([{ topic, partition: 0, batches: [builder.finish()] }]);
    await writer.close();
    await expect(store.load(plan.application)).rejects.toMatchObject({
      code: "STATE_MISMATCH",
      message: expect.stringContaining("another version"),
    });
  });
});
