/** Everyone's readers on Apache Kafka. */

import { describe, it } from "vitest";
import { describeReaders } from "../contract/readers_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describeReaders("Apache Kafka", async () => {
    const kafka = await startKafka();
    return {
      broker: kafka.brokers[0]!,
      tool: (className, args) => kafka.tool(className, args),
      close: () => kafka.close(),
    };
  });
} else {
  describe("the results of double11 on Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
