/**
 * DeleteTopics 0-6: by name or, in version 6, by id. Records and the groups' offsets go at once, parked
 * fetches are woken and told UNKNOWN_TOPIC_OR_PARTITION. A topic that is created again under the name
 * begins at offset 0 and has another id.
 */

import type { ResponseInput } from "../../wire/mod.ts";
import type { Cluster } from "../cluster.ts";
import { ERROR, refusal } from "../errors.ts";
import type { Topic } from "../topics.ts";
import type { Handler } from "./handler.ts";

type Answer = NonNullable<ResponseInput<"DeleteTopics">["responses"]>[number];

export const deleteTopics: Handler<"DeleteTopics"> = {
  versions: [0, 6],
  handle({ cluster, version, body }) {
    const asked =
      version < 6
        ? body.topicNames.map((name) => ({ name, topicId: undefined }))
        : body.topics.map(({ name, topicId }) =>
            name === null ? { name, topicId } : { name, topicId: undefined },
          );
    return {
      responses: asked.map(({ name, topicId }): Answer => {
        if (name !== null) {
          const topic = cluster.topics.get(name);
          return topic === undefined
            ? { name, ...refusal(ERROR.UNKNOWN_TOPIC_OR_PARTITION, "There is no such topic") }
            : remove(cluster, topic);
        }
        const topic = cluster.topics.byId(topicId);
        return topic === undefined
          ? { name, topicId, ...refusal(ERROR.UNKNOWN_TOPIC_ID, "There is no topic with this id") }
          : remove(cluster, topic);
      }),
    };
  },
};

function remove(cluster: Cluster, topic: Topic): Answer {
  cluster.topics.delete(topic);
  cluster.groups.forgetTopic(topic.name);
  return { name: topic.name, topicId: topic.id };
}
