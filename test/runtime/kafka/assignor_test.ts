import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TopicPartition } from "../../../runtime/engine/mod.ts";
import { assignRanges, type GroupMember } from "../../../runtime/kafka/assignor.ts";

const member = (
  memberId: string,
  coPartitioned: string[][],
  previous: TopicPartition[] = [],
  generation = -1,
): GroupMember => ({
  memberId,
  coPartitioned,
  previous,
  generation,
});
const flat = (assignment: ReadonlyMap<string, readonly TopicPartition[]>): Record<string, string> =>
  Object.fromEntries(
    Array.from(assignment, ([id, owned]) => [
      id,
      owned.map((p) => `${p.topic}${p.partition}`).join(" "),
    ]),
  );

describe("the range assignment", () => {
  it("gives neighbouring partitions to one member", () => {
    const assignment = assignRanges(
      [member("b", [["t"]]), member("a", [["t"]])],
      new Map([["t", 5]]),
    );
    expect(flat(assignment)).toEqual({ a: "t0 t1 t2", b: "t3 t4" });
  });

  it("gives the extra unit of a second group to the member with less", () => {
    const groups = [["s"], ["t"]];
    const counts = new Map([
      ["s", 3],
      ["t", 3],
    ]);
    const assignment = assignRanges([member("a", groups), member("b", groups)], counts);
    expect(flat(assignment)).toEqual({ a: "s0 s1 t0", b: "s2 t1 t2" });
  });

  it("leaves a shorter topic of a group out of the last units", () => {
    const groups = [["s", "t"]];
    const counts = new Map([
      ["s", 1],
      ["t", 2],
    ]);
    const assignment = assignRanges([member("a", groups), member("b", groups)], counts);
    expect(flat(assignment)).toEqual({ a: "s0 t0", b: "t1" });
  });

  it("assigns nothing of a topic that does not exist", () => {
    expect(flat(assignRanges([member("a", [["t"]])], new Map()))).toEqual({ a: "" });
  });

  it("moves only what it must when a third member comes", () => {
    const owned = (...partitions: number[]) =>
      partitions.map((partition) => ({ topic: "t", partition }));
    const assignment = assignRanges(
      [
        member("a", [["t"]], owned(3, 4, 5), 4),
        member("b", [["t"]], owned(0, 1, 2), 4),
        member("c", [["t"]]),
      ],
      new Map([["t", 6]]),
    );
    expect(flat(assignment)).toEqual({ a: "t3 t4", b: "t0 t1", c: "t2 t5" });
  });

  it("believes the younger of two members that say they owned the same", () => {
    const owned = [{ topic: "t", partition: 0 }];
    const assignment = assignRanges(
      [member("a", [["t"]], owned, 4), member("b", [["t"]], owned, 5)],
      new Map([["t", 2]]),
    );
    expect(flat(assignment)).toEqual({ a: "t1", b: "t0" });
  });

  it("gives a topic to those who group it as most members do", () => {
    const assignment = assignRanges(
      [member("old", [["s"]]), member("x", [["s", "t"]]), member("y", [["s", "t"]])],
      new Map([
        ["s", 2],
        ["t", 2],
      ]),
    );
    expect(flat(assignment)).toEqual({ old: "", x: "s0 t0", y: "s1 t1" });
  });

  it("keeps its promises for any members, groups and histories", () => {
    const topics = ["p", "q", "r", "s"];
    const scenario = fc.record({
      groups: fc.constantFrom<string[][]>(
        [["p"]],
        [["p", "q"], ["r"]],
        [["p"], ["q"], ["r"], ["s"]],
        [topics],
      ),
      counts: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 4, maxLength: 4 }),
      members: fc.array(
        fc.record({
          previous: fc.array(
            fc.record({ topic: fc.constantFrom(...topics), partition: fc.nat(12) }),
            { maxLength: 10 },
          ),
          generation: fc.integer({ min: -1, max: 5 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    });
    fc.assert(
      fc.property(scenario, ({ groups, counts, members }) => {
        const all = members.map((m, i) => member(`m${i}`, groups, m.previous, m.generation));
        const partitionCounts = new Map(topics.map((topic, i) => [topic, counts[i] ?? 0]));
        const assignment = assignRanges(all, partitionCounts);
        // The order of the members does not matter.
        expect(assignRanges([...all].reverse(), partitionCounts)).toEqual(assignment);
        const owner = new Map<string, string>();
        for (const [id, owned] of assignment) {
          for (const { topic, partition } of owned) {
            expect(owner.has(`${topic}${partition}`)).toBe(false);
            owner.set(`${topic}${partition}`, id);
          }
        }
        const totals = new Map(all.map((m) => [m.memberId, 0]));
        for (const group of groups) {
          const units = Math.max(...group.map((topic) => partitionCounts.get(topic) ?? 0));
          const perMember = new Map(all.map((m) => [m.memberId, 0]));
          for (let unit = 0; unit < units; unit++) {
            const owners = new Set(
              group
                .filter((topic) => unit < (partitionCounts.get(topic) ?? 0))
                .map((topic) => owner.get(`${topic}${unit}`)),
            );
            expect(owners.size).toBe(1);
            const [id] = owners;
            perMember.set(id!, (perMember.get(id!) ?? 0) + 1);
            totals.set(id!, (totals.get(id!) ?? 0) + 1);
          }
          expect(
            Math.max(...perMember.values()) - Math.min(...perMember.values()),
          ).toBeLessThanOrEqual(1);
        }
        expect(Math.max(...totals.values()) - Math.min(...totals.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("changes nothing when the same members join again", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 20 }),
        (count, partitions) => {
          const counts = new Map([["t", partitions]]);
          const first = assignRanges(
            Array.from({ length: count }, (_, i) => member(`m${i}`, [["t"]])),
            counts,
          );
          const again = assignRanges(
            Array.from(first, ([id, owned]) => member(id, [["t"]], [...owned], 1)),
            counts,
          );
          expect(again).toEqual(first);
        },
      ),
    );
  });
});
