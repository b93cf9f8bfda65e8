/**
 * `millrace broker`: the embedded broker and registry alone, for anyone's tests.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { startEmbedded } from "../embedded.ts";
import { aborted } from "../lifecycle.ts";

export const broker: Command = {
  name: "broker",
  summary:
    "Runs an embedded broker and schema registry, in memory: for development and tests, never production.",
  arguments: "",
  positionals: { least: 0, most: 0 },
  options: {
    host: { type: "string", value: "address", help: "address to listen on", default: "127.0.0.1" },
    "broker-port": {
      type: "string",
      value: "n",
      help: "broker port (default 9092, or a free one)",
    },
    "registry-port": {
      type: "string",
      value: "n",
      help: "registry port (default 8081, or a free one)",
    },
    json: { type: "boolean", help: "print { broker, registry } as one JSON line" },
  },
  async run({ text, number, flag, signal, print }) {
    const embedded = await startEmbedded({
      host: text("host")!,
      brokerPort: number("broker-port", 0, 65_535),
      registryPort: number("registry-port", 0, 65_535),
    });
    try {
      const { broker: address, registry } = embedded;
      if (flag("json")) {
        print(JSON.stringify({ broker: address, registry }));
      } else {
        print(`broker     ${address}`);
        print(`registry   ${registry}`);
        print("stop       Ctrl-C");
      }
      await aborted(signal);
    } finally {
      await embedded.close();
    }
    return 0;
  },
};
