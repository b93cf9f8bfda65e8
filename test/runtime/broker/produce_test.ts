/** What is appended, what is refused, and with which code. */

import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../runtime/testing/mod.ts";
import {
  API,
  BatchBuilder,
  encodeRequest,
  readInt32,
  writeInt32,
} from "../../../runtime/wire/mod.ts";
import { batch, createTopic, direct, fetchFrom, produceTo, readRecords } from "./_client.ts";

const NOW = 1_700_000_000_000;

async function withTopic(configs: Record<string, string> = {}, options = {}) {
  const client = direct(options);
  await createTopic(client, "t", 2, configs);
  return client;
}

describe("Produce", () => {
  it("gives offsets in the order of arrival and keeps the bytes otherwise as they are", async () => {
    const client = await withTopic();
    const sent = [batch(["a", "b"]), batch(["c"])];
    expect(await produceTo(client, "t", sent[0]!)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await produceTo(client, "t", sent[1]!)).toMatchObject({
      errorCode: 0,
      baseOffset: 2,
      logAppendTimeMs: -1,
      logStartOffset: 0,
    });
    const { records, highWatermark } = await fetchFrom(client, "t", 0);
    expect(highWatermark).toBe(3);
    expect(readRecords(records).map(({ offset, value }) => [offset, value])).toEqual([
      [0, "a"],
      [1, "b"],
      [2, "c"],
    ]);
    // Base offset and leader epoch, then everything from the magic byte on untouched.
    const second = records!.subarray(sent[0]!.length);
    expect([...second.subarray(0, 16)]).toEqual([
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      2,
      ...sent[1]!.subarray(8, 12),
      0,
      0,
      0,
      0,
    ]);
    expect(second.subarray(16)).toEqual(sent[1]!.subarray(16));
  });

  it("does not hold on to the request's memory", async () => {
    const { cluster, connection, ...client } = await withTopic();
    const topicData = [{ name: "t", partitionData: [{ index: 0, records: batch(["a"]) }] }];
    const head = { correlationId: 1, clientId: null };
    const request = encodeRequest(API.Produce, 7, head, { acks: 1, topicData });
    await cluster.handle(connection, request);
    request.fill(0);
    expect(readRecords((await fetchFrom(client, "t", 0)).records)).toMatchObject([{ value: "a" }]);
  });

  const broken: readonly [what: string, code: number, make: () => Uint8Array | null][] = [
    ["no batch", 87, () => null],
    ["an empty record set", 87, () => new Uint8Array(0)],
    ["a cut batch", 2, () => batch(["a"]).subarray(0, 60)],
    ["a batch with an impossible length", 2, () => patched(8, [0, 0, 0, 1], false)],
    ["an old format", 87, () => patched(16, [1], false)],
    ["a wrong CRC", 2, () => patched(17, [1, 2, 3, 4], false)],
    ["a flipped bit in a record", 2, () => patched(63, [0xff], false)],
    ["more records than offsets", 87, () => patched(57, [0, 0, 0, 2])],
    ["fewer records than offsets", 87, () => patched(23, [0, 0, 0, 5])],
    ["no records", 87, () => patched(57, [0, 0, 0, 0])],
    ["more records than bytes", 87, () => patched(23, [0, 0, 1, 0], true, [0, 0, 1, 1])],
    ["a control batch", 87, () => patched(21, [0, 0x20])],
    ["a producer id without a sequence", 87, () => patched(43, [0, 0, 0, 0, 0, 0, 0, 9])],
    ["two batches at once", 87, () => Uint8Array.from([...batch(["a"]), ...batch(["b"])])],
    ["an unknown codec", 2, () => patched(21, [0, 7])],
  ];

  it.each(broken)("refuses %s with %i", async (_, code, make) => {
    const client = await withTopic();
    const answer = await produceTo(client, "t", make());
    expect([answer.errorCode, answer.baseOffset]).toEqual([code, -1]);
    expect(answer.errorMessage).toBeTruthy();
    expect((await fetchFrom(client, "t", 0)).highWatermark).toBe(0);
  });

  it("answers each partition on its own", async () => {
    const client = await withTopic();
    const { responses } = await client.send(API.Produce, 7, {
      acks: 1,
      topicData: [
        { name: "absent", partitionData: [{ index: 0, records: batch(["x"]) }] },
        {
          name: "t",
          partitionData: [
            { index: 2, records: batch(["x"]) },
            { index: 1, records: batch(["x"]) },
          ],
        },
      ],
    });
    const codes = responses.flatMap((topic) => topic.partitionResponses.map((p) => p.errorCode));
    expect(codes).toEqual([3, 3, 0]);
  });

  it("refuses acks that are not -1, 0 or 1", async () => {
    const client = await withTopic();
    expect((await produceTo(client, "t", batch(["a"]), { acks: 2 })).errorCode).toBe(21);
  });

  it("holds a topic to its max.message.bytes, to the byte", async () => {
    const bytes = batch(["x".repeat(100)]);
    const exact = await withTopic({ "max.message.bytes": `${bytes.length}` });
    expect((await produceTo(exact, "t", bytes)).errorCode).toBe(0);
    const less = await withTopic({ "max.message.bytes": `${bytes.length - 1}` });
    expect((await produceTo(less, "t", bytes)).errorCode).toBe(10);
  });

  it("takes no record without a key on a compacted topic, also in gzip", async () => {
    const client = await withTopic({ "cleanup.policy": "compact" });
    const keyed = batch([
      { key: "k", value: "v" },
      { key: "", value: null },
    ]);
    expect((await produceTo(client, "t", keyed)).errorCode).toBe(0);
    const mixed = batch([{ key: "k", value: "v" }, { value: "v" }]);
    expect((await produceTo(client, "t", mixed)).errorCode).toBe(87);
    const builder = new BatchBuilder();
    builder.append(Date.now(), new Uint8Array(0), -1, 0, new Uint8Array(3), 0, 3);
    const gzipped = builder.finish({ compression: "gzip" });
    expect((await produceTo(client, "t", gzipped)).errorCode).toBe(87);
  });

  it("stamps records with its own time under LogAppendTime, with a CRC that fits", async () => {
    const clock = new ManualClock(NOW);
    const client = await withTopic({ "message.timestamp.type": "LogAppendTime" }, { clock });
    const sent = batch([
      { value: "a", timestamp: 5 },
      { value: "b", timestamp: NOW * 2 },
    ]);
    expect(await produceTo(client, "t", sent)).toMatchObject({
      errorCode: 0,
      logAppendTimeMs: NOW,
    });
    const { records } = await fetchFrom(client, "t", 0);
    expect(readRecords(records).map(({ timestamp }) => timestamp)).toEqual([NOW, NOW]);
    expect(records![22]! & 0x08).toBe(0x08);
  });

  it("refuses records from more than an hour ahead, and older ones where told", async () => {
    const clock = new ManualClock(NOW);
    const client = await withTopic({ "message.timestamp.before.max.ms": "1000" }, { clock });
    const at = async (timestamp: number) =>
      (await produceTo(client, "t", batch([{ value: "a", timestamp }]))).errorCode;
    expect(await at(NOW + 3_600_000)).toBe(0);
    expect(await at(NOW + 3_600_001)).toBe(32);
    expect(await at(NOW - 1_000)).toBe(0);
    expect(await at(NOW - 1_001)).toBe(32);
    expect(await at(-1)).toBe(0);
  });

  it("refuses what does not fit into its memory, and takes it when there is room again", async () => {
    const size = batch(["x".repeat(1_000)]).length;
    const client = await withTopic({}, { maxLogBytes: 2 * (size + 200) });
    const send = () => produceTo(client, "t", batch(["x".repeat(1_000)]));
    expect((await send()).errorCode).toBe(0);
    expect((await send()).errorCode).toBe(0);
    const full = await send();
    expect(full.errorCode).toBe(44);
    expect(full.errorMessage).toContain("memory for records is full");
    await client.send(API.DeleteRecords, 1, {
      topics: [{ name: "t", partitions: [{ partitionIndex: 0, offset: 1 }] }],
    });
    expect(await send()).toMatchObject({ errorCode: 0, baseOffset: 2 });
    await client.send(API.DeleteTopics, 1, { topicNames: ["t"] });
    expect(client.cluster.topics.budget.usedBytes).toBe(0);
  });

  it("refuses transactions at once, in a way that no client retries", async () => {
    const client = await withTopic();
    const stamp = { producerId: 1, epoch: 0, sequence: 0, isTransactional: true };
    expect((await produceTo(client, "t", batch(["a"], stamp))).errorCode).toBe(53);
    const named = await client.send(API.Produce, 9, {
      transactionalId: "tx",
      acks: -1,
      topicData: [{ name: "t", partitionData: [{ index: 0, records: batch(["a"]) }] }],
    });
    expect(named.responses[0]?.partitionResponses[0]?.errorCode).toBe(53);
    const init = await client.send(API.InitProducerId, 4, { transactionalId: "tx" });
    expect(init).toMatchObject({ errorCode: 53, producerId: -1, producerEpoch: -1 });
    const found = await client.send(API.FindCoordinator, 2, { key: "tx", keyType: 1 });
    expect(found).toMatchObject({ errorCode: 53, nodeId: -1 });
    expect(found.errorMessage).toContain("no transactions");
  });
});

describe("an idempotent producer", () => {
  async function producer() {
    const client = await withTopic();
    const { producerId, producerEpoch } = await client.send(API.InitProducerId, 1, {});
    const send = (sequence: number, count: number, epoch = producerEpoch, id = producerId) => {
      const values = Array.from({ length: count }, (_, index) => `${sequence + index}`);
      return produceTo(client, "t", batch(values, { producerId: id, epoch, sequence }));
    };
    const end = async () => (await fetchFrom(client, "t", 0)).highWatermark;
    return { client, send, end, producerId };
  }

  it("gets an id of its own", async () => {
    const client = direct();
    const first = await client.send(API.InitProducerId, 4, {});
    const second = await client.send(API.InitProducerId, 0, {});
    expect([first.errorCode, first.producerEpoch, second.producerEpoch]).toEqual([0, 0, 0]);
    expect(second.producerId).not.toBe(first.producerId);
  });

  it("gets the first offset again for each of its last five batches, and nothing is appended", async () => {
    const { send, end } = await producer();
    for (let n = 0; n < 6; n++) {
      expect(await send(n * 2, 2)).toMatchObject({ errorCode: 0, baseOffset: n * 2 });
    }
    for (let n = 1; n < 6; n++) {
      expect(await send(n * 2, 2)).toMatchObject({ errorCode: 0, baseOffset: n * 2 });
    }
    // The sixth last is not remembered.
    expect((await send(0, 2)).errorCode).toBe(45);
    expect(await end()).toBe(12);
    expect(await send(12, 1)).toMatchObject({ errorCode: 0, baseOffset: 12 });
  });

  it("is refused for a gap, and for a batch that was sent in another shape before", async () => {
    const { send, end } = await producer();
    await send(0, 2);
    expect((await send(3, 1)).errorCode).toBe(45);
    expect((await send(0, 1)).errorCode).toBe(45);
    expect((await send(1, 1)).errorCode).toBe(45);
    expect(await end()).toBe(2);
    expect((await send(2, 1)).errorCode).toBe(0);
  });

  it("begins at 0 again with a new epoch, which ends the old one", async () => {
    const { send, end } = await producer();
    await send(0, 2);
    expect((await send(2, 1, 1)).errorCode).toBe(45);
    expect(await send(0, 1, 1)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    expect((await send(2, 1, 0)).errorCode).toBe(47);
    expect((await send(0, 2, 0)).errorCode).toBe(47);
    expect(await end()).toBe(3);
  });

  it("goes on at 0 after sequence 2^31 - 1, also within a batch", async () => {
    const { send } = await producer();
    const last = 2 ** 31 - 1;
    expect((await send(last - 1, 1)).errorCode).toBe(0);
    expect((await send(last, 2)).errorCode).toBe(0);
    expect((await send(last, 2)).baseOffset).toBe(1);
    expect((await send(1, 1)).errorCode).toBe(0);
    const other = await producer();
    expect((await other.send(last - 1, 2)).errorCode).toBe(0);
    expect((await other.send(0, 1)).errorCode).toBe(0);
  });

  it("is forgotten only when too many others came after it", async () => {
    const client = direct({ maxProducersPerPartition: 2 });
    await createTopic(client, "t");
    const send = (producerId: number, sequence: number) =>
      produceTo(client, "t", batch(["a"], { producerId, epoch: 0, sequence }));
    await send(1, 0);
    await send(2, 0);
    await send(1, 1);
    await send(3, 0);
    expect(await send(1, 1)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    // Unknown now, so any sequence is a beginning.
    expect(await send(2, 7)).toMatchObject({ errorCode: 0, baseOffset: 4 });
  });

  it("is known per partition", async () => {
    const { client, producerId } = await producer();
    const stamp = { producerId, epoch: 0, sequence: 0 };
    for (const index of [0, 1]) {
      const answer = await produceTo(client, "t", batch(["a"], stamp), { index });
      expect(answer).toMatchObject({ errorCode: 0, baseOffset: 0 });
    }
  });
});

/** A batch of one record with bytes changed, and by default a CRC that fits. */
function patched(
  at: number,
  bytes: readonly number[],
  fixCrc = true,
  recordCount: readonly number[] = [],
): Uint8Array {
  const changed = batch(["value"]);
  changed.set(bytes, at);
  if (recordCount.length > 0) changed.set(recordCount, 57);
  if (fixCrc) writeInt32(changed, 17, crc32cOf(changed));
  return changed;
}

/** CRC-32C by its definition, so that this does not lean on the code under test. */
function crc32cOf(bytes: Uint8Array): number {
  const end = readInt32(bytes, 8) + 12;
  let crc = 0xffffffff;
  for (let at = 21; at < end; at++) {
    crc ^= bytes[at]!;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
