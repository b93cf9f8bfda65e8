/**
 * Reads `millrace.config.yaml`.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";
import { type Environment, parseYaml, Report } from "./document/mod.ts";
import { checkConfiguration } from "./fields/mod.ts";

export interface Configuration {
  readonly brokers?: string | readonly string[];
  readonly registry?: string;
  readonly registryLogin?: { readonly username: string; readonly password: string };
  readonly tls?: boolean | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism?: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  };
  readonly stateDir?: string;
}

/**
 * Pure. Diagnostics quote nothing of the file that may be a password: a file that is no YAML is only
 * said to be none, at its place.
 *
 * @returns `configuration` when nothing is wrong
 */
export function readConfiguration(
  file: string,
  text: string,
  environment: Environment,
): { readonly configuration?: Configuration; readonly diagnostics: readonly Diagnostic[] } {
  const report = new Report(file, text);
  const root = parseYaml(text, report, "configuration", environment);
  const configuration = root && checkConfiguration(root, report);
  const diagnostics = report.diagnostics.map(withoutQuotes);
  return { ...(configuration && !report.failed && { configuration }), diagnostics };
}

function withoutQuotes(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.code !== "BAD_YAML" && diagnostic.code !== "QUOTE_EXPRESSION") return diagnostic;
  const { hint: _, ...rest } = diagnostic;
  return { ...rest, code: "BAD_YAML", message: "not well-formed YAML" };
}
