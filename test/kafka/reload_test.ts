/** A definition that changes under a running application, on Apache Kafka. */

import { describe, it } from "vitest";
import { describeReload } from "../contract/reload_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describeReload("Apache Kafka", async () => {
    const kafka = await startKafka();
    return { broker: kafka.brokers[0]!, close: () => kafka.close() };
  });
} else {
  describe("a definition that changes under a running application on Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
