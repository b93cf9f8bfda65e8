/**
 * The REST API: method and path to an answer. Confluent's paths, bodies, codes and words, as far as
 * clients use them. Left out: references, other formats than Avro, PUT of the mode, deleting single
 * versions, contexts.
 *
 * @module
 */

import { RegistryError, type RegistryState } from "./registry_state.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Call {
  readonly state: RegistryState;
  /** Decoded parts of the path in place of `:name`. */
  readonly parts: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

type Handler = (call: Call) => unknown;

const ROUTES: readonly (readonly [method: string, path: string, handler: Handler])[] = [
  ["GET", "/", () => ({})],
  ["GET", "/subjects", ({ state }) => state.subjects()],
  ["POST", "/subjects/:subject", lookUp],
  [
    "DELETE",
    "/subjects/:subject",
    ({ state, parts, query }) =>
      state.deleteSubject(parts["subject"]!, query.get("permanent") === "true"),
  ],
  ["GET", "/subjects/:subject/versions", ({ state, parts }) => state.versions(parts["subject"]!)],
  ["POST", "/subjects/:subject/versions", register],
  ["GET", "/subjects/:subject/versions/:version", ({ state, parts }) => version(state, parts)],
  [
    "GET",
    "/subjects/:subject/versions/:version/schema",
    ({ state, parts }) => JSON.parse(version(state, parts).schema),
  ],
  ["GET", "/subjects/:subject/versions/:version/referencedby", () => []],
  ["GET", "/schemas/types", () => ["AVRO"]],
  ["GET", "/schemas/ids/:id", ({ state, parts }) => ({ schema: state.byId(idOf(parts)) })],
  ["GET", "/schemas/ids/:id/versions", ({ state, parts }) => state.versionsOfId(idOf(parts))],
  ["GET", "/config", ({ state }) => ({ compatibilityLevel: state.level() })],
  [
    "PUT",
    "/config",
    ({ state, body }) => ({ compatibility: state.setLevel(body["compatibility"]) }),
  ],
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
    ({ state, parts }) => ({ compatibility: state.unsetLevel(parts["subject"]!) }),
  ],
  ["GET", "/mode", () => ({ mode: "READWRITE" })],
  ["POST", "/compatibility/subjects/:subject/versions/:version", compatible],
];

/** @throws {RegistryError} with the status and code to answer */
export function answer(
  state: RegistryState,
  method: string,
  url: URL,
  body: Readonly<Record<string, unknown>>,
): Answer {
  let pathKnown = false;
  for (const [routeMethod, path, handler] of ROUTES) {
    const parts = match(path, url.pathname);
    if (parts === undefined) continue;
    pathKnown = true;
    if (routeMethod !== method) continue;
    return { status: 200, body: handler({ state, parts, query: url.searchParams, body }) };
  }
  throw pathKnown
    ? new RegistryError(405, 405, "HTTP 405 Method Not Allowed")
    : new RegistryError(404, 404, "HTTP 404 Not Found");
}

function match(path: string, pathname: string): Record<string, string> | undefined {
  const wanted = path.split("/");
  const given = pathname.split("/");
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

function version(state: RegistryState, parts: Readonly<Record<string, string>>) {
  return state.version(parts["subject"]!, parts["version"]!);
}

function idOf(parts: Readonly<Record<string, string>>): number {
  const id = Number(parts["id"]);
  if (!Number.isInteger(id)) throw new RegistryError(404, 404, "HTTP 404 Not Found");
  return id;
}

function avroOnly({ schemaType, references }: Readonly<Record<string, unknown>>): void {
  if (schemaType !== undefined && schemaType !== "AVRO") {
    throw new RegistryError(422, 42201, `This registry takes AVRO schemas only, not ${schemaType}`);
  }
  if (Array.isArray(references) && references.length > 0) {
    throw new RegistryError(422, 42201, "This registry does not take schemas with references");
  }
}

function register({ state, parts, body }: Call): unknown {
  avroOnly(body);
  return { id: state.register(parts["subject"]!, body["schema"]) };
}

function lookUp({ state, parts, body }: Call): unknown {
  avroOnly(body);
  return state.lookUp(parts["subject"]!, body["schema"]);
}

function config({ state, parts, query }: Call): unknown {
  const subject = parts["subject"]!;
  try {
    return { compatibilityLevel: state.level(subject) };
  } catch (error) {
    if (query.get("defaultToGlobal") !== "true") throw error;
    return { compatibilityLevel: state.level() };
  }
}

function compatible({ state, parts, query, body }: Call): unknown {
  avroOnly(body);
  const problems = state.check(parts["subject"]!, parts["version"]!, body["schema"]);
  return {
    is_compatible: problems.length === 0,
    ...(query.get("verbose") === "true" ? { messages: problems } : {}),
  };
}
