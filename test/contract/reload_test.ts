/** A definition that changes under a running application, on the embedded broker. */

import { createBroker } from "../../runtime/broker/mod.ts";
import { describeReload } from "./reload_contract.ts";

describeReload("the embedded broker", async () => {
  const broker = await createBroker({});
  return { broker: `127.0.0.1:${broker.port}`, close: () => broker.close() };
});
