/** The log port's contract on our client and the embedded broker. */

import { createBroker } from "../../../runtime/broker/mod.ts";
import { kafkaFixture } from "../../contract/_kafka_fixture.ts";
import { describeLog } from "../../contract/log_contract.ts";

describeLog("the embedded broker", async () => {
  const broker = await createBroker({ autoCreateTopics: false });
  return kafkaFixture([`${broker.host}:${broker.port}`], () => broker.close());
});
