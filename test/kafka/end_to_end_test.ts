/** The product end to end on Apache Kafka. */

import { describe, it } from "vitest";
import { describeEndToEnd } from "../contract/end_to_end_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describeEndToEnd("Apache Kafka", async () => {
    const kafka = await startKafka();
    return {
      broker: kafka.brokers[0]!,
      tool: (className, args) => kafka.tool(className, args),
      close: () => kafka.close(),
    };
  });
} else {
  describe("double11 on Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
