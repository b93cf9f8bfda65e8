/**
 * SyncGroup 0-5: the leader brings everyone's assignment, the others wait for it. A member that does
 * not come within the rebalance timeout is out. UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION,
 * REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID, INCONSISTENT_GROUP_PROTOCOL (5+).
 */

import { ERROR } from "../errors.ts";
import { syncFailed } from "../groups/member.ts";
import type { Handler } from "./handler.ts";

export const syncGroup: Handler<"SyncGroup"> = {
  versions: [0, 5],
  handle({ cluster, body }) {
    const { groupId, protocolType, protocolName, assignments } = body;
    if (groupId === "") return syncFailed(ERROR.INVALID_GROUP_ID);
    const group = cluster.groups.get(groupId);
    if (group === undefined) return syncFailed(ERROR.UNKNOWN_MEMBER_ID);
    return group.sync(body, { type: protocolType, name: protocolName }, assignments);
  },
};
