/**
 * `millrace dashboard`: the page alone, beside instances that run elsewhere.
 *
 * @module
 */

import { createRegistryClient } from "../../registry/mod.ts";
import type { Command } from "../command.ts";
import { startDashboard } from "../dashboard.ts";
import { aborted } from "../lifecycle.ts";
import { reachBroker } from "../reach_broker.ts";
import { readTopology, requirePlan } from "../topology_file.ts";
import { parseBrokers } from "../words.ts";

export const dashboard: Command = {
  name: "dashboard",
  summary: "Serves the page of a topology that runs elsewhere, from its result topics.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    brokers: { type: "string", value: "host:port,…", help: "Kafka", default: "127.0.0.1:9092" },
    registry: {
      type: "string",
      value: "URL",
      help: "schema registry",
      default: "http://127.0.0.1:8081",
    },
    port: { type: "string", value: "n", help: "the page's port (default 8080, or a free one)" },
    host: { type: "string", value: "address", help: "the page's address", default: "127.0.0.1" },
  },
  async run({ positionals, text, number, signal, print, note }) {
    const plan = requirePlan(readTopology(positionals[0]!));
    const brokers = parseBrokers(text("brokers")!);
    const port = number("port", 0, 65_535);
    await reachBroker(brokers, signal);
    const schemas = createRegistryClient({ url: text("registry")! });
    const host = text("host")!;
    const running = await startDashboard({ plan, brokers, schemas, host, port, note });
    try {
      print(`dashboard  ${running.url}`);
      print("stop       Ctrl-C");
      await aborted(signal);
    } finally {
      await running.close();
    }
    return 0;
  },
};
