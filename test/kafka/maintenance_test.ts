/** `doctor` and `reset` on Apache Kafka. */

import { describe, it } from "vitest";
import { describeMaintenance } from "../contract/maintenance_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describeMaintenance("Apache Kafka", async () => {
    const kafka = await startKafka();
    return { broker: kafka.brokers[0]!, close: () => kafka.close() };
  });
} else {
  describe("doctor and reset on Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
