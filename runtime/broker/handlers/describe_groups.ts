/**
 * DescribeGroups 0-5: state, protocol and members with metadata and assignment. A group that does not
 * exist is "Dead", not an error. Metadata is told while a protocol is agreed on, so not during the
 * barrier.
 */

import type { Handler } from "./handler.ts";

export const describeGroups: Handler<"DescribeGroups"> = {
  versions: [0, 5],
  handle({ cluster, body }) {
    return {
      groups: body.groups.map((groupId) => {
        const group = cluster.groups.get(groupId);
        if (group === undefined) return { groupId, groupState: "Dead" };
        const isAgreed = group.state === "Stable" || group.state === "CompletingRebalance";
        const protocol = isAgreed ? group.protocolName : null;
        return {
          groupId,
          groupState: group.state,
          protocolType: group.protocolType,
          protocolData: protocol ?? "",
          members: group.members.map((member) => ({
            memberId: member.id,
            groupInstanceId: member.groupInstanceId,
            clientId: member.clientId,
            clientHost: `/${member.clientHost}`,
            memberMetadata: member.metadataFor(protocol),
            memberAssignment: member.assignment,
          })),
        };
      }),
    };
  },
};
