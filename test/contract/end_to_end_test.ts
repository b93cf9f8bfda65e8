/** The product end to end on the embedded broker. */

import { createBroker } from "../../runtime/broker/mod.ts";
import { describeEndToEnd } from "./end_to_end_contract.ts";

describeEndToEnd("the embedded broker", async () => {
  const broker = await createBroker({});
  return { broker: `127.0.0.1:${broker.port}`, close: () => broker.close() };
});
