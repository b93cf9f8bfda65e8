/**
 * What every implementation of the `Log` port has to do. Runs on any of them: an implementation
 * supplies the clients and, where it has them, the faults.
 *
 * Longer than 400 lines: it is one contract.
 *
 * @module
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AssignmentListener, Fetched, Log, TopicPartition } from "../../runtime/engine/mod.ts";
import { MillraceError } from "../../runtime/fault/mod.ts";
import { batchOf, pollUntil, recordsOf, topicName, waitUntil } from "./_log_helpers.ts";

/** One process's view of the log. */
export interface LogClient {
  readonly log: Log;
  /** Vanishes without leaving the group, as a crash does. */
  kill(): Promise<void>;
  /** Loses all connections; new ones work. Undefined where there is no network. */
  cut?(): void;
  /** Cannot reach anyone from now on, or can again. Undefined where there is no network. */
  setReachable?(isReachable: boolean): void;
}

export interface LogFixture {
  /** A member's session must end within some seconds after `kill`. */
  connect(): Promise<LogClient>;
  close(): Promise<void>;
}

interface Recorded extends AssignmentListener {
  readonly calls: string[];
  owned: readonly TopicPartition[];
}

/** Notes calls and fetches what it is given from offset 0. */
function recorder(log: Log, overrides: Partial<AssignmentListener> = {}): Recorded {
  const self: Recorded = {
    calls: [],
    owned: [],
    async assigned(partitions) {
      self.calls.push("assigned");
      self.owned = partitions;
      log.fetchFrom(partitions.map((p) => ({ ...p, offset: 0 })));
      await overrides.assigned?.(partitions);
    },
    async revoked() {
      self.calls.push("revoked");
      await overrides.revoked?.();
      self.owned = [];
    },
    async lost() {
      self.calls.push("lost");
      await overrides.lost?.();
      self.owned = [];
    },
  };
  return self;
}

const sorted = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ topic, partition }) => `${topic}/${partition}`).sort();

/**
 * @param hasNetwork the log's clients have connections that can be cut: those tests are part of the
 *   contract then
 */
export function describeLog(
  name: string,
  start: () => Promise<LogFixture>,
  { hasNetwork = true }: { readonly hasNetwork?: boolean } = {},
): void {
  const onNetwork = (behaviour: string, test: () => Promise<void>): void => {
    if (hasNetwork) it(behaviour, test);
  };
  describe(`the log port on ${name}`, () => {
    let fixture: LogFixture;
    const clients: LogClient[] = [];

    beforeAll(async () => {
      fixture = await start();
    });
    afterEach(async () => {
      await Promise.all(clients.splice(0).map((client) => client.kill()));
    });
    afterAll(async () => {
      await fixture?.close();
    });

    async function connect(): Promise<LogClient> {
      const client = await fixture.connect();
      clients.push(client);
      return client;
    }

    async function topicOf(log: Log, partitions: number): Promise<string> {
      const topic = topicName();
      await log.createTopics([{ topic, partitions, configs: {} }]);
      return topic;
    }

    it("counts partitions and leaves out topics that do not exist", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 3);
      const missing = topicName();
      expect(await log.partitionCounts([topic, missing])).toEqual(new Map([[topic, 3]]));
      // Asking must not have created it.
      expect(await log.partitionCounts([missing])).toEqual(new Map());
    });

    it("says which topic of a name it is, the same to all", async () => {
      const { log } = await connect();
      const [first, second] = [await topicOf(log, 1), await topicOf(log, 1)];
      const id = await log.topicId(first);
      expect(id).toEqual(expect.any(String));
      expect(await (await connect()).log.topicId(first)).toBe(id);
      expect(await log.topicId(second)).not.toBe(id);
    });

    it("leaves an existing topic as it is", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 2);
      await log.createTopics([{ topic, partitions: 5, configs: {} }]);
      expect(await log.partitionCounts([topic])).toEqual(new Map([[topic, 2]]));
    });

    it("keeps what was appended when its memory is used again", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 1);
      const batch = batchOf("kept");
      await log.append([{ topic, partition: 0, batches: [batch] }]);
      batch.fill(0);
      const fetched: Fetched[] = [];
      for await (const part of log.read({ topic, partition: 0 }, 0, 1)) fetched.push(part);
      expect(recordsOf(fetched).map(({ value }) => value)).toEqual(["kept"]);
    });

    it("hands records on in the order they were appended", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 2);
      const first = log.append([
        { topic, partition: 0, batches: [batchOf("a", "b"), batchOf("c")] },
        { topic, partition: 1, batches: [batchOf("x")] },
      ]);
      const second = log.append([{ topic, partition: 0, batches: [batchOf("d")] }]);
      await Promise.all([first, second]);
      log.fetchFrom([0, 1].map((partition) => ({ topic, partition, offset: 0 })));
      const fetched = await pollUntil(log, (all) => recordsOf(all).length === 5);
      const of = (partition: number) =>
        recordsOf(fetched.filter((f) => f.partition === partition)).map((r) => [r.offset, r.value]);
      expect(of(0)).toEqual([
        [0, "a"],
        [1, "b"],
        [2, "c"],
        [3, "d"],
      ]);
      expect(of(1)).toEqual([[0, "x"]]);
      expect(
        await log.endOffsets([
          { topic, partition: 1 },
          { topic, partition: 0 },
        ]),
      ).toEqual([1, 4]);
    });

    it("says the watermarks of partitions where nothing happens", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 2);
      await log.append([{ topic, partition: 0, batches: [batchOf("a")] }]);
      log.fetchFrom([
        { topic, partition: 0, offset: 1 },
        { topic, partition: 1, offset: 0 },
      ]);
      const quiet = (all: readonly Fetched[], partition: number) =>
        all.find((f) => f.partition === partition && f.bytes.length === 0);
      const fetched = await pollUntil(
        log,
        (all) => quiet(all, 0) !== undefined && quiet(all, 1) !== undefined,
      );
      expect(quiet(fetched, 0)).toMatchObject({ highWatermark: 1, lastStableOffset: 1 });
      expect(quiet(fetched, 1)).toMatchObject({ highWatermark: 0, lastStableOffset: 0 });
    });

    it("returns from a poll without partitions after the wait", async () => {
      const { log } = await connect();
      expect(await log.poll(20)).toEqual([]);
    });

    it("fetches from the new positions only, once they are set", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 2);
      await log.append([
        { topic, partition: 0, batches: [batchOf("a"), batchOf("b")] },
        { topic, partition: 1, batches: [batchOf("x")] },
      ]);
      const at = (partition: number, offset: number) => ({ topic, partition, offset });
      log.fetchFrom([at(0, 0), at(1, 0)]);
      await pollUntil(log, (all) => recordsOf(all).length === 3);
      // Back by one in 0, and 1 is not fetched any more.
      log.fetchFrom([at(0, 1)]);
      const fetched = await pollUntil(log, (all) => recordsOf(all, 1).length === 1);
      expect(recordsOf(fetched, 1).map((r) => r.value)).toEqual(["b"]);
      await log.append([{ topic, partition: 1, batches: [batchOf("y")] }]);
      await log.append([{ topic, partition: 0, batches: [batchOf("c")] }]);
      const later = await pollUntil(log, (all) => recordsOf(all).some((r) => r.value === "c"));
      expect(recordsOf(later).map((r) => r.value)).not.toContain("y");
    });

    it("reads a range of one partition from any offset", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 1);
      const batches = ["a", "b", "c", "d"].map((value) => batchOf(value));
      await log.append([{ topic, partition: 0, batches }]);
      const fetched: Fetched[] = [];
      for await (const part of log.read({ topic, partition: 0 }, 1, 4)) {
        fetched.push({ ...part, bytes: part.bytes.slice() });
      }
      expect(recordsOf(fetched, 1).map((r) => r.value)).toEqual(["b", "c", "d"]);
      for await (const _ of log.read({ topic, partition: 0 }, 4, 4)) throw new Error("not empty");
    });

    it("remembers committed offsets with their metadata", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 2);
      const listener = recorder(log);
      await log.join({ group: topic, coPartitioned: [[topic]] }, listener);
      expect(sorted(listener.owned)).toEqual([`${topic}/0`, `${topic}/1`]);
      const partitions = listener.owned;
      expect(await log.committed(partitions)).toEqual([]);
      await log.commit([{ topic, partition: 1, offset: 7, metadata: "t=1;idle" }]);
      await log.confirm();
      expect(await log.committed(partitions)).toEqual([
        { topic, partition: 1, offset: 7, metadata: "t=1;idle" },
      ]);
    });

    it("purges records below an offset, and says so to who asks for them", async () => {
      const { log } = await connect();
      const topic = await topicOf(log, 1);
      const batches = ["a", "b", "c"].map((value) => batchOf(value));
      await log.append([{ topic, partition: 0, batches }]);
      await log.purge([{ topic, partition: 0, offset: 2 }]);
      expect(await log.startOffsets([{ topic, partition: 0 }])).toEqual([2]);
      log.fetchFrom([{ topic, partition: 0, offset: 0 }]);
      const error = await pollUntil(log, () => false).catch((e: unknown) => e);
      expect(error).toMatchObject({
        code: "OFFSET_OUT_OF_RANGE",
        where: { topic, partition: 0, offset: 0 },
      });
      // Another position makes it go on.
      log.fetchFrom([{ topic, partition: 0, offset: 2 }]);
      const fetched = await pollUntil(log, (all) => recordsOf(all).length > 0);
      expect(recordsOf(fetched).map((r) => r.value)).toEqual(["c"]);
    });

    it("keeps co-partitioned topics together and splits the rest evenly", async () => {
      const [a, b] = [await connect(), await connect()];
      const [left, right, alone] = [
        await topicOf(a.log, 4),
        await topicOf(a.log, 4),
        await topicOf(a.log, 3),
      ];
      const subscription = { group: left, coPartitioned: [[left, right], [alone]] };
      const [ofA, ofB] = [recorder(a.log), recorder(b.log)];
      await a.log.join(subscription, ofA);
      expect(ofA.owned).toHaveLength(11);
      await Promise.all([
        b.log.join(subscription, ofB),
        pollUntil(a.log, () => ofA.calls.length === 3),
      ]);
      const part = (owned: readonly TopicPartition[], topic: string) =>
        owned.filter((p) => p.topic === topic).map((p) => p.partition);
      for (const { owned } of [ofA, ofB]) {
        expect(part(owned, left)).toEqual(part(owned, right));
        expect(part(owned, left)).toHaveLength(2);
      }
      expect([...ofA.owned, ...ofB.owned]).toHaveLength(11);
      expect(new Set(sorted([...ofA.owned, ...ofB.owned])).size).toBe(11);
    });

    it("waits for the old owner's revocation, and lets it commit in there", async () => {
      const [a, b] = [await connect(), await connect()];
      const topic = await topicOf(a.log, 2);
      const subscription = { group: topic, coPartitioned: [[topic]] };
      const events: string[] = [];
      const ofA = recorder(a.log, {
        async revoked() {
          events.push("revoking");
          await a.log.commit([{ topic, partition: 0, offset: 42, metadata: "" }]);
          events.push("revoked");
        },
      });
      let seenByB: unknown;
      const ofB = recorder(b.log, {
        async assigned(partitions) {
          events.push("taken over");
          seenByB = await b.log.committed([{ topic, partition: 0 }]);
          expect(partitions).toHaveLength(1);
        },
      });
      await a.log.join(subscription, ofA);
      const joining = b.log.join(subscription, ofB);
      // Nothing happens to a member that is busy: the listener is called from poll only.
      await Promise.race([joining, new Promise((resolve) => setTimeout(resolve, 700))]);
      expect(events).toEqual([]);
      await pollUntil(a.log, () => ofA.calls.length === 3);
      await joining;
      expect(events).toEqual(["revoking", "revoked", "taken over"]);
      expect(seenByB).toEqual([{ topic, partition: 0, offset: 42, metadata: "" }]);
      expect(ofA.calls).toEqual(["assigned", "revoked", "assigned"]);
    });

    it("gives a leaving member's partitions to the others at once", async () => {
      const [a, b] = [await connect(), await connect()];
      const topic = await topicOf(a.log, 2);
      const subscription = { group: topic, coPartitioned: [[topic]] };
      const ofA = recorder(a.log, {
        revoked: () => a.log.commit(ofA.owned.map((p) => ({ ...p, offset: 5, metadata: "last" }))),
      });
      const ofB = recorder(b.log);
      await a.log.join(subscription, ofA);
      await Promise.all([
        b.log.join(subscription, ofB),
        pollUntil(a.log, () => ofA.calls.length === 3),
      ]);
      await a.log.leave();
      await a.log.leave();
      expect(ofA.calls).toEqual(["assigned", "revoked", "assigned", "revoked"]);
      await pollUntil(b.log, () => ofB.owned.length === 2);
      expect(ofB.calls).toEqual(["assigned", "revoked", "assigned"]);
      expect(await b.log.committed(ofB.owned)).toEqual(
        ofB.owned.map((p) => ({ ...p, offset: 5, metadata: "last" })),
      );
    });

    it("gives a dead member's partitions to the others when its session ends", async () => {
      const [a, b] = [await connect(), await connect()];
      const topic = await topicOf(a.log, 2);
      const subscription = { group: topic, coPartitioned: [[topic]] };
      const [ofA, ofB] = [recorder(a.log), recorder(b.log)];
      await a.log.join(subscription, ofA);
      await Promise.all([
        b.log.join(subscription, ofB),
        pollUntil(a.log, () => ofA.calls.length === 3),
      ]);
      await a.kill();
      await pollUntil(b.log, () => ofB.owned.length === 2);
      await b.log.append([{ topic, partition: 0, batches: [batchOf("after")] }]);
      const fetched = await pollUntil(b.log, (all) => recordsOf(all).length > 0);
      expect(recordsOf(fetched).map((r) => r.value)).toEqual(["after"]);
    });

    onNetwork(
      "lets a member that was away too long commit nothing, and tells it that all is lost",
      async () => {
        const [a, b] = [await connect(), await connect()];
        const topic = await topicOf(a.log, 2);
        const subscription = { group: topic, coPartitioned: [[topic]] };
        const [ofA, ofB] = [recorder(a.log), recorder(b.log)];
        await a.log.join(subscription, ofA);
        a.setReachable?.(false);
        await b.log.join(subscription, ofB);
        expect(ofB.owned).toHaveLength(2);
        a.setReachable?.(true);
        await waitUntil(async () => {
          const error = await a.log.confirm().catch((e: unknown) => e);
          return error instanceof MillraceError && error.faultClass === "fenced";
        });
        const late = a.log.commit([{ topic, partition: 0, offset: 9, metadata: "" }]);
        await expect(late).rejects.toMatchObject({ code: "FENCED" });
        expect(await b.log.committed([{ topic, partition: 0 }])).toEqual([]);
        await Promise.all([
          pollUntil(a.log, () => ofA.owned.length === 1),
          pollUntil(b.log, () => ofB.owned.length === 1),
        ]);
        expect(ofA.calls).toEqual(["assigned", "lost", "assigned"]);
      },
    );

    onNetwork(
      "appends every batch once, in order, however often the connection is cut",
      async () => {
        const a = await connect();
        const topic = await topicOf(a.log, 2);
        const values = Array.from({ length: 60 }, (_, index) => `v${index}`);
        const appends = values.map((value, index) =>
          a.log.append([{ topic, partition: index % 2, batches: [batchOf(value)] }]),
        );
        let done = false;
        const all = Promise.all(appends).finally(() => {
          done = true;
        });
        while (!done) {
          await new Promise((resolve) => setTimeout(resolve, 25));
          a.cut?.();
        }
        await all;
        for (const partition of [0, 1]) {
          const [end] = await a.log.endOffsets([{ topic, partition }]);
          const fetched: Fetched[] = [];
          for await (const part of a.log.read({ topic, partition }, 0, end ?? 0))
            fetched.push(part);
          const expected = values.filter((_, index) => index % 2 === partition);
          expect(recordsOf(fetched).map((r) => r.value)).toEqual(expected);
        }
      },
    );

    onNetwork("keeps its membership over a short loss of connections", async () => {
      const a = await connect();
      const topic = await topicOf(a.log, 1);
      const listener = recorder(a.log);
      await a.log.join({ group: topic, coPartitioned: [[topic]] }, listener);
      await a.log.poll(50);
      a.cut?.();
      await waitUntil(async () => (await a.log.confirm().catch(() => "no")) === undefined);
      await a.log.append([{ topic, partition: 0, batches: [batchOf("a")] }]);
      await pollUntil(a.log, (all) => recordsOf(all).length === 1);
      await a.log.commit([{ topic, partition: 0, offset: 1, metadata: "" }]);
      expect(listener.calls).toEqual(["assigned"]);
    });
  });
}
