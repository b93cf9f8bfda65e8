/** Asking the leaders of many partitions at once, and again those that were not answered. */

import type { TopicPartition } from "../engine/mod.ts";
import type { ClusterClient, Lane } from "./cluster.ts";
import type { Connection } from "./connection.ts";
import { brokerError, ERROR } from "./errors.ts";

export interface PartitionResult extends TopicPartition {
  readonly errorCode: number;
}

/**
 * Sends one request per leader and collects the partitions' answers.
 *
 * @param ask sends the request for the items one broker leads
 * @returns answers in the order of `items`
 * @throws {MillraceError} of the first partition that still fails after `retryTimeoutMs`
 */
export async function askLeaders<Item extends TopicPartition, Result extends PartitionResult>(
  cluster: ClusterClient,
  lane: Lane,
  items: readonly Item[],
  cannot: string,
  ask: (connection: Connection, items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const answered = new Map<string, Result>();
  await cluster.withRetry(async () => {
    const open = items.filter((item) => !answered.has(keyOf(item)));
    if (open.some(({ topic, partition }) => cluster.leaderOf(topic, partition) < 0)) {
      await cluster.refresh(new Set(open.map(({ topic }) => topic)));
    }
    const byNode = groupBy(open, ({ topic, partition }) => cluster.leaderOf(topic, partition));
    for (const item of byNode.get(-1) ?? []) {
      const isMissing = cluster.topic(item.topic) === undefined;
      throw brokerError(isMissing ? ERROR.UNKNOWN_TOPIC_OR_PARTITION : 5, cannot, placeOf(item));
    }
    await Promise.all(
      Array.from(byNode, async ([node, nodeItems]) => {
        const connection = await cluster.connectNode(node, lane);
        for (const result of await ask(connection, nodeItems)) {
          if (result.errorCode === ERROR.NONE) answered.set(keyOf(result), result);
          else throw brokerError(result.errorCode, cannot, placeOf(result));
        }
      }),
    );
  });
  return items.map((item) => answered.get(keyOf(item))!);
}

/** Groups items the way Kafka's requests nest them. */
export function byTopic<Item extends TopicPartition, Entry>(
  items: readonly Item[],
  entryOf: (item: Item) => Entry,
): readonly (readonly [topic: string, entries: readonly Entry[]])[] {
  return Array.from(
    groupBy(items, ({ topic }) => topic),
    ([topic, list]) => [topic, list.map(entryOf)] as const,
  );
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${partition}/${topic}`;

const placeOf = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition });

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
