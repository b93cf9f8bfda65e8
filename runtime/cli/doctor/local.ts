/**
 * This process and its machine.
 *
 * @module
 */

import { freemem } from "node:os";
import { type Finding, failure, ok, warning } from "./finding.ts";

const LEAST_NODE = [20, 19] as const;
/** What `run` may hold in memory without `--state-bytes`. */
const DEFAULT_STATE_BYTES = 1024 ** 3;

export function checkLocal(): readonly Finding[] {
  return [checkRuntime(process.versions), checkMemory(freemem())];
}

export function checkRuntime(versions: Readonly<Record<string, string | undefined>>): Finding {
  const { node = "0", deno } = versions;
  if (deno !== undefined) return ok("local", `Deno ${deno}`);
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) {
    return ok("local", `Node ${node}`);
  }
  return failure("local", `Node ${node}`, `install ${LEAST_NODE.join(".")} or newer`);
}

export function checkMemory(freeBytes: number): Finding {
  const free = `${(freeBytes / 1024 ** 2).toFixed(0)} MiB of memory free`;
  if (freeBytes >= DEFAULT_STATE_BYTES) return ok("local", free);
  return warning(
    "local",
    `${free}, and run may hold ${DEFAULT_STATE_BYTES / 1024 ** 2} MiB of state`,
    "give run a --state-bytes that fits",
  );
}
