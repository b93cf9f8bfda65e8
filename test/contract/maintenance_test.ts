/** `doctor` and `reset` on the embedded broker. */

import { createBroker } from "../../runtime/broker/mod.ts";
import { describeMaintenance } from "./maintenance_contract.ts";

describeMaintenance("the embedded broker", async () => {
  const broker = await createBroker();
  return { broker: `127.0.0.1:${broker.port}`, close: () => broker.close() };
});
