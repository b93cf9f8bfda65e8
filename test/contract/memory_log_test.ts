/** The log port's contract on the log in memory, and what only that one can do. */

import { describe, expect, it } from "vitest";
import { systemClock } from "../../runtime/kafka/mod.ts";
import { MemoryCluster } from "../../runtime/testing/memory_cluster.ts";
import { MemoryLog, type MemoryLogOptions } from "../../runtime/testing/memory_log.ts";
import { batchOf } from "./_log_helpers.ts";
import { describeLog } from "./log_contract.ts";

const start = async () => {
  const cluster = new MemoryCluster();
  return {
    async connect() {
      const log = new MemoryLog({ cluster, clock: systemClock });
      return { log, kill: async () => log.abandon() };
    },
    close: async () => {},
  };
};

describeLog("memory", start, { hasNetwork: false });

const SILENT = { assigned: async () => {}, revoked: async () => {}, lost: async () => {} };

/** A log that is the only member of a group that reads `in`, and where it writes to. */
async function joined(options: Partial<MemoryLogOptions>, partitions = 1) {
  const cluster = new MemoryCluster();
  cluster.createTopic({ topic: "in", partitions });
  cluster.createTopic({ topic: "out", partitions: 1 });
  const log = new MemoryLog({ cluster, clock: systemClock, ...options });
  await log.join({ group: "g", coPartitioned: [["in"]] }, SILENT);
  return { cluster, log };
}

describe("the log in memory with atomic commits", () => {
  const out = { topic: "out", partition: 0 };

  it("shows what was appended with the commit behind it", async () => {
    const { cluster, log } = await joined({ atomicCommits: true });
    await log.append([{ ...out, batches: [batchOf("a")] }]);
    expect(cluster.partition(out).endOffset).toBe(0);
    await log.commit([{ topic: "in", partition: 0, offset: 7, metadata: "" }]);
    expect(cluster.partition(out).endOffset).toBe(1);
    expect(await log.committed([{ topic: "in", partition: 0 }])).toMatchObject([{ offset: 7 }]);
  });

  it("forgets it with its member", async () => {
    const { cluster, log } = await joined({ atomicCommits: true });
    await log.append([{ ...out, batches: [batchOf("a")] }]);
    log.abandon();
    await expect(log.commit([])).rejects.toThrow("no longer in the group");
    expect(cluster.partition(out).endOffset).toBe(0);
  });
});

describe("the log in memory with a schedule", () => {
  it("reads the partitions that it names, in its order, and not more of them than it says", async () => {
    const { cluster, log } = await joined(
      {
        schedule: (assigned) =>
          [2, 0].map((n) => ({ partition: assigned[n]!, maxBatches: n === 0 ? 2 : 1 })),
      },
      3,
    );
    const all = [0, 1, 2].map((partition) => ({ topic: "in", partition }));
    for (const at of all) {
      for (let n = 0; n < 3; n++) cluster.partition(at).append(batchOf("a"));
    }
    log.fetchFrom(all.map((at) => ({ ...at, offset: 0 })));
    const first = await log.poll(0);
    expect(first.map(({ partition }) => partition)).toEqual([2, 0]);
    const batchBytes = batchOf("a").length;
    expect(first.map(({ bytes }) => bytes.length / batchBytes)).toEqual([1, 2]);
    await log.poll(0);
    const third = await log.poll(0);
    expect(third.map(({ bytes }) => bytes.length / batchBytes)).toEqual([1, 0]);
  });
});
