/** Topics and groups as a whole: count, create, delete. */

import type { TopicSpec } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { API, type ApiKey } from "../wire/mod.ts";
import type { ClusterClient, VersionRange } from "./cluster.ts";
import type { Answer, Body } from "./connection.ts";
import { Coordinator } from "./coordinator.ts";
import { brokerError, ERROR } from "./errors.ts";

/** Partition count per topic; a topic that does not exist is absent, and is not created by asking. */
export async function countPartitions(
  cluster: ClusterClient,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  await cluster.withRetry(() => cluster.refresh(topics));
  const counts = new Map<string, number>();
  const missing: string[] = [];
  for (const topic of topics) {
    const count = cluster.topic(topic)?.leaders.length ?? 0;
    if (count > 0) counts.set(topic, count);
    else missing.push(topic);
  }
  cluster.forget(missing);
  return counts;
}

/**
 * Creates what does not exist and waits until every partition has a leader.
 *
 * @throws {MillraceError} BROKER_REFUSED with the broker's own words
 */
export async function createTopics(
  cluster: ClusterClient,
  specs: readonly TopicSpec[],
): Promise<void> {
  const existing = await countPartitions(
    cluster,
    specs.map(({ topic }) => topic),
  );
  const wanted = specs.filter(({ topic }) => !existing.has(topic));
  if (wanted.length === 0) return;
  const created = new Set<string>();
  await cluster.withRetry(async () => {
    const open = wanted.filter(({ topic }) => !created.has(topic));
    const answer = await askController(cluster, API.CreateTopics, [2, 4], {
      topics: open.map(({ topic, partitions, replication, configs }) => ({
        name: topic,
        numPartitions: partitions,
        replicationFactor: replication ?? -1,
        assignments: [],
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      })),
      timeoutMs: cluster.options.requestTimeoutMs,
      validateOnly: false,
    });
    for (const { name, errorCode, errorMessage } of answer.topics) {
      if (errorCode !== ERROR.NONE && errorCode !== ERROR.TOPIC_ALREADY_EXISTS) {
        const topic = name ?? "";
        throw brokerError(errorCode, `create topic ${topic}`, { topic }, errorMessage);
      }
      created.add(name ?? "");
    }
  });
  await cluster.withRetry(async () => {
    await cluster.refresh(created);
    for (const { topic } of wanted) {
      const leaders = cluster.topic(topic)?.leaders ?? [];
      if (leaders.length === 0 || leaders.includes(-1)) {
        throw brokerError(5, `create topic ${topic}`, { topic });
      }
    }
  });
}

/** Deletes topics and waits until the brokers do not know them; absent ones are fine. */
export async function deleteTopics(
  cluster: ClusterClient,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const gone = new Set<string>();
  await cluster.withRetry(async () => {
    const answer = await askController(cluster, API.DeleteTopics, [1, 4], {
      topicNames: names.filter((name) => !gone.has(name)),
      timeoutMs: cluster.options.requestTimeoutMs,
    });
    for (const { name, errorCode } of answer.responses) {
      if (errorCode !== ERROR.NONE && errorCode !== ERROR.UNKNOWN_TOPIC_OR_PARTITION) {
        throw brokerError(errorCode, `delete topic ${name}`, { topic: name ?? "" });
      }
      gone.add(name ?? "");
    }
  });
  await cluster.withRetry(async () => {
    await cluster.refresh(names);
    for (const topic of names) {
      if (cluster.topic(topic) !== undefined) {
        throw new MillraceError("BROKER_RETRIABLE", `Cannot delete topic ${topic}: still there`);
      }
    }
  });
  cluster.forget(names);
}

/** Deletes a group with its offsets; one that does not exist is fine. @throws when it has members */
export async function deleteGroup(cluster: ClusterClient, group: string): Promise<void> {
  const coordinator = new Coordinator(cluster, group);
  await cluster.withRetry(async () => {
    const answer = await coordinator.send(API.DeleteGroups, [0, 1], { groupsNames: [group] });
    for (const { errorCode } of answer.results) {
      if (errorCode !== ERROR.NONE && errorCode !== ERROR.GROUP_ID_NOT_FOUND) {
        throw coordinator.failure(errorCode, `delete group ${group}`);
      }
    }
  });
}

async function askController<K extends ApiKey>(
  cluster: ClusterClient,
  apiKey: K,
  [lowest, highest]: VersionRange,
  body: Body<K>,
): Promise<Answer<K>> {
  const connection = await cluster.connectNode(cluster.controllerId, "control");
  const waitMs = cluster.options.requestTimeoutMs;
  return await connection.send(apiKey, connection.version(apiKey, lowest, highest), body, waitMs);
}
