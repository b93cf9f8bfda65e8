/**
 * AlterConfigs 0-2: replaces all settings of a topic; what is not named is the default again. Unknown
 * keys and bad values: INVALID_CONFIG, and nothing changes. The broker's settings are fixed:
 * INVALID_REQUEST. validateOnly changes nothing.
 */

import { ERROR, refusal } from "../errors.ts";
import { alterableTopic } from "../resources.ts";
import { checkTopicSettings } from "../topic_config.ts";
import type { Handler } from "./handler.ts";

export const alterConfigs: Handler<"AlterConfigs"> = {
  versions: [0, 2],
  handle({ cluster, body }) {
    return {
      responses: body.resources.map(({ resourceType, resourceName, configs }) => {
        const resource = { resourceType, resourceName };
        const topic = alterableTopic(cluster, resourceType, resourceName);
        if ("errorCode" in topic) return { ...resource, ...topic };
        const wrong = checkTopicSettings(configs.map(({ name, value }) => [name, value] as const));
        if (wrong !== undefined) return { ...resource, ...refusal(ERROR.INVALID_CONFIG, wrong) };
        if (!body.validateOnly) {
          const own = new Map(configs.map(({ name, value }) => [name, value ?? ""]));
          topic.config = topic.config.with(own);
        }
        return resource;
      }),
    };
  },
};
