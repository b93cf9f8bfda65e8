/**
 * OffsetCommit 2-9: offsets with metadata, kept until the group or the topic is deleted.
 *
 * - by a member of the present generation: also while the others are awaited in a rebalance, not
 *   between a new generation and its assignment (REBALANCE_IN_PROGRESS)
 * - by anyone, with generation -1 and no member id, while the group has no members: else
 *   UNKNOWN_MEMBER_ID. It makes the group if need be
 * - metadata over 4,096 bytes: OFFSET_METADATA_TOO_LARGE, the other partitions are committed
 */

import type { RequestOf } from "../../wire/mod.ts";
import type { Cluster } from "../cluster.ts";
import { ERROR } from "../errors.ts";
import type { Group } from "../groups/group.ts";
import type { Handler } from "./handler.ts";

const MAX_METADATA_BYTES = 4_096;
const encoder = new TextEncoder();

export const offsetCommit: Handler<"OffsetCommit"> = {
  versions: [2, 9],
  handle({ cluster, body }) {
    const group = admit(cluster, body);
    return {
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((asked) => {
          const { partitionIndex, committedOffset, committedLeaderEpoch } = asked;
          if (typeof group === "number") return { partitionIndex, errorCode: group };
          if (cluster.topics.partition(name, partitionIndex) === undefined) {
            return { partitionIndex, errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION };
          }
          const metadata = asked.committedMetadata ?? "";
          if (encoder.encode(metadata).length > MAX_METADATA_BYTES) {
            return { partitionIndex, errorCode: ERROR.OFFSET_METADATA_TOO_LARGE };
          }
          group.offsets.set(name, partitionIndex, {
            offset: committedOffset,
            leaderEpoch: committedLeaderEpoch,
            metadata,
          });
          return { partitionIndex };
        }),
      })),
    };
  },
};

/** The group to commit to, or the error code. */
function admit(cluster: Cluster, body: RequestOf<"OffsetCommit">): Group | number {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = body;
  if (groupId === "") return ERROR.INVALID_GROUP_ID;
  const known = cluster.groups.get(groupId);
  if (known === undefined && generationId >= 0) return ERROR.ILLEGAL_GENERATION;
  const group = known ?? cluster.groups.getOrCreate(groupId);
  if (group === undefined) return ERROR.POLICY_VIOLATION;
  const errorCode = group.mayCommit({ memberId, groupInstanceId, generationId });
  return errorCode === ERROR.NONE ? group : errorCode;
}
