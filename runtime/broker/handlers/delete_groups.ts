/**
 * DeleteGroups 0-2: forgets a group with its offsets. One with members: NON_EMPTY_GROUP; unknown:
 * GROUP_ID_NOT_FOUND.
 */

import type { Cluster } from "../cluster.ts";
import { ERROR } from "../errors.ts";
import type { Handler } from "./handler.ts";

export const deleteGroups: Handler<"DeleteGroups"> = {
  versions: [0, 2],
  handle({ cluster, body }) {
    return {
      results: body.groupsNames.map((groupId) => ({
        groupId,
        errorCode: remove(cluster, groupId),
      })),
    };
  },
};

function remove({ groups }: Cluster, groupId: string): number {
  const group = groups.get(groupId);
  if (group === undefined) return ERROR.GROUP_ID_NOT_FOUND;
  if (group.state !== "Empty") return ERROR.NON_EMPTY_GROUP;
  groups.delete(groupId);
  return ERROR.NONE;
}
