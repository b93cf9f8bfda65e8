/**
 * LeaveGroup 0-5: members go at once and the others rebalance. From version 3 on several at a time, a
 * static one also by its instance id alone; each has its own error code.
 */

import { ERROR } from "../errors.ts";
import type { Handler } from "./handler.ts";

export const leaveGroup: Handler<"LeaveGroup"> = {
  versions: [0, 5],
  handle({ cluster, version, body }) {
    if (body.groupId === "") return { errorCode: ERROR.INVALID_GROUP_ID };
    const group = cluster.groups.get(body.groupId);
    const leave = (memberId: string, groupInstanceId: string | null) =>
      group?.leave(memberId, groupInstanceId) ?? ERROR.UNKNOWN_MEMBER_ID;
    if (version < 3) return { errorCode: leave(body.memberId, null) };
    return {
      members: body.members.map(({ memberId, groupInstanceId }) => ({
        memberId,
        groupInstanceId,
        errorCode: leave(memberId, groupInstanceId),
      })),
    };
  },
};
