import type { Cluster } from "./cluster.ts";
import { CONFIG_SOURCE, CONFIG_TYPE } from "./config_definitions.ts";
import { ERROR, type Refusal, refusal } from "./errors.ts";
import { NODE_ID } from "./node.ts";
import type { DescribedConfig } from "./topic_config.ts";
import type { Topic } from "./topics.ts";

/** Numbers of the protocol for what has settings. */
export const RESOURCE = { topic: 2, broker: 4 } as const;

/** The topic that a request means, or why there is none to alter. */
export function alterableTopic(
  cluster: Cluster,
  resourceType: number,
  resourceName: string,
): Topic | Refusal {
  if (resourceType === RESOURCE.topic) {
    const topic = cluster.topics.get(resourceName);
    return topic ?? refusal(ERROR.UNKNOWN_TOPIC_OR_PARTITION, "There is no such topic");
  }
  return refusal(
    ERROR.INVALID_REQUEST,
    resourceType === RESOURCE.broker
      ? "The broker's settings are fixed when it starts"
      : `Resource type ${resourceType} has no settings here`,
  );
}

/** The one broker's settings, by Kafka's names: read only. */
export function describeBroker({ options }: Cluster): DescribedConfig[] {
  const topicDefault = (name: string, fallback: string) => options.topicDefaults[name] ?? fallback;
  const settings: readonly (readonly [
    string,
    keyof typeof CONFIG_TYPE,
    string | number | boolean,
  ])[] = [
    ["auto.create.topics.enable", "boolean", options.autoCreateTopics],
    ["broker.id", "int", NODE_ID],
    ["default.replication.factor", "int", 1],
    ["delete.topic.enable", "boolean", true],
    ["fetch.max.bytes", "int", options.maxFetchBytes],
    ["group.initial.rebalance.delay.ms", "int", 0],
    ["group.max.session.timeout.ms", "int", options.maxSessionTimeoutMs],
    ["group.max.size", "int", options.maxGroupMembers],
    ["group.min.session.timeout.ms", "int", options.minSessionTimeoutMs],
    ["log.cleanup.policy", "list", topicDefault("cleanup.policy", "delete")],
    ["log.message.timestamp.type", "string", topicDefault("message.timestamp.type", "CreateTime")],
    ["log.retention.bytes", "long", topicDefault("retention.bytes", "-1")],
    ["log.retention.check.interval.ms", "long", options.retentionCheckMs],
    ["log.retention.ms", "long", topicDefault("retention.ms", "604800000")],
    ["message.max.bytes", "int", topicDefault("max.message.bytes", "1048588")],
    ["node.id", "int", NODE_ID],
    ["num.partitions", "int", options.defaultPartitions],
  ];
  return settings.map(([name, type, value]) => ({
    name,
    value: String(value),
    configSource: CONFIG_SOURCE.staticBroker,
    configType: CONFIG_TYPE[type],
    readOnly: true,
  }));
}
