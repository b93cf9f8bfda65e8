/** ListGroups 0-4: all groups, from version 4 on with their state, and only those in given states. */

import type { Handler } from "./handler.ts";

export const listGroups: Handler<"ListGroups"> = {
  versions: [0, 4],
  handle({ cluster, body }) {
    const wanted = new Set(body.statesFilter.map((state) => state.toLowerCase()));
    return {
      groups: [...cluster.groups.all()]
        .filter(({ state }) => wanted.size === 0 || wanted.has(state.toLowerCase()))
        .map(({ id, protocolType, state }) => ({ groupId: id, protocolType, groupState: state })),
    };
  },
};
