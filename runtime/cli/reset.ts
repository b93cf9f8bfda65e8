/**
 * Starting over: the application's topics, and its group with the offsets.
 *
 * @module
 */

import { type Plan, type PlanSnapshot, topicsOf } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import {
  accessOf,
  type ClusterAccess,
  createKafkaAdmin,
  createKafkaInspector,
} from "../kafka/mod.ts";

/** Topics of an application, in the version that is asked for and the one that ran last. */
export interface ApplicationTopics {
  /** Changelogs, repartition topics, and the one that the plan is kept in. */
  readonly internal: readonly string[];
  /** Sinks, late records, dead letters. */
  readonly written: readonly string[];
}

export function applicationTopics(plan: Plan, before: PlanSnapshot | undefined): ApplicationTopics {
  const all = [topicsOf(plan), ...(before === undefined ? [] : [before.topics])];
  const written = [...new Set(all.flatMap((topics) => topics.written))];
  const internal = new Set(all.flatMap((topics) => topics.internal));
  return { internal: [...internal].filter((topic) => !written.includes(topic)), written };
}

/** What `reset` would delete, and `reset --json` prints. */
export interface ResetListing {
  readonly application: string;
  readonly group: {
    readonly name: string;
    /** As Kafka calls it; `Dead`: it does not exist. */
    readonly state: string;
    readonly members: number;
  };
  /** Those that exist. */
  readonly topics: readonly {
    readonly topic: string;
    readonly role: "internal" | "result";
    readonly partitions: number;
  }[];
}

/** @throws {MillraceError} BROKER_REFUSED for what this user may not look at; transient */
export async function listReset(
  access: ClusterAccess,
  application: string,
  { internal, written }: ApplicationTopics,
): Promise<ResetListing> {
  const inspector = createKafkaInspector(accessOf(access));
  try {
    const { state, members, error } = await inspector.group(application);
    if (error !== undefined) throw refused(`look at group ${application}`, error);
    const found = await inspector.topics([...internal, ...written]);
    const topics = found.map(({ topic, partitions, error }) => {
      if (error !== undefined) throw refused(`look at topic ${topic}`, error);
      return { topic, role: written.includes(topic) ? "result" : "internal", partitions } as const;
    });
    return { application, group: { name: application, state, members: members.length }, topics };
  } finally {
    await inspector.close();
  }
}

function refused(what: string, why: string): MillraceError {
  return new MillraceError("BROKER_REFUSED", `Cannot ${what}: ${why}`);
}

/**
 * Deletes topics and the group with its offsets; what does not exist is no error. The group goes
 * first: while it has members the broker refuses, and nothing is deleted.
 */
export async function deleteApplication(
  access: ClusterAccess,
  group: string,
  topics: readonly string[],
): Promise<void> {
  const admin = createKafkaAdmin(accessOf(access));
  try {
    await admin.deleteGroup(group);
    await admin.deleteTopics(topics);
  } finally {
    await admin.close();
  }
}
