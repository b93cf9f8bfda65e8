/** The log port's contract on a real Apache Kafka. */

import { describe, it } from "vitest";
import { kafkaFixture } from "../contract/_kafka_fixture.ts";
import { describeLog } from "../contract/log_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describeLog("Apache Kafka", async () => {
    const kafka = await startKafka();
    return kafkaFixture(kafka.brokers, () => kafka.close());
  });
} else {
  describe("the log port on Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
