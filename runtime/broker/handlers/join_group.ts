/**
 * JoinGroup 0-9: waits until all members have joined or the rebalance timeout is over (there is no
 * initial delay), then the new generation's leader gets everyone's metadata.
 *
 * - from version 4 on a new member first gets MEMBER_ID_REQUIRED and an id to join with
 * - static members (5+): a restarted one gets a new id, its old assignment, and wakes nobody in a
 *   stable group; its predecessor is fenced (FENCED_INSTANCE_ID). Version 9 tells a restarted leader to
 *   skip the assignment, to older ones another leader is named
 * - version 0 has no rebalance timeout: the session timeout serves
 * - INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT, INCONSISTENT_GROUP_PROTOCOL, UNKNOWN_MEMBER_ID,
 *   GROUP_MAX_SIZE_REACHED; more groups than the broker takes: POLICY_VIOLATION
 */

import { ERROR } from "../errors.ts";
import { joinFailed } from "../groups/member.ts";
import type { Handler } from "./handler.ts";

export const joinGroup: Handler<"JoinGroup"> = {
  versions: [0, 9],
  handle({ cluster, connection, version, clientId, body }) {
    const { groupId, memberId, sessionTimeoutMs, rebalanceTimeoutMs } = body;
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = cluster.options;
    if (groupId === "") return joinFailed(ERROR.INVALID_GROUP_ID, memberId);
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return joinFailed(ERROR.INVALID_SESSION_TIMEOUT, memberId);
    }
    // Only a join without an id may begin a group: any other comes too late.
    const group =
      memberId === "" ? cluster.groups.getOrCreate(groupId) : cluster.groups.get(groupId);
    if (group === undefined) {
      const errorCode = memberId === "" ? ERROR.POLICY_VIOLATION : ERROR.UNKNOWN_MEMBER_ID;
      return joinFailed(errorCode, memberId);
    }
    return group.join({
      memberId,
      groupInstanceId: body.groupInstanceId,
      clientId,
      clientHost: connection.clientHost,
      sessionTimeoutMs,
      rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      protocolType: body.protocolType,
      protocols: body.protocols,
      needsMemberId: version >= 4,
      knowsSkipAssignment: version >= 9,
    });
  },
};
