/**
 * What stands behind options that were not given: the environment, then `millrace.config.yaml`.
 *
 *     flag  >  MILLRACE_… of the environment  >  configuration file  >  default
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Configuration,
  type Environment,
  formatDiagnostics,
  readConfiguration,
} from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import type { Credentials, Settings } from "./command.ts";
import { DiagnosticsError, readText } from "./topology_file.ts";

const USUAL_FILE = "millrace.config.yaml";
const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;

/**
 * @param file As `--config` names it; else as MILLRACE_CONFIG does; else the usual one, if it is there.
 * @throws {DiagnosticsError} for a file that cannot be read or is wrong
 * @throws {MillraceError} INVALID_OPTION naming the variable or setting, never its value
 */
export function readSettings(file: string | undefined, environment: Environment): Settings {
  const named = file ?? environment["MILLRACE_CONFIG"];
  const path = named ?? (existsSync(USUAL_FILE) ? USUAL_FILE : undefined);
  const configuration = path === undefined ? {} : readFileAt(path, environment);
  const brokers = environment["MILLRACE_BROKERS"] ?? configuration.brokers;
  const registry = environment["MILLRACE_REGISTRY"] ?? configuration.registry;
  const stateDir = environment["MILLRACE_STATE_DIR"] ?? stateDirOf(configuration, path);
  return {
    options: {
      ...(brokers !== undefined && { brokers: [brokers].flat().join(",") }),
      ...(registry !== undefined && { registry }),
      ...(stateDir !== undefined && { "state-dir": stateDir }),
    },
    credentials: credentialsOf(configuration, dirname(path ?? "."), environment),
  };
}

/** A relative one is seen from the file that names it. */
function stateDirOf({ stateDir }: Configuration, path: string | undefined): string | undefined {
  return stateDir === undefined ? undefined : resolve(dirname(path ?? "."), stateDir);
}

function readFileAt(file: string, environment: Environment): Configuration {
  const { configuration, diagnostics } = readConfiguration(file, readText(file), environment);
  if (configuration !== undefined) return configuration;
  // Without the lines: one of them may have a password in it.
  throw new DiagnosticsError(formatDiagnostics(diagnostics, () => undefined));
}

function credentialsOf(
  { tls, sasl, registryLogin }: Configuration,
  folder: string,
  environment: Environment,
): Credentials {
  const ssl = tlsOf(tls, folder, environment);
  const kafka = loginOf(sasl, "MILLRACE_SASL", environment);
  const registry = loginOf(registryLogin, "MILLRACE_REGISTRY", environment);
  return {
    ...(ssl !== undefined && { ssl }),
    ...(kafka && { sasl: { mechanism: mechanismOf(sasl?.mechanism, environment), ...kafka } }),
    ...(registry && { registry }),
  };
}

function loginOf(
  configured: { readonly username: string; readonly password: string } | undefined,
  prefix: string,
  environment: Environment,
) {
  const username = environment[`${prefix}_USERNAME`] ?? configured?.username;
  const password = environment[`${prefix}_PASSWORD`] ?? configured?.password;
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined) throw invalid(`${prefix}_PASSWORD`, "there is no user name");
  if (password === undefined) throw invalid(`${prefix}_USERNAME`, "there is no password");
  return { username, password };
}

function mechanismOf(
  configured: (typeof MECHANISMS)[number] | undefined,
  environment: Environment,
): (typeof MECHANISMS)[number] {
  const given = environment["MILLRACE_SASL_MECHANISM"];
  if (given === undefined) return configured ?? "plain";
  const known = MECHANISMS.find((mechanism) => mechanism === given.toLowerCase());
  if (known === undefined) {
    throw invalid("MILLRACE_SASL_MECHANISM", `it must be one of ${MECHANISMS.join(", ")}`);
  }
  return known;
}

function tlsOf(
  configured: Configuration["tls"],
  folder: string,
  environment: Environment,
): Credentials["ssl"] {
  const wanted = environment["MILLRACE_TLS"];
  if (wanted !== undefined && wanted !== "true" && wanted !== "false") {
    throw invalid("MILLRACE_TLS", "it must be true or false");
  }
  const files = typeof configured === "object" ? configured : {};
  const parts = (["ca", "cert", "key"] as const).flatMap((part) => {
    const variable = `MILLRACE_TLS_${part.toUpperCase()}`;
    const given = environment[variable];
    if (given !== undefined) return [[part, readPem(given, variable)] as const];
    const file = files[part];
    return file === undefined
      ? []
      : [[part, readPem(resolve(folder, file), `tls.${part}`)] as const];
  });
  const isOn =
    wanted === undefined ? configured !== undefined && configured !== false : wanted === "true";
  if (wanted === "false" || (!isOn && parts.length === 0)) {
    return wanted === undefined && configured === undefined ? undefined : false;
  }
  return parts.length === 0 ? true : Object.fromEntries(parts);
}

function readPem(file: string, setting: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new MillraceError("INVALID_OPTION", `Cannot use ${setting}: cannot read ${file}`, {
      cause,
    });
  }
}

function invalid(setting: string, why: string): MillraceError {
  return new MillraceError("INVALID_OPTION", `Cannot use ${setting}: ${why}`);
}
