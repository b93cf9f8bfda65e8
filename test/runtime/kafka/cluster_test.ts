/** Leaders, coordinators and controllers that move, on two brokers. */

import { afterEach, describe, expect, it } from "vitest";
import type { ClusterClient } from "../../../runtime/kafka/cluster.ts";
import { Coordinator } from "../../../runtime/kafka/coordinator.ts";
import { Fetcher } from "../../../runtime/kafka/fetcher.ts";
import {
  commitOffsets,
  deleteRecords,
  fetchCommitted,
  LATEST,
  listOffsets,
} from "../../../runtime/kafka/offsets.ts";
import { Producer } from "../../../runtime/kafka/producer.ts";
import { createTopics, deleteTopics } from "../../../runtime/kafka/topics.ts";
import type { ResponseInput } from "../../../runtime/wire/mod.ts";
import { batchOf, pollUntil, recordsOf } from "../../contract/_log_helpers.ts";
import { clientOf, failureOf } from "./_harness.ts";
import { type Handlers, type ScriptedBroker, startScriptedBroker } from "./_scripted_broker.ts";

const brokers: ScriptedBroker[] = [];
let cluster: ClusterClient;
/** Node that leads t/0, coordinates the group and controls the cluster. */
let leader = 0;

afterEach(async () => {
  await cluster.close();
  for (const broker of brokers.splice(0)) await broker.close();
});

/** Two brokers; what a handler answers depends on whether its broker leads. */
async function start(handlersOf: (isLeader: () => boolean) => Handlers): Promise<void> {
  leader = 0;
  for (const node of [0, 1]) {
    const isLeader = () => leader === node;
    brokers.push(await startScriptedBroker({}, handlersOf(isLeader)));
  }
  for (const broker of brokers) {
    broker.handlers.Metadata = (body) => ({
      brokers: brokers.map(({ host, port }, nodeId) => ({ nodeId, host, port })),
      controllerId: leader,
      topics: (body.topics ?? []).map(({ name }) =>
        name === "t" || created.has(name ?? "")
          ? { name, partitions: [{ partitionIndex: 0, leaderId: leader }] }
          : { name, errorCode: 3 },
      ),
    });
    broker.handlers.FindCoordinator = () => ({
      nodeId: leader,
      host: brokers[leader]!.host,
      port: brokers[leader]!.port,
    });
  }
  cluster = clientOf(brokers[0]!);
}
const created = new Set<string>();

const t0 = { topic: "t", partition: 0 };

describe("when the leader moves to another broker", () => {
  it("the producer follows", async () => {
    const log: number[] = [];
    await start((isLeader) => ({
      Produce(body) {
        if (isLeader()) log.push(leader);
        const partitionResponses = [{ index: 0, errorCode: isLeader() ? 0 : 6 }];
        return { responses: body.topicData.map(({ name }) => ({ name, partitionResponses })) };
      },
    }));
    const producer = new Producer(cluster);
    await producer.append([{ ...t0, batches: [batchOf("a")] }]);
    leader = 1;
    await producer.append([{ ...t0, batches: [batchOf("b")] }]);
    expect(log).toEqual([0, 1]);
  });

  it("the fetcher follows, also when the old one is gone", async () => {
    const answer = (records?: Uint8Array, errorCode = 0): ResponseInput<"Fetch"> => ({
      responses: [
        {
          topic: "t",
          partitions: [
            { partitionIndex: 0, errorCode, ...(records === undefined ? {} : { records }) },
          ],
        },
      ],
    });
    await start((isLeader) => ({
      async Fetch(body) {
        if (!isLeader()) return answer(undefined, 6);
        const { fetchOffset } = body.topics[0]!.partitions[0]!;
        if (fetchOffset === leader) {
          const batch = batchOf(`from ${leader}`);
          batch[7] = fetchOffset;
          return answer(batch);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
        return answer();
      },
    }));
    const fetcher = new Fetcher(cluster);
    fetcher.fetchFrom([{ ...t0, offset: 0 }]);
    await pollUntil(fetcher, (all) => recordsOf(all).length === 1);
    leader = 1;
    await brokers[0]!.close();
    const fetched = await pollUntil(fetcher, (all) => recordsOf(all).length === 1);
    expect(recordsOf(fetched).map((r) => r.value)).toEqual(["from 1"]);
  });

  it("questions about offsets follow", async () => {
    await start((isLeader) => ({
      ListOffsets: () => ({
        topics: [
          {
            name: "t",
            partitions: [{ partitionIndex: 0, errorCode: isLeader() ? 0 : 6, offset: 40 + leader }],
          },
        ],
      }),
    }));
    expect(await listOffsets(cluster, [t0], LATEST)).toEqual([40]);
    leader = 1;
    expect(await listOffsets(cluster, [t0], LATEST)).toEqual([41]);
  });
});

describe("when the coordinator moves to another broker", () => {
  it("commits and look-ups follow", async () => {
    const committed: number[] = [];
    await start((isLeader) => ({
      OffsetCommit(body) {
        const { name, partitions } = body.topics[0]!;
        if (isLeader()) committed.push(partitions[0]!.committedOffset);
        const errorCode = isLeader() ? 0 : 16;
        return { topics: [{ name, partitions: [{ partitionIndex: 0, errorCode }] }] };
      },
      OffsetFetch: () =>
        isLeader()
          ? {
              topics: [
                {
                  name: "t",
                  partitions: [{ partitionIndex: 0, committedOffset: 5, metadata: null }],
                },
              ],
            }
          : { errorCode: 14 },
    }));
    const coordinator = new Coordinator(cluster, "g");
    const committer = { group: "g", generation: 1, memberId: "m" };
    const commit = (offset: number) =>
      commitOffsets(cluster, coordinator, committer, [{ ...t0, offset, metadata: "" }]);
    await commit(1);
    leader = 1;
    await commit(2);
    expect(committed).toEqual([1, 2]);
    leader = 0;
    expect(await fetchCommitted(cluster, coordinator, "g", [t0])).toEqual([
      { ...t0, offset: 5, metadata: "" },
    ]);
  });

  it("a commit of an old generation is refused with the partition it was for", async () => {
    await start(() => ({
      OffsetCommit: () => ({
        topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: 22 }] }],
      }),
    }));
    const committing = commitOffsets(
      cluster,
      new Coordinator(cluster, "g"),
      { group: "g", generation: 1, memberId: "m" },
      [{ ...t0, offset: 1, metadata: "" }],
    );
    expect(await failureOf(committing)).toMatchObject({ code: "FENCED", where: t0 });
  });
});

describe("when the controller moves to another broker", () => {
  it("topics are created and deleted there", async () => {
    await start((isLeader) => ({
      CreateTopics(body) {
        const name = body.topics[0]!.name;
        if (isLeader()) created.add(name);
        return { topics: [{ name, errorCode: isLeader() ? 0 : 41 }] };
      },
      DeleteTopics(body) {
        const name = body.topicNames[0]!;
        if (isLeader()) created.delete(name);
        return { responses: [{ name, errorCode: isLeader() ? 0 : 41 }] };
      },
    }));
    await cluster.refresh();
    leader = 1;
    await createTopics(cluster, [{ topic: "new", partitions: 1, configs: {} }]);
    expect(created).toEqual(new Set(["new"]));
    leader = 0;
    await deleteTopics(cluster, ["new"]);
    expect(created).toEqual(new Set());
  });
});

describe("purging", () => {
  it("is best effort: what fails is left, and said", async () => {
    const events: string[] = [];
    await start(() => ({
      DeleteRecords: () => ({
        topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: 29 }] }],
      }),
    }));
    await cluster.close();
    cluster = clientOf(brokers[0]!, { onEvent: (event) => events.push(event.message) });
    await deleteRecords(cluster, [{ ...t0, offset: 3 }]);
    expect(events).toContain("Deleting processed records failed");
  });
});
