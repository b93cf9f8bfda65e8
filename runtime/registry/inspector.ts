/**
 * Looks at a registry without changing anything in it.
 *
 * @module
 */

import { type AvroType, formatAvroSchema } from "../../topology/language/mod.ts";
import { type Auth, type Endpoint, parseEndpoint, request, unreachable } from "./rest.ts";

export interface RegistryState {
  /** One request and its answer, ms. */
  readonly roundTripMs: number;
  /** Compatibility of subjects that have none of their own: BACKWARD, NONE, … */
  readonly level: string | undefined;
  /**
   * How far the registry's clock is ahead of this one, ms, from its `Date` header: whole seconds, so
   * half a second and half a round trip off at most. Undefined without the header.
   */
  readonly clockAheadMs: number | undefined;
}

export interface SubjectState {
  readonly exists: boolean;
  /** Its own level, else that of the registry. */
  readonly level: string | undefined;
  /** Whether the schema could be registered as the next version; undefined when nobody asked or knows. */
  readonly compatible: boolean | undefined;
}

export interface RegistryInspector {
  /** @throws {MillraceError} REGISTRY_UNREACHABLE, REGISTRY_REFUSED */
  state(): Promise<RegistryState>;
  /** @throws {MillraceError} REGISTRY_UNREACHABLE, REGISTRY_REFUSED */
  subject(name: string, schema?: AvroType): Promise<SubjectState>;
}

export interface RegistryInspectorOptions {
  readonly url: string;
  readonly auth?: Auth;
  /** @default 5,000 */
  readonly timeoutMs?: number;
}

/** @throws {MillraceError} INVALID_OPTION for what is no URL */
export function createRegistryInspector(options: RegistryInspectorOptions): RegistryInspector {
  const { url, auth, timeoutMs = 5_000 } = options;
  const endpoint = parseEndpoint(url, auth);
  const ask = (method: string, path: string, body?: unknown) =>
    request(endpoint, timeoutMs, method, path, body);

  return {
    async state() {
      const started = performance.now();
      const config = (await ask("GET", "/config")) as { compatibilityLevel?: string } | undefined;
      const roundTripMs = performance.now() - started;
      const clockAheadMs = await clockAhead(endpoint, timeoutMs);
      return { roundTripMs, level: config?.compatibilityLevel, clockAheadMs };
    },

    async subject(name, schema) {
      const subject = encodeURIComponent(name);
      const found = await ask("GET", `/subjects/${subject}/versions/latest`);
      const config = (await ask("GET", `/config/${subject}?defaultToGlobal=true`)) as
        | { compatibilityLevel?: string }
        | undefined;
      const level = config?.compatibilityLevel;
      if (found === undefined || schema === undefined) {
        return { exists: found !== undefined, level, compatible: undefined };
      }
      const path = `/compatibility/subjects/${subject}/versions/latest`;
      const text = JSON.stringify(formatAvroSchema(schema));
      const answer = (await ask("POST", path, { schema: text })) as
        | { is_compatible?: boolean }
        | undefined;
      return { exists: true, level, compatible: answer?.is_compatible };
    },
  };
}

async function clockAhead({ base }: Endpoint, timeoutMs: number): Promise<number | undefined> {
  const before = Date.now();
  let date: string | null;
  try {
    const response = await fetch(`${base}/`, { signal: AbortSignal.timeout(timeoutMs) });
    date = response.headers.get("date");
    await response.body?.cancel();
  } catch (cause) {
    throw unreachable(base, "GET /", cause);
  }
  const theirs = date === null ? Number.NaN : Date.parse(date);
  // The header leaves the fraction of the second off: on average half a one.
  return Number.isNaN(theirs) ? undefined : theirs + 500 - (before + Date.now()) / 2;
}
