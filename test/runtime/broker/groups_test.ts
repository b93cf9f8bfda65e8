/**
 * Group members in one process on a clock that stands still: barriers, sessions, generations.
 *
 * Longer than 400 lines: one state machine, and all its transitions share one set of members.
 */

import { beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../../runtime/broker/mod.ts";
import { ManualClock } from "../../../runtime/testing/mod.ts";
import { API, type ResponseOf } from "../../../runtime/wire/mod.ts";
import { createTopic, type DirectClient, direct, settle } from "./_client.ts";

const SESSION_MS = 10_000;
const REBALANCE_MS = 30_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (encoded: Uint8Array) => new TextDecoder().decode(encoded);

interface JoinOptions {
  readonly memberId?: string;
  readonly instance?: string | null;
  readonly protocols?: readonly string[];
  readonly metadata?: string;
  readonly version?: number;
}

let clock: ManualClock;
let client: DirectClient;

beforeEach(async () => {
  clock = new ManualClock(0);
  let ids = 0;
  client = direct(new Cluster({ clock, uuid: () => `${ids++}`.padStart(32, "0") }));
  await createTopic(client, "t", 2);
});

async function moveBy(ms: number): Promise<void> {
  clock.moveTo(clock.now() + ms);
  await settle();
}

function join(name: string, options: JoinOptions = {}): Promise<ResponseOf<"JoinGroup">> {
  const { memberId = "", instance = null, protocols = ["range"], version = 3 } = options;
  return client.send(
    API.JoinGroup,
    instance === null ? version : Math.max(5, version),
    {
      groupId: "g",
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      memberId,
      groupInstanceId: instance,
      protocolType: "consumer",
      protocols: protocols.map((protocol) => ({
        name: protocol,
        metadata: bytes(options.metadata ?? name),
      })),
    },
    name,
  );
}

function sync(
  joined: { readonly memberId: string; readonly generationId: number },
  assignments: Readonly<Record<string, string>> = {},
  instance: string | null = null,
) {
  return client.send(API.SyncGroup, 3, {
    groupId: "g",
    generationId: joined.generationId,
    memberId: joined.memberId,
    groupInstanceId: instance,
    assignments: Object.entries(assignments).map(([memberId, assignment]) => ({
      memberId,
      assignment: bytes(assignment),
    })),
  });
}

async function beat(
  { memberId, generationId }: { readonly memberId: string; readonly generationId: number },
  instance: string | null = null,
): Promise<number> {
  const body = { groupId: "g", memberId, generationId, groupInstanceId: instance };
  return (await client.send(API.Heartbeat, 3, body)).errorCode;
}

async function commit(
  { memberId, generationId }: { readonly memberId: string; readonly generationId: number },
  offset = 1,
  metadata = "",
) {
  const { topics } = await client.send(API.OffsetCommit, 7, {
    groupId: "g",
    memberId,
    generationIdOrMemberEpoch: generationId,
    topics: [
      {
        name: "t",
        partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: metadata }],
      },
    ],
  });
  return topics[0]!.partitions[0]!.errorCode;
}

async function state() {
  return (await client.send(API.DescribeGroups, 4, { groups: ["g"] })).groups[0]!;
}

const NOBODY = { memberId: "", generationId: -1 };

/** Two members, a leading, in a stable generation 2. */
async function stablePair() {
  const first = await join("a");
  const joiningB = join("b");
  const joiningA = join("a", { memberId: first.memberId });
  const [a, b] = await Promise.all([joiningA, joiningB]);
  const synced = sync(b);
  const own = await sync(a, { [a.memberId]: "for a", [b.memberId]: "for b" });
  return { a, b, own, other: await synced };
}

describe("a consumer group", () => {
  it("waits for everyone, tells the leader who is there, and hands on what it assigns", async () => {
    const { a, b, own, other } = await stablePair();
    expect([a.errorCode, b.errorCode, a.generationId, b.generationId]).toEqual([0, 0, 2, 2]);
    expect([a.leader, b.leader]).toEqual([a.memberId, a.memberId]);
    expect(a.members.map((m) => [m.memberId, text(m.metadata)])).toEqual([
      [a.memberId, "a"],
      [b.memberId, "b"],
    ]);
    expect(b.members).toEqual([]);
    expect([text(own.assignment), text(other.assignment)]).toEqual(["for a", "for b"]);
    expect(await state()).toMatchObject({
      groupState: "Stable",
      protocolType: "consumer",
      protocolData: "range",
      members: [
        { clientId: "a", clientHost: "/10.0.0.1", memberMetadata: bytes("a") },
        { clientId: "b", memberAssignment: bytes("for b") },
      ],
    });
    expect(a.memberId).toMatch(/^a-/);
    // Whoever asks again gets the same again.
    expect(text((await sync(b)).assignment)).toBe("for b");
  });

  it("gives a new member of version 4 its id first, and keeps a place for it", async () => {
    const told = await join("a", { version: 5 });
    expect([told.errorCode, told.generationId]).toEqual([79, -1]);
    expect(await state()).toMatchObject({ groupState: "Empty", members: [] });
    const joined = await join("a", { version: 5, memberId: told.memberId });
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, memberId: told.memberId });
    // The barrier of the next generation waits for an id that was given out...
    const second = await join("b", { version: 5 });
    const rejoining = join("a", { version: 5, memberId: told.memberId, metadata: "changed" });
    await moveBy(SESSION_MS - 1);
    expect((await state()).groupState).toBe("PreparingRebalance");
    // ... but not for ever.
    await moveBy(1);
    expect((await rejoining).generationId).toBe(2);
    const late = await join("b", { version: 5, memberId: second.memberId });
    expect(late.errorCode).toBe(25);
  });

  it("tells members by their heartbeats that they have to come back", async () => {
    const { a, b } = await stablePair();
    expect([await beat(a), await beat(b)]).toEqual([0, 0]);
    const joining = join("c");
    await settle();
    expect([await beat(a), await beat(b)]).toEqual([27, 27]);
    expect((await sync(a)).errorCode).toBe(27);
    const again = [a, b].map(({ memberId }, n) => join("ab"[n]!, { memberId }));
    const [newA, , c] = await Promise.all([...again, joining]);
    expect([newA?.generationId, newA?.members.length, c?.generationId]).toEqual([3, 3, 3]);
    expect(await beat(a)).toBe(22);
    expect(await beat(newA!)).toBe(0);
    expect(await beat({ memberId: "stranger", generationId: 3 })).toBe(25);
  });

  it("goes on without those who do not come back within the rebalance timeout", async () => {
    const { a, b } = await stablePair();
    const joining = join("c");
    await settle();
    for (let waited = 0; waited < REBALANCE_MS - 5_000; waited += 5_000) {
      await moveBy(5_000);
      expect([await beat(a), await beat(b)]).toEqual([27, 27]);
    }
    const rejoining = join("a", { memberId: a.memberId });
    await moveBy(4_999);
    expect((await state()).groupState).toBe("PreparingRebalance");
    await moveBy(1);
    const [newA, c] = await Promise.all([rejoining, joining]);
    expect(newA.members.map(({ memberId }) => memberId)).toEqual([a.memberId, c.memberId]);
    expect(await beat(b)).toBe(25);
  });

  it("drops a member whose session is over, and rebalances", async () => {
    const { a, b } = await stablePair();
    await moveBy(SESSION_MS - 1);
    expect(await beat(a)).toBe(0);
    await moveBy(1);
    expect([await beat(b), await beat(a)]).toEqual([25, 27]);
    const rejoined = await join("a", { memberId: a.memberId });
    expect([rejoined.generationId, rejoined.members.length]).toEqual([3, 1]);
    await moveBy(SESSION_MS);
    expect(await state()).toMatchObject({ groupState: "Empty", members: [] });
  });

  it("does not let a session end while its member waits for the others", async () => {
    const { a, b } = await stablePair();
    const joining = join("c");
    for (let waited = 0; waited < 2 * SESSION_MS; waited += 5_000) {
      await moveBy(5_000);
      expect([await beat(a), await beat(b)]).toEqual([27, 27]);
    }
    await Promise.all([a, b].map(({ memberId }) => join("x", { memberId })));
    expect((await joining).errorCode).toBe(0);
  });

  it("drops members that never fetch their assignment", async () => {
    const first = await join("a");
    const joiningB = join("b");
    const [a, b] = await Promise.all([join("a", { memberId: first.memberId }), joiningB]);
    const waiting = sync(b);
    for (let waited = 0; waited < REBALANCE_MS; waited += 5_000) {
      expect(await beat(a)).toBe(0);
      await moveBy(5_000);
    }
    expect((await waiting).errorCode).toBe(27);
    expect(await beat(a)).toBe(25);
    const alone = await join("b", { memberId: b.memberId });
    expect([alone.generationId, alone.leader, alone.members.length]).toEqual([3, b.memberId, 1]);
  });

  it("rebalances at once when a member leaves, and is empty without any", async () => {
    const { a, b } = await stablePair();
    const left = await client.send(API.LeaveGroup, 1, { groupId: "g", memberId: b.memberId });
    expect(left.errorCode).toBe(0);
    expect([await beat(a), await beat(b)]).toEqual([27, 25]);
    const members = [
      { memberId: a.memberId, groupInstanceId: null },
      { memberId: b.memberId, groupInstanceId: null },
    ];
    const both = await client.send(API.LeaveGroup, 4, { groupId: "g", members });
    expect(both.members.map(({ errorCode }) => errorCode)).toEqual([0, 25]);
    expect(await state()).toMatchObject({ groupState: "Empty", protocolType: "consumer" });
    const unknown = await client.send(API.LeaveGroup, 1, { groupId: "none", memberId: "x" });
    expect(unknown.errorCode).toBe(25);
  });

  it("elects another leader when the old one has gone", async () => {
    const { a, b } = await stablePair();
    await client.send(API.LeaveGroup, 1, { groupId: "g", memberId: a.memberId });
    const alone = await join("b", { memberId: b.memberId });
    expect([alone.leader, alone.members.length]).toEqual([b.memberId, 1]);
  });

  it("lets an unchanged follower rejoin without disturbing anyone, but not a leader", async () => {
    const { a, b } = await stablePair();
    const again = await join("b", { memberId: b.memberId });
    expect([again.generationId, (await state()).groupState]).toEqual([2, "Stable"]);
    expect(await beat(a)).toBe(0);
    const leading = join("a", { memberId: a.memberId });
    await settle();
    expect(await beat(b)).toBe(27);
    await join("b", { memberId: b.memberId });
    expect((await leading).generationId).toBe(3);
  });

  it("takes the protocol most members want among those that all have", async () => {
    const first = await join("a", { protocols: ["sticky", "range", "roundrobin"] });
    const others = [
      join("b", { protocols: ["roundrobin", "range"] }),
      join("c", { protocols: ["roundrobin", "range"] }),
    ];
    const a = await join("a", {
      memberId: first.memberId,
      protocols: ["sticky", "range", "roundrobin"],
    });
    expect([first.protocolName, a.protocolName]).toEqual(["sticky", "roundrobin"]);
    await Promise.all(others);
    expect((await join("d", { protocols: ["sticky"] })).errorCode).toBe(23);
    expect((await join("d", { protocols: [] })).errorCode).toBe(23);
  });

  it("refuses bad group ids and session timeouts, and too many members", async () => {
    const body = { groupId: "g", protocolType: "consumer", protocols: [{ name: "range" }] };
    const code = async (changes: object) =>
      (await client.send(API.JoinGroup, 2, { ...body, ...changes })).errorCode;
    expect(await code({ groupId: "", sessionTimeoutMs: SESSION_MS })).toBe(24);
    expect(await code({ sessionTimeoutMs: 99 })).toBe(26);
    expect(await code({ sessionTimeoutMs: 1_800_001 })).toBe(26);
    expect(await code({ sessionTimeoutMs: 100, memberId: "made up" })).toBe(25);
    const small = direct({ maxGroupMembers: 1, maxGroups: 1 });
    const joinSmall = (groupId: string) =>
      small.send(API.JoinGroup, 4, { ...body, groupId, sessionTimeoutMs: SESSION_MS });
    expect((await joinSmall("one")).errorCode).toBe(79);
    expect((await joinSmall("one")).errorCode).toBe(81);
    expect((await joinSmall("two")).errorCode).toBe(44);
  });

  it("answers a join that is sent again, and gives up the first", async () => {
    const { a } = await stablePair();
    const lost = join("a", { memberId: a.memberId });
    await settle();
    const again = join("a", { memberId: a.memberId });
    expect((await lost).errorCode).toBe(27);
    await moveBy(REBALANCE_MS);
    expect((await again).errorCode).toBe(0);
  });
});

describe("a static member", () => {
  async function staticPair() {
    const first = await join("a", { instance: "i1" });
    const joiningB = join("b", { instance: "i2" });
    const a = await join("a", { instance: "i1", memberId: first.memberId });
    const b = await joiningB;
    const synced = sync(b, {}, "i2");
    await sync(a, { [a.memberId]: "for a", [b.memberId]: "for b" }, "i1");
    await synced;
    return { a, b };
  }

  it("gets its old assignment under a new id, and nobody notices; its predecessor is fenced", async () => {
    const { a, b } = await staticPair();
    const restarted = await join("b", { instance: "i2" });
    expect(restarted).toMatchObject({ errorCode: 0, generationId: 2, leader: a.memberId });
    expect(restarted.memberId).not.toBe(b.memberId);
    expect(text((await sync(restarted, {}, "i2")).assignment)).toBe("for b");
    expect([await beat(a, "i1"), await beat(restarted, "i2")]).toEqual([0, 0]);
    expect(await beat(b, "i2")).toBe(82);
    expect((await join("b", { instance: "i2", memberId: b.memberId })).errorCode).toBe(82);
    expect(await beat(b, "never seen")).toBe(25);
  });

  it("does not assign again as a restarted leader", async () => {
    const { a } = await staticPair();
    const old = await join("a", { instance: "i1", version: 5 });
    expect([old.leader, old.members, old.skipAssignment]).toEqual([a.memberId, [], false]);
    const recent = await join("a", { instance: "i1", version: 9 });
    expect([recent.leader, recent.skipAssignment]).toEqual([recent.memberId, true]);
    expect(recent.members).toHaveLength(2);
    expect(text((await sync(recent, {}, "i1")).assignment)).toBe("for a");
  });

  it("keeps its place in a rebalance it misses, until its session is over", async () => {
    const { a, b } = await staticPair();
    const joining = join("c");
    const rejoining = join("a", { instance: "i1", memberId: a.memberId });
    for (let waited = 0; waited < REBALANCE_MS; waited += 5_000) {
      await beat(b, "i2");
      await moveBy(5_000);
    }
    const [newA] = await Promise.all([rejoining, joining]);
    expect(newA.members.map((m) => m.groupInstanceId)).toEqual(["i1", "i2", null]);
    await sync(newA, {}, "i1");
    // The barrier was no sign of life: five seconds of ten are over.
    await moveBy(SESSION_MS - 5_001);
    expect((await state()).members).toHaveLength(3);
    await moveBy(1);
    expect((await state()).members).toHaveLength(2);
    expect(await beat(b, "i2")).toBe(25);
  });

  it("can be removed by its instance id alone", async () => {
    await staticPair();
    const { members } = await client.send(API.LeaveGroup, 3, {
      groupId: "g",
      members: [
        { memberId: "", groupInstanceId: "i2" },
        { memberId: "", groupInstanceId: "i9" },
      ],
    });
    expect(members.map(({ errorCode }) => errorCode)).toEqual([0, 25]);
    expect((await state()).members).toHaveLength(1);
  });
});

describe("committed offsets", () => {
  async function fetchOffsets(version: number, topics: readonly number[] | null = [0]) {
    const asked = topics && [{ name: "t", partitionIndexes: topics }];
    const answer = await client.send(API.OffsetFetch, version, {
      groupId: "g",
      topics: asked,
      groups: [{ groupId: "g", topics: asked }],
    });
    const found = version < 8 ? answer.topics : answer.groups[0]!.topics;
    return found.flatMap(({ partitions }) =>
      partitions.map((p) => [p.partitionIndex, p.committedOffset, p.metadata, p.errorCode]),
    );
  }

  it("are kept with their metadata, and are -1 where there are none", async () => {
    expect(await fetchOffsets(4)).toEqual([[0, -1, "", 0]]);
    expect(await fetchOffsets(4, null)).toEqual([]);
    expect(await commit(NOBODY, 42, "t=1")).toBe(0);
    for (const version of [1, 4, 7, 8]) {
      expect(await fetchOffsets(version, [0, 1])).toEqual([
        [0, 42, "t=1", 0],
        [1, -1, "", 0],
      ]);
    }
    expect(await fetchOffsets(8, null)).toEqual([[0, 42, "t=1", 0]]);
  });

  it("may have 4,096 bytes of metadata, not more", async () => {
    expect(await commit(NOBODY, 1, "x".repeat(4_096))).toBe(0);
    expect(await commit(NOBODY, 2, "x".repeat(4_097))).toBe(12);
    expect(await commit(NOBODY, 3, "é".repeat(2_049))).toBe(12);
    expect((await fetchOffsets(4))[0]?.[1]).toBe(1);
  });

  it("come from members of the present generation, or from anyone while there are none", async () => {
    expect(await commit({ memberId: "", generationId: 3 })).toBe(22);
    const { a, b } = await stablePair();
    expect(await commit(a)).toBe(0);
    expect(await commit({ ...a, generationId: 1 })).toBe(22);
    expect(await commit({ ...a, memberId: "stranger" })).toBe(25);
    expect(await commit(NOBODY)).toBe(25);
    // During the barrier the old generation may still commit, after it nobody may until it is assigned.
    const joining = join("c");
    await settle();
    expect(await commit(b, 5)).toBe(0);
    const [newA] = await Promise.all([
      ...[a, b].map(({ memberId }) => join("x", { memberId })),
      joining,
    ]);
    expect(await commit(newA!)).toBe(27);
    expect(await commit(b)).toBe(22);
    await sync(newA!);
    expect(await commit(newA!, 6)).toBe(0);
  });

  it("count as a sign of life", async () => {
    const { a } = await stablePair();
    await moveBy(SESSION_MS - 1);
    expect(await commit(a)).toBe(0);
    await moveBy(SESSION_MS - 1);
    expect(await beat(a)).not.toBe(25);
  });

  it("are refused for what does not exist, and go with their topic", async () => {
    const { topics } = await client.send(API.OffsetCommit, 2, {
      groupId: "g",
      topics: [
        { name: "t", partitions: [{ partitionIndex: 2, committedOffset: 1 }] },
        { name: "absent", partitions: [{ partitionIndex: 0, committedOffset: 1 }] },
      ],
    });
    expect(topics.map(({ partitions }) => partitions[0]?.errorCode)).toEqual([3, 3]);
    await commit(NOBODY, 9);
    await client.send(API.DeleteTopics, 1, { topicNames: ["t"] });
    await createTopic(client, "t");
    expect(await fetchOffsets(4)).toEqual([[0, -1, "", 0]]);
  });

  it("go with their group, which must be empty", async () => {
    await stablePair();
    const remove = async () =>
      (await client.send(API.DeleteGroups, 1, { groupsNames: ["g", "none"] })).results.map(
        ({ errorCode }) => errorCode,
      );
    const listed = async (statesFilter: readonly string[]) =>
      (await client.send(API.ListGroups, 4, { statesFilter })).groups;
    expect(await remove()).toEqual([68, 69]);
    expect(await listed(["Empty"])).toEqual([]);
    expect(await listed(["stable"])).toMatchObject([
      { groupId: "g", protocolType: "consumer", groupState: "Stable" },
    ]);
    await moveBy(SESSION_MS);
    expect(await commit(NOBODY, 9)).toBe(0);
    expect(await remove()).toEqual([0, 69]);
    expect(await listed([])).toEqual([]);
    expect((await state()).groupState).toBe("Dead");
    expect((await fetchOffsets(4))[0]?.[1]).toBe(-1);
  });

  it("are found at this node, whatever the group", async () => {
    const one = await client.send(API.FindCoordinator, 1, { key: "g" });
    expect(one).toMatchObject({ errorCode: 0, nodeId: 0, host: "broker.test", port: 9092 });
    const many = await client.send(API.FindCoordinator, 4, { coordinatorKeys: ["g", ""] });
    expect(many.coordinators.map((c) => [c.key, c.errorCode, c.nodeId])).toEqual([
      ["g", 0, 0],
      ["", 24, -1],
    ]);
    const odd = await client.send(API.FindCoordinator, 1, { key: "g", keyType: 2 });
    expect(odd.errorCode).toBe(42);
  });
});
