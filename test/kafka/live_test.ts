/** Live and replay on Apache Kafka. */

import { describe, it } from "vitest";
import { describeLive } from "../contract/live_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describeLive("Apache Kafka", async () => {
    const kafka = await startKafka();
    return { broker: kafka.brokers[0]!, close: () => kafka.close() };
  });
} else {
  describe("a live run on Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
