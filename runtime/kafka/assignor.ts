/**
 * Who gets which partitions: the co-partitioned range assignment, a pure function.
 *
 * Topics come in groups; partition i of every topic of a group is one unit (a task) and goes to one
 * member. Promises, in this order:
 *
 * 1. Every unit has exactly one owner, one that knows its group.
 * 2. Within a group the owners' unit counts differ by at most one.
 * 3. Over all groups the counts differ as little as that allows: the extra units of a group go to
 *    the members with the least so far.
 * 4. A unit stays with its previous owner where 2 and 3 allow it; the rest goes in ranges.
 *
 * It depends on nothing but its arguments: whichever member leads, the answer is the same.
 */

import type { TopicPartition } from "../engine/mod.ts";
import type { MemberSubscription } from "./envelope.ts";

export interface GroupMember extends MemberSubscription {
  readonly memberId: string;
}

interface Group {
  readonly topics: readonly string[];
  readonly members: readonly string[];
}

/**
 * @param members all members, in any order
 * @param partitionCounts partitions per topic; units of absent topics are not assigned
 * @returns every member's partitions, by group, then partition, then topic
 */
export function assignRanges(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const sorted = [...members].sort((a, b) => compare(a.memberId, b.memberId));
  const result = new Map<string, TopicPartition[]>(sorted.map((m) => [m.memberId, []]));
  const load = new Map<string, number>(sorted.map((m) => [m.memberId, 0]));
  const previousOwner = previousOwners(sorted);

  for (const group of groupsOf(sorted)) {
    const units = Math.max(0, ...group.topics.map((topic) => partitionCounts.get(topic) ?? 0));
    const owners = assignGroup(group, units, load, previousOwner);
    owners.forEach((owner, unit) => {
      load.set(owner, (load.get(owner) ?? 0) + 1);
      for (const topic of group.topics) {
        // A topic with fewer partitions than its group has no part in the last units.
        if (unit < (partitionCounts.get(topic) ?? 0)) {
          result.get(owner)?.push({ topic, partition: unit });
        }
      }
    });
  }
  return result;
}

/** @returns the owner of each unit */
function assignGroup(
  group: Group,
  units: number,
  load: ReadonlyMap<string, number>,
  previousOwner: ReadonlyMap<string, string>,
): readonly string[] {
  const quota = quotas(group.members, units, load);
  const owners: (string | undefined)[] = new Array(units);
  for (let unit = 0; unit < units; unit++) {
    const previous = previousOf(group.topics, unit, previousOwner);
    const left = previous === undefined ? 0 : (quota.get(previous) ?? 0);
    if (previous !== undefined && left > 0) {
      owners[unit] = previous;
      quota.set(previous, left - 1);
    }
  }
  const free = group.members.flatMap((member) => new Array(quota.get(member) ?? 0).fill(member));
  let next = 0;
  return Array.from(owners, (owner) => owner ?? (free[next++] as string));
}

/** How many units each member may have: equal shares, the remainder to those with the least. */
function quotas(
  members: readonly string[],
  units: number,
  load: ReadonlyMap<string, number>,
): Map<string, number> {
  const share = Math.floor(units / members.length);
  const extra = units % members.length;
  const byLoad = [...members].sort(
    (a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0) || compare(a, b),
  );
  const favoured = new Set(byLoad.slice(0, extra));
  return new Map(members.map((m) => [m, share + (favoured.has(m) ? 1 : 0)]));
}

function previousOf(
  topics: readonly string[],
  unit: number,
  previousOwner: ReadonlyMap<string, string>,
): string | undefined {
  for (const topic of topics) {
    const owner = previousOwner.get(keyOf(topic, unit));
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** Who last owned a partition. Two may say so after a lost rebalance: the younger generation is right. */
function previousOwners(members: readonly GroupMember[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const member of [...members].sort((a, b) => a.generation - b.generation)) {
    for (const { topic, partition } of member.previous) {
      owners.set(keyOf(topic, partition), member.memberId);
    }
  }
  return owners;
}

/**
 * The groups of all members with those that know each. During a rolling change of the definition
 * members may disagree; a topic then belongs to the grouping that more members have, and the
 * others get no part of it until they are replaced.
 */
function groupsOf(members: readonly GroupMember[]): readonly Group[] {
  const groups = new Map<string, { topics: readonly string[]; members: string[] }>();
  for (const member of members) {
    for (const topics of member.coPartitioned) {
      const ordered = [...new Set(topics)].sort(compare);
      const key = JSON.stringify(ordered);
      const group = groups.get(key) ?? { topics: ordered, members: [] };
      if (!group.members.includes(member.memberId)) group.members.push(member.memberId);
      groups.set(key, group);
    }
  }
  const taken = new Set<string>();
  return [...groups.entries()]
    .sort(([a, x], [b, y]) => y.members.length - x.members.length || compare(a, b))
    .map(([, group]) => group)
    .filter((group) => {
      if (group.topics.some((topic) => taken.has(topic))) return false;
      for (const topic of group.topics) taken.add(topic);
      return true;
    });
}

const keyOf = (topic: string, partition: number): string => `${partition}/${topic}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
