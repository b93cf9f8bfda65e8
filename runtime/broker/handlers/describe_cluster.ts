/** DescribeCluster 0: the one node, which is the controller. */

import { NODE_ID } from "../node.ts";
import type { Handler } from "./handler.ts";

export const describeCluster: Handler<"DescribeCluster"> = {
  versions: [0, 0],
  handle({ cluster, connection }) {
    const { host, port } = connection.advertised;
    return {
      clusterId: cluster.options.clusterId,
      controllerId: NODE_ID,
      brokers: [{ brokerId: NODE_ID, host, port }],
    };
  },
};
