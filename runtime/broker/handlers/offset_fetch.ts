/**
 * OffsetFetch 1-8: committed offsets with metadata, of some or all topics of a group, from version 8
 * on of several groups. None: offset -1, no error. Nothing is ever pending here, so `requireStable`
 * (7+) changes nothing.
 */

import type { Cluster } from "../cluster.ts";
import { ERROR } from "../errors.ts";
import type { Handler } from "./handler.ts";

type Asked = readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[];

export const offsetFetch: Handler<"OffsetFetch"> = {
  versions: [1, 8],
  handle({ cluster, version, body }) {
    if (version < 8) return committed(cluster, body.groupId, body.topics);
    return {
      groups: body.groups.map(({ groupId, topics }) => ({
        groupId,
        ...committed(cluster, groupId, topics),
      })),
    };
  },
};

function committed({ groups }: Cluster, groupId: string, topics: Asked | null) {
  if (groupId === "") return { errorCode: ERROR.INVALID_GROUP_ID };
  const offsets = groups.get(groupId)?.offsets;
  return {
    topics: (topics ?? offsets?.all() ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const found = offsets?.get(name, partitionIndex);
        return {
          partitionIndex,
          committedOffset: found?.offset ?? -1,
          committedLeaderEpoch: found?.leaderEpoch ?? -1,
          metadata: found?.metadata ?? "",
        };
      }),
    })),
  };
}
