/**
 * Heartbeat 0-4: a sign of life. REBALANCE_IN_PROGRESS while the others wait for this member to join
 * again, UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_INSTANCE_ID.
 */

import { ERROR } from "../errors.ts";
import type { Handler } from "./handler.ts";

export const heartbeat: Handler<"Heartbeat"> = {
  versions: [0, 4],
  handle({ cluster, body }) {
    if (body.groupId === "") return { errorCode: ERROR.INVALID_GROUP_ID };
    const group = cluster.groups.get(body.groupId);
    return { errorCode: group?.heartbeat(body) ?? ERROR.UNKNOWN_MEMBER_ID };
  },
};
