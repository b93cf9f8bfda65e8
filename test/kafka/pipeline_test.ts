/** What may happen to a running pipeline, on Apache Kafka. */

import { describe, it } from "vitest";
import { describePipeline } from "../contract/pipeline_contract.ts";
import { startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka();

if (reason === undefined) {
  describePipeline(
    "Apache Kafka",
    async () => {
      const kafka = await startKafka();
      return {
        broker: kafka.brokers[0]!,
        async restart() {
          await kafka.stop("kill");
          await kafka.start();
        },
        close: () => kafka.close(),
      };
    },
    { restart: true },
  );
} else {
  describe("a pipeline on Apache Kafka", () => {
    it.skip(`cannot run here: ${reason}`);
  });
}
