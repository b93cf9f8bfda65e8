import { afterEach, describe, expect, it } from "vitest";
import type { Fetched } from "../../../runtime/engine/mod.ts";
import type { ClusterClient } from "../../../runtime/kafka/cluster.ts";
import { Fetcher } from "../../../runtime/kafka/fetcher.ts";
import type { KafkaSettings } from "../../../runtime/kafka/mod.ts";
import { readRange } from "../../../runtime/kafka/range_reader.ts";
import {
  BatchBuilder,
  type RequestOf,
  type ResponseInput,
  setBaseOffset,
  stampProducer,
  writeInt32,
} from "../../../runtime/wire/mod.ts";
import { batchOf, pollUntil, recordsOf } from "../../contract/_log_helpers.ts";
import { clientOf, failureOf } from "./_harness.ts";
import { type Handlers, type ScriptedBroker, startScriptedBroker } from "./_scripted_broker.ts";

let broker: ScriptedBroker;
let cluster: ClusterClient;

afterEach(async () => {
  await cluster.close();
  await broker.close();
});

async function start(handlers: Handlers, settings: Partial<KafkaSettings> = {}): Promise<Fetcher> {
  broker = await startScriptedBroker({ t: 3 }, handlers);
  cluster = clientOf(broker, settings);
  return new Fetcher(cluster);
}

function at(offset: number, batch: Uint8Array): Uint8Array {
  setBaseOffset(batch, 0, offset, 0);
  return batch;
}

/** A batch of which compaction took every record: header only, offsets kept. */
function emptied(offset: number, count: number): Uint8Array {
  const batch = at(offset, batchOf(...new Array(count).fill("x"))).slice(0, 61);
  writeInt32(batch, 8, 49);
  writeInt32(batch, 57, 0);
  stampProducer(batch, 1, 0, 0, false);
  return batch;
}

const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]));

type Partition = NonNullable<
  NonNullable<ResponseInput<"Fetch">["responses"]>[number]["partitions"]
>[number];

/** Answers a fetch partition by partition, after a little while when there is nothing at all. */
async function served(
  body: RequestOf<"Fetch">,
  serve: (partition: number, offset: number) => Partition,
): Promise<ResponseInput<"Fetch">> {
  const responses = body.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((p) => ({
      partitionIndex: p.partition,
      ...serve(p.partition, p.fetchOffset),
    })),
  }));
  const isQuiet = responses.every((r) =>
    r.partitions.every((p) => p.records === undefined && !p.errorCode),
  );
  if (isQuiet) await new Promise((resolve) => setTimeout(resolve, body.maxWaitMs));
  return { responses };
}

const offsetsOf = (body: RequestOf<"Fetch">): string =>
  body.topics
    .flatMap(({ partitions }) => partitions.map((p) => `${p.partition}@${p.fetchOffset}`))
    .sort()
    .join(" ");

describe("the fetcher", () => {
  it("fetches ahead of processing, up to the buffer's bound", async () => {
    const seen: string[] = [];
    const batch = batchOf("0123456789".repeat(10));
    const fetcher = await start(
      {
        Fetch(body) {
          seen.push(offsetsOf(body));
          return served(body, (_, offset) => ({
            records: at(offset, batch.slice()),
            highWatermark: 99,
          }));
        },
      },
      { maxBufferedBytes: batch.length * 3 },
    );
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 0 }]);
    while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toEqual(["0@0", "0@1", "0@2"]);
    const fetched = await fetcher.poll(0);
    expect(recordsOf(fetched).map((r) => r.offset)).toEqual([0, 1, 2]);
    // Room again.
    while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen[3]).toBe("0@3");
  });

  it("advances over batches that compaction emptied, and over their cut tails", async () => {
    const fetcher = await start({
      Fetch: (body) =>
        served(body, (_, offset) => {
          if (offset === 0) return { records: emptied(0, 5), highWatermark: 9 };
          if (offset === 5)
            return { records: join(emptied(5, 2), at(7, batchOf("a", "b"))), highWatermark: 9 };
          return { highWatermark: 9 };
        }),
    });
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 0 }]);
    const fetched = await pollUntil(fetcher, (all) => recordsOf(all).length === 2);
    expect(recordsOf(fetched).map((r) => r.offset)).toEqual([7, 8]);
    expect(fetcher.positionOf({ topic: "t", partition: 0 })).toBe(9);
  });

  it("reads a compacted range to its end although no record is left there", async () => {
    await start({
      Fetch: (body) =>
        served(body, (_, offset) => ({ records: emptied(offset, 5), highWatermark: 10 })),
    });
    const offsets: number[] = [];
    for await (const { bytes } of readRange(cluster, { topic: "t", partition: 0 }, 0, 10)) {
      offsets.push(bytes.length);
    }
    expect(offsets).toEqual([61, 61]);
    expect(broker.received.filter((name) => name === "Fetch")).toHaveLength(2);
  });

  it("cuts off a last batch that did not fit", async () => {
    const whole = at(0, batchOf("a"));
    const cut = at(1, batchOf("b")).subarray(0, 40);
    const fetcher = await start({
      Fetch: (body) =>
        served(body, (_, offset) =>
          offset === 0 ? { records: join(whole, cut) } : { highWatermark: 2 },
        ),
    });
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 0 }]);
    const fetched = await pollUntil(fetcher, (all) => all.length > 0);
    expect(fetched[0]?.bytes).toEqual(whole);
    expect(fetcher.positionOf({ topic: "t", partition: 0 })).toBe(1);
  });

  it("keeps the other partitions' records when one has an error", async () => {
    const fetcher = await start({
      Fetch: (body) =>
        served(body, (partition, offset) => {
          if (partition === 0) return { errorCode: 6 };
          return offset === 0 ? { records: at(0, batchOf("a")) } : { highWatermark: 1 };
        }),
    });
    fetcher.fetchFrom([0, 1].map((partition) => ({ topic: "t", partition, offset: 0 })));
    const fetched = await pollUntil(fetcher, (all) => recordsOf(all).length === 1);
    expect(fetched.map((f) => f.partition)).not.toContain(0);
  });

  it("ignores an answer that comes after its position was replaced", async () => {
    let release: () => void = () => {};
    const fetcher = await start({
      async Fetch(body, { count }) {
        if (count === 1) await new Promise<void>((resolve) => (release = resolve));
        return await served(body, (_, offset) =>
          offset < 20 ? { records: at(offset, batchOf(`at ${offset}`)) } : { highWatermark: 1 },
        );
      },
    });
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 5 }]);
    while (broker.received.at(-1) !== "Fetch")
      await new Promise((resolve) => setTimeout(resolve, 5));
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 19 }]);
    release();
    const fetched = await pollUntil(fetcher, (all) => recordsOf(all).length > 0);
    expect(recordsOf(fetched).map((r) => r.value)).toEqual(["at 19"]);
  });

  it("keeps what was fetched ahead for a partition whose position stays", async () => {
    const seen: string[] = [];
    const fetcher = await start({
      Fetch(body) {
        seen.push(offsetsOf(body));
        return served(body, (_, offset) =>
          offset === 0 ? { records: at(0, batchOf("a")) } : { highWatermark: 1 },
        );
      },
    });
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 0 }]);
    while (!seen.includes("0@1")) await new Promise((resolve) => setTimeout(resolve, 5));
    fetcher.fetchFrom([0, 1].map((partition) => ({ topic: "t", partition, offset: 0 })));
    const values = await pollUntil(fetcher, (all) => recordsOf(all).length === 2);
    expect(recordsOf(values).map((r) => r.value)).toEqual(["a", "a"]);
    expect(seen.filter((offsets) => offsets.includes("0@0"))).toHaveLength(1);
  });

  it("coalesces what it has to say about quiet partitions", async () => {
    const fetcher = await start({ Fetch: (body) => served(body, () => ({ highWatermark: 7 })) });
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 7 }]);
    const fetches = () => broker.received.filter((name) => name === "Fetch").length;
    while (fetches() < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    const quiet: Fetched = {
      topic: "t",
      partition: 0,
      bytes: new Uint8Array(0),
      highWatermark: 7,
      lastStableOffset: 7,
      asOfMs: expect.any(Number),
    };
    expect(await fetcher.poll(100)).toEqual([quiet]);
  });

  it("dates an answer by when it was asked for, however late it comes and is looked at", async () => {
    let arrivedMs = 0;
    const fetcher = await start({
      Fetch: async (body) => {
        if (arrivedMs === 0) arrivedMs = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 150));
        return served(body, () => ({ highWatermark: 7 }));
      },
    });
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 7 }]);
    const [quiet] = await pollUntil(fetcher, (all) => all.length > 0);
    expect(quiet!.asOfMs).toBeLessThanOrEqual(arrivedMs);
    expect(quiet!.asOfMs).toBeGreaterThan(arrivedMs - 5000);
  });

  it("stops a partition at a position that is gone, until it gets another", async () => {
    const fetcher = await start({
      Fetch: (body) =>
        served(body, (_, offset) =>
          offset < 10 ? { errorCode: 1 } : offset === 10 ? { records: at(10, batchOf("a")) } : {},
        ),
    });
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 3 }]);
    const failure = await failureOf(pollUntil(fetcher, () => false));
    expect(failure).toMatchObject({
      code: "OFFSET_OUT_OF_RANGE",
      where: { topic: "t", partition: 0, offset: 3 },
    });
    expect(await fetcher.poll(50)).toEqual([]);
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 10 }]);
    await pollUntil(fetcher, (all) => recordsOf(all).length === 1);
  });

  it("says where bytes cannot be read", async () => {
    const old = new BatchBuilder();
    old.append(0, new Uint8Array(0), -1, -1, new Uint8Array(0), -1, -1);
    const batch = at(4, old.finish());
    batch[16] = 1;
    const fetcher = await start({ Fetch: (body) => served(body, () => ({ records: batch })) });
    fetcher.fetchFrom([{ topic: "t", partition: 2, offset: 4 }]);
    const failure = await failureOf(pollUntil(fetcher, () => false));
    expect(failure).toMatchObject({
      code: "CORRUPT_BATCH",
      where: { topic: "t", partition: 2, offset: 4 },
    });
  });

  it("shows an outage to the poller when it lasts, and goes on after it", async () => {
    let isDown = true;
    const fetcher = await start(
      {
        Fetch: (body) =>
          isDown
            ? "cut"
            : served(body, (_, offset) => (offset === 0 ? { records: at(0, batchOf("a")) } : {})),
      },
      { retryTimeoutMs: 200 },
    );
    fetcher.fetchFrom([{ topic: "t", partition: 0, offset: 0 }]);
    const failure = await failureOf(pollUntil(fetcher, () => false));
    expect(failure.code).toBe("BROKER_UNREACHABLE");
    isDown = false;
    await pollUntil(fetcher, (all) => recordsOf(all).length === 1);
  });
});
