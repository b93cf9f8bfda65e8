import { afterEach, describe, expect, it } from "vitest";
import type { AssignmentListener } from "../../../runtime/engine/mod.ts";
import type { ClusterClient } from "../../../runtime/kafka/cluster.ts";
import { decodeAssignment, encodeAssignment } from "../../../runtime/kafka/envelope.ts";
import { Membership } from "../../../runtime/kafka/membership.ts";
import type { KafkaSettings } from "../../../runtime/kafka/mod.ts";
import { waitUntil } from "../../contract/_log_helpers.ts";
import { clientOf, failureOf } from "./_harness.ts";
import { type Handlers, type ScriptedBroker, startScriptedBroker } from "./_scripted_broker.ts";

let broker: ScriptedBroker;
let cluster: ClusterClient;

afterEach(async () => {
  await cluster.close();
  await broker.close();
});

const ASSIGNMENT = encodeAssignment([{ topic: "t", partition: 1 }]);

interface Started {
  readonly member: Membership;
  readonly calls: string[];
}

/** A follower's life in a group: each join is another generation. */
async function start(
  handlers: Handlers = {},
  settings: Partial<KafkaSettings> = {},
  listener: Partial<AssignmentListener> = {},
): Promise<Started> {
  broker = await startScriptedBroker(
    { t: 4 },
    {
      JoinGroup: (body, { count }) =>
        body.memberId === ""
          ? { errorCode: 79, memberId: "m-1" }
          : { generationId: count, memberId: body.memberId, leader: "someone else" },
      SyncGroup: () => ({ assignment: ASSIGNMENT }),
      Heartbeat: () => ({}),
      LeaveGroup: () => ({}),
      ...handlers,
    },
  );
  cluster = clientOf(broker, { sessionTimeoutMs: 600, heartbeatMs: 30, ...settings });
  const calls: string[] = [];
  const member = new Membership(
    cluster,
    { group: "g", coPartitioned: [["t"]] },
    {
      async assigned(partitions) {
        calls.push(`assigned ${partitions.map((p) => p.partition)}`);
        await listener.assigned?.(partitions);
      },
      async revoked() {
        calls.push("revoked");
        await listener.revoked?.();
      },
      async lost() {
        calls.push("lost");
        await listener.lost?.();
      },
    },
    () => {},
  );
  return { member, calls };
}

const count = (name: string): number => broker.received.filter((n) => n === name).length;

describe("a group member", () => {
  it("joins again with the id that the coordinator gives it", async () => {
    const ids: string[] = [];
    const { member, calls } = await start({
      JoinGroup(body) {
        ids.push(body.memberId);
        return body.memberId === ""
          ? { errorCode: 79, memberId: "m-7" }
          : { generationId: 3, memberId: "m-7", leader: "x" };
      },
    });
    await member.rebalance();
    expect(ids).toEqual(["", "m-7"]);
    expect(calls).toEqual(["assigned 1"]);
    expect(member.generation).toBe(3);
    await member.rebalance();
    expect(calls).toHaveLength(1);
  });

  it("assigns for all when it leads", async () => {
    let assigned: unknown;
    const { member } = await start({
      JoinGroup: (body) => ({
        generationId: 1,
        memberId: "me",
        leader: "me",
        members: [
          { memberId: "me", metadata: body.protocols[0]!.metadata },
          { memberId: "other", metadata: body.protocols[0]!.metadata },
        ],
      }),
      SyncGroup(body) {
        assigned = body.assignments.map((a) => [
          a.memberId,
          decodeAssignment(a.assignment).map((p) => p.partition),
        ]);
        return { assignment: ASSIGNMENT };
      },
    });
    await member.rebalance();
    expect(assigned).toEqual([
      ["me", [0, 1]],
      ["other", [2, 3]],
    ]);
  });

  it("asks for a rebalance when it leads and a topic has got more partitions", async () => {
    const { member, calls } = await start({
      JoinGroup: (body, { count: n }) => ({
        generationId: n,
        memberId: "me",
        leader: "me",
        members: [{ memberId: "me", metadata: body.protocols[0]!.metadata }],
      }),
      SyncGroup: (body) => ({ assignment: body.assignments[0]!.assignment }),
    });
    await member.rebalance();
    expect(member.needsRebalance).toBe(false);
    broker.topics["t"] = 5;
    await waitUntil(() => member.needsRebalance);
    await member.rebalance();
    expect(calls).toEqual(["assigned 0,1,2,3", "revoked", "assigned 0,1,2,3,4"]);
  });

  it("keeps its membership by itself, without polls", async () => {
    const { member } = await start();
    await member.rebalance();
    await waitUntil(() => count("Heartbeat") > 3);
    expect(member.needsRebalance).toBe(false);
  });

  it("hears of a rebalance, but calls the listener only when told to", async () => {
    const { member, calls } = await start({
      Heartbeat: (body) => ({ errorCode: body.generationId === 2 ? 27 : 0 }),
    });
    await member.rebalance();
    await waitUntil(() => member.needsRebalance);
    await waitUntil(() => count("Heartbeat") > 3);
    // It still owns what it has, until it gives it up.
    await member.confirm();
    expect(calls).toEqual(["assigned 1"]);
    await member.rebalance();
    expect(calls).toEqual(["assigned 1", "revoked", "assigned 1"]);
    expect(member.needsRebalance).toBe(false);
  });

  it("keeps its session alive while the listener takes its time", async () => {
    const { member } = await start(
      {},
      {},
      {
        async assigned() {
          const before = count("Heartbeat");
          await waitUntil(() => count("Heartbeat") > before + 3);
        },
      },
    );
    await member.rebalance();
  });

  it.each([
    ["UNKNOWN_MEMBER_ID", 25, ""],
    ["ILLEGAL_GENERATION", 22, "m-1"],
  ])("has lost everything after %s, and joins again", async (_, code, rejoinsAs) => {
    const ids: string[] = [];
    const { member, calls } = await start({
      JoinGroup(body, call) {
        ids.push(body.memberId);
        return body.memberId === ""
          ? { errorCode: 79, memberId: "m-1" }
          : { generationId: call.count, memberId: body.memberId, leader: "x" };
      },
      Heartbeat: (body) => ({ errorCode: body.generationId === 2 ? code : 0 }),
    });
    await member.rebalance();
    await waitUntil(() => member.needsRebalance);
    expect((await failureOf(member.confirm())).code).toBe("FENCED");
    await member.rebalance();
    expect(calls).toEqual(["assigned 1", "lost", "assigned 1"]);
    expect(ids[2]).toBe(rejoinsAs);
  });

  it("has lost everything when it has not been heard for a session timeout", async () => {
    let isDown = false;
    const { member, calls } = await start({ Heartbeat: () => (isDown ? "cut" : {}) });
    await member.rebalance();
    isDown = true;
    const confirmed = await failureOf(member.confirm());
    expect(confirmed.faultClass).toBe("transient");
    await waitUntil(() => member.needsRebalance);
    expect((await failureOf(member.confirm())).code).toBe("FENCED");
    isDown = false;
    await member.rebalance();
    expect(calls).toEqual(["assigned 1", "lost", "assigned 1"]);
  });

  it("finds the coordinator again when it moved or loads", async () => {
    const codes = [16, 14, 15];
    const { member, calls } = await start({
      Heartbeat: () => ({ errorCode: codes.shift() ?? 0 }),
      SyncGroup: (_, { count: n }) => (n === 1 ? { errorCode: 14 } : { assignment: ASSIGNMENT }),
    });
    await member.rebalance();
    await waitUntil(() => codes.length === 0);
    await member.confirm();
    expect(count("FindCoordinator")).toBeGreaterThan(3);
    expect(calls).toEqual(["assigned 1"]);
  });

  it("joins once more when the round it joined was overtaken", async () => {
    const { member, calls } = await start({
      SyncGroup: (_, { count: n }) => (n === 1 ? { errorCode: 27 } : { assignment: ASSIGNMENT }),
    });
    await member.rebalance();
    expect(calls).toEqual(["assigned 1"]);
    expect(count("JoinGroup")).toBe(3);
  });

  it("calls lost when the final commit in revoked came too late", async () => {
    const { member, calls } = await start(
      { Heartbeat: (body) => ({ errorCode: body.generationId === 2 ? 27 : 0 }) },
      {},
      { revoked: async () => member.fence() ?? Promise.reject(await failureOf(fenced())) },
    );
    const fenced = async (): Promise<void> => {
      member.requireOwnership();
    };
    await member.rebalance();
    await waitUntil(() => member.needsRebalance);
    await member.rebalance();
    expect(calls).toEqual(["assigned 1", "revoked", "lost", "assigned 1"]);
  });

  it("hands the assignment over again when the listener could not take it", async () => {
    let failures = 1;
    const { member, calls } = await start(
      {},
      {},
      {
        async assigned() {
          if (failures-- > 0) throw new Error("restore failed");
        },
      },
    );
    await expect(member.rebalance()).rejects.toThrow("restore failed");
    await member.rebalance();
    expect(calls).toEqual(["assigned 1", "assigned 1"]);
    expect(count("SyncGroup")).toBe(1);
  });

  it("throws what no waiting can change, with the coordinator's reason", async () => {
    const { member } = await start({ JoinGroup: () => ({ errorCode: 30 }) });
    const failure = await failureOf(member.rebalance());
    expect(failure).toMatchObject({
      code: "BROKER_REFUSED",
      message: "Cannot join group g: GROUP_AUTHORIZATION_FAILED",
    });
  });

  it("can leave while it waits for the others, and tells the group at once", async () => {
    const { member, calls } = await start({
      JoinGroup: (body) => (body.memberId === "" ? { errorCode: 79, memberId: "m-1" } : undefined),
    });
    const joining = member.rebalance();
    await waitUntil(() => count("JoinGroup") === 2);
    await member.leave();
    await joining;
    expect(calls).toEqual([]);
    expect(count("LeaveGroup")).toBe(1);
  });

  it("lets the listener finish before it leaves", async () => {
    let finish: () => void = () => {};
    const { member, calls } = await start(
      {},
      {},
      {
        assigned: () =>
          new Promise<void>((resolve) => {
            finish = () => {
              calls.push("took it");
              resolve();
            };
          }),
      },
    );
    const joining = member.rebalance();
    await waitUntil(() => calls.length === 1);
    const leaving = member.leave();
    finish();
    await Promise.all([joining, leaving]);
    expect(calls).toEqual(["assigned 1", "took it", "revoked"]);
  });

  it("leaves after giving up what it owns, and stays away", async () => {
    const { member, calls } = await start();
    await member.rebalance();
    await member.leave();
    await member.leave();
    expect(calls).toEqual(["assigned 1", "revoked"]);
    expect(count("LeaveGroup")).toBe(1);
    await member.rebalance();
    expect(calls).toHaveLength(2);
  });
});
