/** Everyone's readers on the embedded broker. */

import { createBroker } from "../../runtime/broker/mod.ts";
import { describeReaders } from "./readers_contract.ts";

describeReaders("the embedded broker", async () => {
  const broker = await createBroker({});
  return { broker: `127.0.0.1:${broker.port}`, close: () => broker.close() };
});
