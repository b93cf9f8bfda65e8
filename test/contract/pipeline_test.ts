/** What may happen to a running pipeline, on the embedded broker. */

import { createBroker } from "../../runtime/broker/mod.ts";
import { describePipeline } from "./pipeline_contract.ts";

describePipeline(
  "the embedded broker",
  async () => {
    const broker = await createBroker({});
    return { broker: `127.0.0.1:${broker.port}`, close: () => broker.close() };
  },
  { restart: false },
);
