/** The log port's contract on the log in memory. */

import { systemClock } from "../../runtime/kafka/mod.ts";
import { MemoryCluster } from "../../runtime/testing/memory_cluster.ts";
import { MemoryLog } from "../../runtime/testing/memory_log.ts";
import { describeLog } from "./log_contract.ts";

const start = async () => {
  const cluster = new MemoryCluster();
  return {
    async connect() {
      const log = new MemoryLog({ cluster, clock: systemClock });
      return { log, kill: async () => log.abandon() };
    },
    close: async () => {},
  };
};

describeLog("memory", start, { hasNetwork: false });
