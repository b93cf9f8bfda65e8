/** What a topology writes, on Apache Kafka. */

import { describe, it } from "vitest";
import { describeOutputs } from "../contract/outputs_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describeOutputs("Apache Kafka", async () => {
    const kafka = await startKafka();
    return { broker: kafka.brokers[0]!, close: () => kafka.close() };
  });
} else {
  describe("what a topology writes to Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
