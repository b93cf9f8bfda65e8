/**
 * The REST API: method and path to an answer. Confluent's paths, bodies, codes and words, as far as
 * clients use them. Left out: references, other formats than Avro, PUT of the mode, compatibility with
 * all versions of a subject, contexts.
 *
 * @module
 */

import { noMode, RegistryError } from "./registry_error.ts";
import type { RegistryState } from "./registry_state.ts";

export interface Call {
  readonly state: RegistryState;
  readonly query: URLSearchParams;
  /** Of POST and PUT. */
  readonly body: Readonly<Record<string, unknown>>;
}

interface Routed extends Call {
  /** Decoded parts of the path in place of `:name`. */
  readonly parts: Parts;
}

type Parts = Readonly<Record<string, string>>;

type Handler = (call: Routed) => unknown;

const ROUTES: readonly (readonly [method: string, path: string, handler: Handler])[] = [
  ["GET", "/", () => ({})],
  ["GET", "/subjects", ({ state, query }) => state.subjects(isSet(query, "deleted"))],
  ["POST", "/subjects/:subject", lookUp],
  [
    "DELETE",
    "/subjects/:subject",
    ({ state, parts, query }) => state.deleteSubject(parts["subject"]!, isSet(query, "permanent")),
  ],
  [
    "GET",
    "/subjects/:subject/versions",
    ({ state, parts, query }) => state.versions(parts["subject"]!, isSet(query, "deleted")),
  ],
  ["POST", "/subjects/:subject/versions", register],
  ["GET", "/subjects/:subject/versions/:version", version],
  [
    "DELETE",
    "/subjects/:subject/versions/:version",
    ({ state, parts, query }) =>
      state.deleteVersion(parts["subject"]!, parts["version"]!, isSet(query, "permanent")),
  ],
  [
    "GET",
    "/subjects/:subject/versions/:version/schema",
    (call) => JSON.parse(version(call).schema),
  ],
  [
    "GET",
    "/subjects/:subject/versions/:version/referencedby",
    (call) => {
      version(call);
      return [];
    },
  ],
  ["GET", "/schemas/types", () => ["AVRO"]],
  ["GET", "/schemas/ids/:id", ({ state, parts }) => ({ schema: state.byId(idOf(parts)) })],
  ["GET", "/schemas/ids/:id/schema", ({ state, parts }) => JSON.parse(state.byId(idOf(parts)))],
  ["GET", "/schemas/ids/:id/versions", versionsOfId],
  [
    "GET",
    "/schemas/ids/:id/subjects",
    (call) => [...new Set(versionsOfId(call).map(({ subject }) => subject))],
  ],
  ["GET", "/config", ({ state }) => ({ compatibilityLevel: state.level() })],
  [
    "PUT",
    "/config",
    ({ state, body }) => ({ compatibility: state.setLevel(body["compatibility"]) }),
  ],
  ["DELETE", "/config", ({ state }) => formerLevel(state.unsetLevel())],
  ["GET", "/config/:subject", config],
  [
    "PUT",
    "/config/:subject",
    ({ state, parts, body }) => ({
      compatibility: state.setLevel(body["compatibility"], parts["subject"]!),
    }),
  ],
  [
    "DELETE",
    "/config/:subject",
    ({ state, parts }) => formerLevel(state.unsetLevel(parts["subject"]!)),
  ],
  ["GET", "/mode", () => ({ mode: "READWRITE" })],
  ["GET", "/mode/:subject", mode],
  ["POST", "/compatibility/subjects/:subject/versions/:version", compatible],
];

/**
 * What answers a method and a path.
 * @throws {RegistryError} when nothing does
 */
export function route(method: string, path: string): (call: Call) => unknown {
  let pathKnown = false;
  for (const [routeMethod, pattern, handler] of ROUTES) {
    const parts = match(pattern, path);
    if (parts === undefined) continue;
    pathKnown = true;
    if (routeMethod === method) return (call) => handler({ ...call, parts });
  }
  throw pathKnown
    ? new RegistryError(405, 405, "HTTP 405 Method Not Allowed")
    : new RegistryError(404, 404, "HTTP 404 Not Found");
}

function match(pattern: string, path: string): Parts | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [n, part] of wanted.entries()) {
    if (!part.startsWith(":")) {
      if (part !== given[n]) return undefined;
      continue;
    }
    try {
      parts[part.slice(1)] = decodeURIComponent(given[n]!);
    } catch {
      throw new RegistryError(400, 400, "The path is not properly encoded");
    }
  }
  return parts;
}

function isSet(query: URLSearchParams, name: string): boolean {
  return query.get(name) === "true";
}

function version({ state, parts, query }: Routed) {
  return state.version(parts["subject"]!, parts["version"]!, isSet(query, "deleted"));
}

function versionsOfId({ state, parts, query }: Routed) {
  return state.versionsOfId(idOf(parts), isSet(query, "deleted"));
}

function idOf(parts: Parts): number {
  if (!/^-?\d+$/.test(parts["id"]!)) throw new RegistryError(404, 404, "HTTP 404 Not Found");
  return Number(parts["id"]);
}

function avroOnly({ schemaType, references }: Readonly<Record<string, unknown>>): void {
  if (schemaType !== undefined && schemaType !== null && schemaType !== "AVRO") {
    throw new RegistryError(422, 42201, `This registry takes AVRO schemas only, not ${schemaType}`);
  }
  if (Array.isArray(references) && references.length > 0) {
    throw new RegistryError(422, 42201, "This registry does not take schemas with references");
  }
}

function register({ state, parts, body }: Routed): unknown {
  avroOnly(body);
  return { id: state.register(parts["subject"]!, body["schema"]) };
}

function lookUp({ state, parts, query, body }: Routed): unknown {
  avroOnly(body);
  return state.lookUp(parts["subject"]!, body["schema"], isSet(query, "deleted"));
}

function config({ state, parts, query }: Routed): unknown {
  const subject = parts["subject"]!;
  try {
    return { compatibilityLevel: state.level(subject) };
  } catch (error) {
    if (!isSet(query, "defaultToGlobal")) throw error;
    return { compatibilityLevel: state.level() };
  }
}

/** Clients differ in which of the names they read. */
function formerLevel(level: string): unknown {
  return { compatibility: level, compatibilityLevel: level };
}

function mode({ parts, query }: Routed): unknown {
  if (!isSet(query, "defaultToGlobal")) throw noMode(parts["subject"]!);
  return { mode: "READWRITE" };
}

function compatible({ state, parts, query, body }: Routed): unknown {
  avroOnly(body);
  const problems = state.check(parts["subject"]!, parts["version"]!, body["schema"]);
  return {
    is_compatible: problems.length === 0,
    ...(isSet(query, "verbose") ? { messages: problems } : {}),
  };
}
