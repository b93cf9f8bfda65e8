/**
 * Options that several commands share.
 *
 * @module
 */

import type { OptionSpec } from "./command.ts";

type Options = Readonly<Record<string, OptionSpec>>;

export const DEFAULT_TOPOLOGY = "topology/double11.yaml";

/** For commands that take the definition as an option, not as their argument. */
export const TOPOLOGY_OPTION = {
  topology: {
    type: "string",
    value: "file",
    help: "definition that declares the stream",
    default: DEFAULT_TOPOLOGY,
  },
} as const satisfies Options;

/** Read by {@link reachExternal}. */
export const EXTERNAL_OPTIONS = {
  brokers: { type: "string", value: "host:port,…", help: "Kafka", default: "127.0.0.1:9092" },
  registry: {
    type: "string",
    value: "URL",
    help: "schema registry",
    default: "http://127.0.0.1:8081",
  },
  config: {
    type: "string",
    value: "file",
    help: "configuration (default millrace.config.yaml, where there is one)",
  },
} as const satisfies Options;

export const PAGE_OPTIONS = {
  port: { type: "string", value: "n", help: "the page's port (default 8080, or a free one)" },
  host: { type: "string", value: "address", help: "the page's address", default: "127.0.0.1" },
} as const satisfies Options;
