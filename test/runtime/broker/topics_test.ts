/** Topics, their settings, and what Metadata says of them. */

import { describe, expect, it } from "vitest";
import { API, type RequestInput } from "../../../runtime/wire/mod.ts";
import { batch, createTopic, direct, fetchFrom, produceTo } from "./_client.ts";

type NewTopic = NonNullable<RequestInput<"CreateTopics">["topics"]>[number];

const TOPIC = 2;
const BROKER = 4;

describe("CreateTopics", () => {
  async function create(client: ReturnType<typeof direct>, topic: NewTopic, version = 7) {
    const whole = { numPartitions: 1, replicationFactor: 1, ...topic };
    const { topics } = await client.send(API.CreateTopics, version, { topics: [whole] });
    return topics[0]!;
  }

  it("makes a topic that is there when the answer is", async () => {
    const client = direct({ defaultPartitions: 3 });
    const made = await create(client, { name: "t", numPartitions: -1, replicationFactor: -1 });
    expect(made).toMatchObject({ errorCode: 0, numPartitions: 3, replicationFactor: 1 });
    expect(made.topicId).toMatch(/^[0-9a-f]{32}$/);
    expect(made.configs?.find(({ name }) => name === "cleanup.policy")).toMatchObject({
      value: "delete",
      configSource: 5,
    });
    const { topics } = await client.send(API.Metadata, 12, { topics: [{ name: "t" }] });
    expect(topics[0]).toMatchObject({ errorCode: 0, name: "t", topicId: made.topicId });
    expect(topics[0]?.partitions).toHaveLength(3);
    expect(topics[0]?.partitions[2]).toMatchObject({
      partitionIndex: 2,
      leaderId: 0,
      leaderEpoch: 0,
      replicaNodes: [0],
      isrNodes: [0],
      offlineReplicas: [],
    });
  });

  const refused: readonly [what: string, code: number, topic: NewTopic][] = [
    ["a name that exists", 36, { name: "there" }],
    ["a name with a slash", 17, { name: "a/b" }],
    ["an empty name", 17, { name: "" }],
    ["the name ..", 17, { name: ".." }],
    ["a name of 250 characters", 17, { name: "x".repeat(250) }],
    ["no partitions", 37, { name: "t", numPartitions: 0 }],
    ["minus two partitions", 37, { name: "t", numPartitions: -2 }],
    ["two replicas", 38, { name: "t", replicationFactor: 2 }],
    ["an unknown setting", 40, { name: "t", configs: [{ name: "no.such", value: "1" }] }],
    ["a setting of Object", 40, { name: "t", configs: [{ name: "constructor", value: "1" }] }],
    ["a bad number", 40, { name: "t", configs: [{ name: "retention.ms", value: "week" }] }],
    ["a number below", 40, { name: "t", configs: [{ name: "retention.ms", value: "-2" }] }],
    [
      "a number beyond",
      40,
      { name: "t", configs: [{ name: "segment.bytes", value: "9999999999" }] },
    ],
    [
      "a bad policy",
      40,
      { name: "t", configs: [{ name: "cleanup.policy", value: "delete,burn" }] },
    ],
    ["a bad boolean", 40, { name: "t", configs: [{ name: "preallocate", value: "yes" }] }],
    ["no value", 40, { name: "t", configs: [{ name: "retention.ms", value: null }] }],
    ["another node", 39, { name: "t", ...assigned([0, [1]]) }],
    ["two nodes", 39, { name: "t", ...assigned([0, [0, 0]]) }],
    ["a gap in partitions", 39, { name: "t", ...assigned([0, [0]], [2, [0]]) }],
    ["both forms", 42, { name: "t", ...assigned([0, [0]]), numPartitions: 1 }],
    ["too many partitions", 44, { name: "t", numPartitions: 100 }],
  ];

  it.each(refused)("refuses %s with %i", async (_, code, topic) => {
    const client = direct({ maxPartitions: 100 });
    await create(client, { name: "there" });
    const answer = await create(client, topic);
    expect(answer.errorCode).toBe(code);
    expect(answer.errorMessage).toBeTruthy();
    expect([...client.cluster.topics.all()]).toHaveLength(1);
  });

  it("takes assignments, settings and a name of 249 characters", async () => {
    const client = direct();
    const name = "x".repeat(249);
    const configs = [{ name: "retention.ms", value: "9223372036854775807" }];
    const made = await create(client, { name, configs, ...assigned([1, [0]], [0, [0]]) });
    expect([made.errorCode, made.numPartitions]).toEqual([0, 2]);
  });

  it("creates nothing when only asked whether it would, or asked twice for the same", async () => {
    const client = direct();
    const topic = { name: "t", numPartitions: 2, replicationFactor: 1 };
    const would = await client.send(API.CreateTopics, 5, { topics: [topic], validateOnly: true });
    expect(would.topics[0]).toMatchObject({ errorCode: 0, numPartitions: 2 });
    const twice = await client.send(API.CreateTopics, 5, { topics: [topic, topic] });
    expect(twice.topics.map(({ errorCode }) => errorCode)).toEqual([42]);
    expect([...client.cluster.topics.all()]).toEqual([]);
  });
});

function assigned(...partitions: readonly (readonly [number, readonly number[]])[]) {
  return {
    numPartitions: -1,
    replicationFactor: -1,
    assignments: partitions.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
  };
}

describe("Metadata", () => {
  it("lists all topics for null, in version 0 for none named, and none for none from version 1 on", async () => {
    const client = direct();
    await createTopic(client, "a");
    await createTopic(client, "b");
    const names = async (version: number, topics: { name: string }[] | null) =>
      (await client.send(API.Metadata, version, { topics })).topics.map(({ name }) => name);
    expect(await names(0, [])).toEqual(["a", "b"]);
    expect(await names(1, [])).toEqual([]);
    expect(await names(1, null)).toEqual(["a", "b"]);
    expect(await names(9, [{ name: "b" }])).toEqual(["b"]);
  });

  it("creates a missing topic only for who allows it, in a broker that does", async () => {
    const ask = async (client: ReturnType<typeof direct>, version: number, allow: boolean) => {
      const { topics } = await client.send(API.Metadata, version, {
        topics: [{ name: "new" }],
        allowAutoTopicCreation: allow,
      });
      return [topics[0]?.errorCode, topics[0]?.partitions.length];
    };
    const client = direct({ defaultPartitions: 2 });
    expect(await ask(client, 4, false)).toEqual([3, 0]);
    expect(await ask(client, 4, true)).toEqual([0, 2]);
    expect(await ask(client, 4, false)).toEqual([0, 2]);
    // Before version 4 a client could not say no.
    expect(await ask(direct(), 1, false)).toEqual([0, 1]);
    expect(await ask(direct({ autoCreateTopics: false }), 4, true)).toEqual([3, 0]);
    expect(await ask(direct({ autoCreateTopics: false }), 1, true)).toEqual([3, 0]);
    const { topics } = await client.send(API.Metadata, 4, { topics: [{ name: "no/pe" }] });
    expect(topics[0]?.errorCode).toBe(17);
  });

  it("finds topics by id, and says when it knows no such id", async () => {
    const client = direct();
    await createTopic(client, "a");
    const { id } = client.cluster.topics.get("a")!;
    const { topics } = await client.send(API.Metadata, 12, {
      topics: [
        { name: null, topicId: id },
        { name: null, topicId: "f".repeat(32) },
      ],
    });
    expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ["a", 0],
      [null, 100],
    ]);
  });
});

describe("a topic", () => {
  it("that is created again begins at 0, under another id", async () => {
    const client = direct();
    await createTopic(client, "t");
    await produceTo(client, "t", batch(["a"]));
    const { id } = client.cluster.topics.get("t")!;
    const gone = await client.send(API.DeleteTopics, 5, { topicNames: ["t", "t"] });
    expect(gone.responses.map(({ errorCode }) => errorCode)).toEqual([0, 3]);
    expect((await produceTo(client, "t", batch(["a"]))).errorCode).toBe(3);
    await createTopic(client, "t");
    expect((await produceTo(client, "t", batch(["b"]))).baseOffset).toBe(0);
    expect(client.cluster.topics.get("t")?.id).not.toBe(id);
    const byId = await client.send(API.DeleteTopics, 6, {
      topics: [
        { name: null, topicId: id },
        { name: null, topicId: client.cluster.topics.get("t")!.id },
      ],
    });
    expect(byId.responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      [null, 100],
      ["t", 0],
    ]);
    expect(client.cluster.topics.partitionCount).toBe(0);
  });

  it("gets more partitions, never fewer", async () => {
    const client = direct({ maxPartitions: 5 });
    await createTopic(client, "t", 2);
    const raise = async (name: string, count: number, more: object = {}) => {
      const topics = [{ name, count, assignments: null, ...more }];
      const { results } = await client.send(API.CreatePartitions, 3, { topics, ...more });
      return results[0]?.errorCode;
    };
    expect(await raise("t", 4, { validateOnly: true })).toBe(0);
    expect(client.cluster.topics.get("t")?.partitions).toHaveLength(2);
    expect(await raise("t", 4)).toBe(0);
    expect(await raise("t", 4)).toBe(37);
    expect(await raise("t", 3)).toBe(37);
    expect(await raise("t", 6)).toBe(44);
    expect(await raise("none", 6)).toBe(3);
    expect(await raise("t", 5, { assignments: [] })).toBe(39);
    expect(await raise("t", 5, { assignments: [{ brokerIds: [1] }] })).toBe(39);
    expect(await raise("t", 5, { assignments: [{ brokerIds: [0] }] })).toBe(0);
    expect((await produceTo(client, "t", batch(["a"]), { index: 4 })).errorCode).toBe(0);
  });

  it("loses its records up to an offset, in whole batches", async () => {
    const client = direct();
    await createTopic(client, "t");
    await createTopic(client, "compacted", 1, { "cleanup.policy": "compact" });
    await produceTo(client, "t", batch(["a", "b", "c"]));
    await produceTo(client, "t", batch(["d"]));
    const remove = async (name: string, offset: number) => {
      const topics = [{ name, partitions: [{ partitionIndex: 0, offset }] }];
      const answer = await client.send(API.DeleteRecords, 1, { topics });
      const { errorCode, lowWatermark } = answer.topics[0]!.partitions[0]!;
      return [errorCode, lowWatermark];
    };
    expect(await remove("t", 2)).toEqual([0, 2]);
    // The batch is whole; its reader skips to the offset it asked for.
    expect((await fetchFrom(client, "t", 2)).records![7]).toBe(0);
    expect((await fetchFrom(client, "t", 1)).errorCode).toBe(1);
    expect(await remove("t", 1)).toEqual([0, 2]);
    expect(await remove("t", 5)).toEqual([1, -1]);
    expect(await remove("t", -2)).toEqual([1, -1]);
    expect(await remove("t", -1)).toEqual([0, 4]);
    expect(await remove("none", -1)).toEqual([3, -1]);
    expect(await remove("compacted", -1)).toEqual([44, -1]);
  });
});

describe("settings", () => {
  async function described(
    client: ReturnType<typeof direct>,
    resourceType: number,
    resourceName: string,
    keys: readonly string[] | null = null,
    version = 3,
  ) {
    const resources = [{ resourceType, resourceName, configurationKeys: keys }];
    const { results } = await client.send(API.DescribeConfigs, version, { resources });
    return results[0]!;
  }

  async function value(client: ReturnType<typeof direct>, key: string) {
    const { configs } = await described(client, TOPIC, "t", [key]);
    return [configs[0]?.value, configs[0]?.configSource];
  }

  it("of a topic say where they come from", async () => {
    const client = direct({ topicDefaults: { "retention.ms": "-1" } });
    await createTopic(client, "t", 1, { "cleanup.policy": "compact" });
    expect(await value(client, "cleanup.policy")).toEqual(["compact", 1]);
    expect(await value(client, "retention.ms")).toEqual(["-1", 4]);
    expect(await value(client, "max.message.bytes")).toEqual(["1048588", 5]);
    expect((await described(client, TOPIC, "t")).configs.length).toBeGreaterThan(20);
    const old = await described(client, TOPIC, "t", ["cleanup.policy", "segment.ms"], 0);
    expect(old.configs.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["cleanup.policy", false],
      ["segment.ms", true],
    ]);
    expect((await described(client, TOPIC, "none")).errorCode).toBe(3);
    expect((await described(client, 8, "t")).errorCode).toBe(42);
  });

  it("of the broker can be read", async () => {
    const client = direct({ defaultPartitions: 4 });
    for (const name of ["0", ""]) {
      const { configs, errorCode } = await described(client, BROKER, name, ["num.partitions"]);
      expect(errorCode).toBe(0);
      expect(configs).toMatchObject([{ value: "4", readOnly: true, configType: 3 }]);
    }
    expect((await described(client, BROKER, "7")).errorCode).toBe(42);
  });

  it("are changed one by one, lists by entry", async () => {
    const client = direct();
    await createTopic(client, "t", 1, { "retention.ms": "5" });
    const alter = async (
      configs: NonNullable<
        NonNullable<RequestInput<"IncrementalAlterConfigs">["resources"]>[number]["configs"]
      >,
      { validateOnly = false, resourceType = TOPIC, resourceName = "t" } = {},
    ) => {
      const resources = [{ resourceType, resourceName, configs }];
      const body = { resources, validateOnly };
      return (await client.send(API.IncrementalAlterConfigs, 1, body)).responses[0]?.errorCode;
    };
    const change = (name: string, configOperation: number, to: string | null = null) => [
      { name, configOperation, value: to },
    ];
    expect(await alter(change("cleanup.policy", 2, "compact"))).toBe(0);
    expect(await value(client, "cleanup.policy")).toEqual(["delete,compact", 1]);
    expect(await alter(change("cleanup.policy", 3, "delete"))).toBe(0);
    expect(await value(client, "cleanup.policy")).toEqual(["compact", 1]);
    expect(await alter(change("retention.ms", 0, "7"), { validateOnly: true })).toBe(0);
    expect(await value(client, "retention.ms")).toEqual(["5", 1]);
    expect(await alter(change("retention.ms", 0, "7"))).toBe(0);
    expect(await value(client, "retention.ms")).toEqual(["7", 1]);
    expect(await alter(change("retention.ms", 1))).toBe(0);
    expect(await value(client, "retention.ms")).toEqual(["604800000", 5]);
    expect(await alter(change("retention.ms", 2, "7"))).toBe(40);
    expect(await alter(change("retention.ms", 0, null))).toBe(40);
    expect(await alter(change("retention.ms", 0, "x"))).toBe(40);
    expect(await alter(change("no.such", 1))).toBe(40);
    expect(await alter(change("retention.ms", 9, "7"))).toBe(42);
    expect(await alter([...change("retention.ms", 1), ...change("retention.ms", 1)])).toBe(42);
    expect(await alter(change("retention.ms", 1), { resourceName: "none" })).toBe(3);
    expect(await alter(change("num.partitions", 0, "3"), { resourceType: BROKER })).toBe(42);
  });

  it("are replaced as a whole by AlterConfigs", async () => {
    const client = direct();
    await createTopic(client, "t", 1, { "retention.ms": "5" });
    const alter = async (name: string, to: string) => {
      const resources = [
        { resourceType: TOPIC, resourceName: "t", configs: [{ name, value: to }] },
      ];
      return (await client.send(API.AlterConfigs, 1, { resources })).responses[0]?.errorCode;
    };
    expect(await alter("no.such", "1")).toBe(40);
    expect(await value(client, "retention.ms")).toEqual(["5", 1]);
    expect(await alter("max.message.bytes", "100")).toBe(0);
    expect(await value(client, "retention.ms")).toEqual(["604800000", 5]);
    // It holds from now on.
    expect((await produceTo(client, "t", batch(["x".repeat(100)]))).errorCode).toBe(10);
  });
});
