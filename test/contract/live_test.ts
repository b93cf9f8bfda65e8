/** Live and replay on the embedded broker. */

import { createBroker } from "../../runtime/broker/mod.ts";
import { describeLive } from "./live_contract.ts";

describeLive("the embedded broker", async () => {
  const broker = await createBroker({});
  return { broker: `127.0.0.1:${broker.port}`, close: () => broker.close() };
});
