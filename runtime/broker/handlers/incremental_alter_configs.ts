/**
 * IncrementalAlterConfigs 0-1: sets, deletes, appends to or subtracts from single settings of a topic;
 * the last two for lists only. Unknown keys, bad values and a key named twice: INVALID_CONFIG or
 * INVALID_REQUEST, and nothing of the resource changes. The broker's settings are fixed.
 */

import type { RequestOf } from "../../wire/mod.ts";
import { listOf, TOPIC_CONFIGS } from "../config_definitions.ts";
import { ERROR, type Refusal, refusal } from "../errors.ts";
import { alterableTopic } from "../resources.ts";
import { checkTopicSettings, type TopicConfig } from "../topic_config.ts";
import type { Handler } from "./handler.ts";

type Change = RequestOf<"IncrementalAlterConfigs">["resources"][number]["configs"][number];

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

export const incrementalAlterConfigs: Handler<"IncrementalAlterConfigs"> = {
  versions: [0, 1],
  handle({ cluster, body }) {
    return {
      responses: body.resources.map(({ resourceType, resourceName, configs }) => {
        const resource = { resourceType, resourceName };
        const topic = alterableTopic(cluster, resourceType, resourceName);
        if ("errorCode" in topic) return { ...resource, ...topic };
        const own = apply(topic.config, configs);
        if ("errorCode" in own) return { ...resource, ...own };
        if (!body.validateOnly) topic.config = topic.config.with(own);
        return resource;
      }),
    };
  },
};

function apply(
  config: TopicConfig,
  changes: readonly Change[],
): ReadonlyMap<string, string> | Refusal {
  if (new Set(changes.map(({ name }) => name)).size < changes.length) {
    return refusal(ERROR.INVALID_REQUEST, "A setting is named more than once");
  }
  const own = new Map(config.own);
  for (const { name, configOperation, value } of changes) {
    const definition = Object.hasOwn(TOPIC_CONFIGS, name) ? TOPIC_CONFIGS[name] : undefined;
    if (definition === undefined) {
      return refusal(ERROR.INVALID_CONFIG, `Unknown topic config name: ${name}`);
    }
    if (configOperation === DELETE) {
      own.delete(name);
      continue;
    }
    if (value === null) return refusal(ERROR.INVALID_CONFIG, `${name} needs a value`);
    if (configOperation === SET) {
      own.set(name, value);
      continue;
    }
    if (configOperation !== APPEND && configOperation !== SUBTRACT) {
      return refusal(ERROR.INVALID_REQUEST, `Unknown operation ${configOperation}`);
    }
    if (definition.type !== "list") {
      return refusal(ERROR.INVALID_CONFIG, `${name} is not a list`);
    }
    const present = listOf(config.value(name));
    const named = listOf(value);
    const entries =
      configOperation === APPEND
        ? new Set([...present, ...named])
        : present.filter((entry) => !named.includes(entry));
    own.set(name, [...entries].join(","));
  }
  const wrong = checkTopicSettings(own);
  return wrong === undefined ? own : refusal(ERROR.INVALID_CONFIG, wrong);
}
