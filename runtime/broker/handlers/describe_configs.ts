/**
 * DescribeConfigs 0-4: settings of topics and of the broker (name "0", or empty), all or those asked
 * for. Source: 1 set on the topic, 4 by the broker's options, 5 Kafka's default. No synonyms and no
 * documentation are told. Other resources: INVALID_REQUEST.
 */

import type { RequestOf, ResponseInput } from "../../wire/mod.ts";
import type { Cluster } from "../cluster.ts";
import { CONFIG_SOURCE } from "../config_definitions.ts";
import { ERROR, type Refusal, refusal } from "../errors.ts";
import { NODE_ID } from "../node.ts";
import { describeBroker, RESOURCE } from "../resources.ts";
import type { DescribedConfig } from "../topic_config.ts";
import type { Handler } from "./handler.ts";

type Asked = RequestOf<"DescribeConfigs">["resources"][number];
type Answer = NonNullable<ResponseInput<"DescribeConfigs">["results"]>[number];

export const describeConfigs: Handler<"DescribeConfigs"> = {
  versions: [0, 4],
  handle({ cluster, body }) {
    return { results: body.resources.map((asked) => answer(cluster, asked)) };
  },
};

function answer(cluster: Cluster, asked: Asked): Answer {
  const { resourceType, resourceName, configurationKeys } = asked;
  const described = describe(cluster, asked);
  if ("errorCode" in described) return { resourceType, resourceName, ...described };
  const wanted = configurationKeys && new Set(configurationKeys);
  return {
    resourceType,
    resourceName,
    configs: described
      .filter(({ name }) => wanted === null || wanted.has(name))
      .map((config) => ({ ...config, isDefault: config.configSource === CONFIG_SOURCE.default })),
  };
}

function describe(
  cluster: Cluster,
  { resourceType, resourceName }: Asked,
): readonly DescribedConfig[] | Refusal {
  switch (resourceType) {
    case RESOURCE.topic:
      return (
        cluster.topics.get(resourceName)?.config.describe() ??
        refusal(ERROR.UNKNOWN_TOPIC_OR_PARTITION, "There is no such topic")
      );
    case RESOURCE.broker:
      return resourceName === "" || resourceName === String(NODE_ID)
        ? describeBroker(cluster)
        : refusal(ERROR.INVALID_REQUEST, `There is no broker ${resourceName}`);
    default:
      return refusal(ERROR.INVALID_REQUEST, `Resource type ${resourceType} has no settings here`);
  }
}
