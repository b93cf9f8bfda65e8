import { afterEach, describe, expect, it } from "vitest";
import type { ClusterClient } from "../../../runtime/kafka/cluster.ts";
import type { KafkaSettings } from "../../../runtime/kafka/mod.ts";
import { Producer } from "../../../runtime/kafka/producer.ts";
import { batchInfo, type RequestOf, type ResponseInput } from "../../../runtime/wire/mod.ts";
import { batchOf } from "../../contract/_log_helpers.ts";
import { clientOf, failureOf } from "./_harness.ts";
import { type Handlers, type ScriptedBroker, startScriptedBroker } from "./_scripted_broker.ts";

let broker: ScriptedBroker;
let cluster: ClusterClient;

afterEach(async () => {
  await cluster.close();
  await broker.close();
});

async function start(handlers: Handlers, settings: Partial<KafkaSettings> = {}): Promise<Producer> {
  broker = await startScriptedBroker({ t: 4 }, handlers);
  cluster = clientOf(broker, settings);
  return new Producer(cluster);
}

const append = (producer: Producer, partition: number, ...batches: Uint8Array[]) =>
  producer.append([{ topic: "t", partition, batches }]);

/** What each batch of a request says about its producer: `partition: id/sequence`. */
function stamps(body: RequestOf<"Produce">): string[] {
  return body.topicData.flatMap(({ partitionData }) =>
    partitionData.map(({ index, records }) => {
      const { producerId, baseSequence } = batchInfo(records!);
      return `${index}: ${producerId}/${baseSequence}`;
    }),
  );
}

/** Answers with an error code per partition; partitions without one succeed. */
function acks(
  body: RequestOf<"Produce">,
  codes: Record<number, number> = {},
): ResponseInput<"Produce"> {
  return {
    responses: body.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode: codes[index] ?? 0,
      })),
    })),
  };
}

describe("the producer", () => {
  it("sends one batch per partition at a time, with sequences that follow each other", async () => {
    const seen: string[][] = [];
    const producer = await start({
      Produce(body) {
        seen.push(stamps(body));
        return acks(body);
      },
    });
    await producer.append([
      { topic: "t", partition: 0, batches: [batchOf("a", "b"), batchOf("c")] },
      { topic: "t", partition: 1, batches: [batchOf("x")] },
    ]);
    await append(producer, 0, batchOf("d"));
    expect(seen).toEqual([["0: 101/0", "1: 101/0"], ["0: 101/2"], ["0: 101/3"]]);
  });

  it("repeats with the same sequence when the answer got lost, and takes a duplicate for success", async () => {
    const seen: string[][] = [];
    const producer = await start({
      Produce(body, { count }) {
        seen.push(stamps(body));
        if (count === 1) return "cut";
        return acks(body, count === 2 ? { 0: 46 } : {});
      },
    });
    await append(producer, 0, batchOf("a"));
    await append(producer, 0, batchOf("b"));
    expect(seen).toEqual([["0: 101/0"], ["0: 101/0"], ["0: 101/1"]]);
  });

  it("looks the leader up again when it moved, and repeats that partition only", async () => {
    const seen: string[][] = [];
    const producer = await start({
      Produce(body, { count }) {
        seen.push(stamps(body));
        return acks(body, count === 1 ? { 1: 6 } : {});
      },
    });
    await Promise.all([append(producer, 0, batchOf("a")), append(producer, 1, batchOf("b"))]);
    expect(seen.at(-1)).toEqual(["1: 101/0"]);
    expect(broker.received.filter((name) => name === "Metadata").length).toBeGreaterThan(1);
  });

  it("goes on under a new id when the broker forgot the producer and the batch was never sent before", async () => {
    const seen: string[][] = [];
    const producer = await start({
      Produce(body, { count }) {
        seen.push(stamps(body));
        return acks(body, count === 3 ? { 0: 59 } : {});
      },
    });
    await append(producer, 0, batchOf("a"));
    await append(producer, 1, batchOf("b"));
    await append(producer, 0, batchOf("c"));
    await append(producer, 1, batchOf("d"));
    // The other partition keeps its id: its sequence goes on.
    expect(seen).toEqual([["0: 101/0"], ["1: 101/0"], ["0: 101/1"], ["0: 102/0"], ["1: 101/1"]]);
  });

  it("does not take one new id after the other when the broker refuses them all", async () => {
    const producer = await start({ Produce: (body) => acks(body, { 0: 45 }) });
    const failure = await failureOf(append(producer, 0, batchOf("a")));
    expect(failure.message).toContain("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(broker.received.filter((name) => name === "Produce")).toHaveLength(1);
  });

  it("does not repeat under a new id what may be in the log already", async () => {
    const producer = await start({
      Produce: (body, { count }) => (count === 1 ? "cut" : acks(body, { 0: 45 })),
    });
    const failure = await failureOf(append(producer, 0, batchOf("a")));
    expect(failure).toMatchObject({
      code: "BROKER_RETRIABLE",
      where: { topic: "t", partition: 0 },
    });
    expect(broker.received.filter((name) => name === "Produce")).toHaveLength(2);
  });

  it("says which partition's record is too large, and goes on with the others and the next", async () => {
    const seen: string[][] = [];
    const producer = await start({
      Produce(body, { count }) {
        seen.push(stamps(body));
        return acks(body, count === 1 ? { 0: 10 } : {});
      },
    });
    const failure = await failureOf(
      producer.append([
        { topic: "t", partition: 0, batches: [batchOf("large")] },
        { topic: "t", partition: 1, batches: [batchOf("small")] },
      ]),
    );
    expect(failure).toMatchObject({
      code: "RECORD_TOO_LARGE",
      where: { topic: "t", partition: 0 },
    });
    // Refused for certain, it has not used its sequence up.
    await append(producer, 0, batchOf("next"));
    expect(seen.at(-1)).toEqual(["0: 101/0"]);
  });

  it("gives up after the delivery timeout, and leaves the unknown sequence behind", async () => {
    const seen: string[][] = [];
    let isDown = true;
    const producer = await start(
      {
        Produce(body) {
          if (isDown) return "cut";
          seen.push(stamps(body));
          return acks(body);
        },
      },
      { deliveryTimeoutMs: 300 },
    );
    const failure = await failureOf(append(producer, 0, batchOf("a")));
    expect(failure.faultClass).toBe("transient");
    isDown = false;
    await append(producer, 0, batchOf("b"));
    expect(seen).toEqual([["0: 102/0"]]);
  });

  it("keeps requests under the size limit", async () => {
    const seen: string[][] = [];
    const producer = await start(
      {
        Produce(body) {
          seen.push(stamps(body));
          return acks(body);
        },
      },
      { maxProduceBytes: 150 },
    );
    await producer.append(
      [0, 1, 2].map((partition) => ({ topic: "t", partition, batches: [batchOf("a")] })),
    );
    expect(seen.map((request) => request.length)).toEqual([2, 1]);
  });

  it("fails what waits when it is closed", async () => {
    const producer = await start({ Produce: () => undefined });
    const waiting = failureOf(append(producer, 0, batchOf("a")));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await cluster.close();
    expect((await waiting).message).toContain("closed");
  });

  it("fails for a topic that does not exist, once the time is up", async () => {
    const producer = await start({}, { deliveryTimeoutMs: 200 });
    const appending = producer.append([{ topic: "none", partition: 0, batches: [batchOf("a")] }]);
    expect((await failureOf(appending)).message).toContain("UNKNOWN_TOPIC_OR_PARTITION");
  });
});
