/** What a topology writes, on the embedded broker. */

import { createBroker } from "../../runtime/broker/mod.ts";
import { describeOutputs } from "./outputs_contract.ts";

describeOutputs("the embedded broker", async () => {
  const broker = await createBroker({});
  return { broker: `127.0.0.1:${broker.port}`, close: () => broker.close() };
});
