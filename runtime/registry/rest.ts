/**
 * Requests to a schema registry, and what their failures mean: the registry said no, or nobody that is
 * a registry answered.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";

export interface Auth {
  readonly username: string;
  readonly password: string;
}

/** Where a registry is. */
export interface Endpoint {
  /** `http://host:port/path`, without credentials and without a slash at the end. */
  readonly base: string;
  readonly auth: Auth | undefined;
}

const CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

/** What a registry says for a path it does not have: then this is not the registry's address. */
export const NO_SUCH_PATH = "HTTP 404 Not Found";

/**
 * @param auth goes before credentials that stand in the URL
 * @throws {MillraceError} INVALID_OPTION for what is no URL
 */
export function parseEndpoint(text: string, auth?: Auth): Endpoint {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new MillraceError("INVALID_OPTION", `Cannot use registry URL "${text}"`, { cause });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new MillraceError(
      "INVALID_OPTION",
      `Cannot use registry URL "${text}": it must begin with http:// or https://`,
    );
  }
  const inUrl =
    url.username === ""
      ? undefined
      : {
          username: decodeURIComponent(url.username),
          password: decodeURIComponent(url.password),
        };
  // The base stands in messages: a password must not.
  return {
    base: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`,
    auth: auth ?? inUrl,
  };
}

/**
 * @returns the body; undefined when the registry has no such thing
 * @throws {MillraceError} REGISTRY_UNREACHABLE, REGISTRY_REFUSED
 */
export async function request(
  { base, auth }: Endpoint,
  timeoutMs: number,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const what = `${method} ${path}`;
  let status: number;
  let text: string;
  try {
    const response = await fetch(`${base}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: CONTENT_TYPE,
        ...(body === undefined ? {} : { "content-type": CONTENT_TYPE }),
        ...(auth === undefined ? {} : { authorization: basic(auth) }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    ({ status } = response);
    text = await response.text();
  } catch (cause) {
    throw unreachable(base, what, cause);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw unreachable(base, what, new Error(`status ${status} with a body that is no JSON`));
  }
  if (status >= 200 && status < 300) return answer;
  const { message = `status ${status}` } = (answer ?? {}) as { message?: string };
  if (status === 404 && message !== NO_SUCH_PATH) return undefined;
  throw failure(base, what, status, new Error(message));
}

/** The fault that an answer with an error's status is. */
export function failure(base: string, what: string, status: number, cause: Error): MillraceError {
  // 408 and 429 ask to come again; a 404 that gets here is somebody else's.
  if (status >= 500 || status === 404 || status === 408 || status === 429) {
    return unreachable(base, what, cause);
  }
  return new MillraceError("REGISTRY_REFUSED", `Cannot ${what} at ${base}: ${cause.message}`, {
    cause,
  });
}

export function unreachable(base: string, what: string, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const text = reason instanceof Error ? reason.message : String(reason);
  return new MillraceError(
    "REGISTRY_UNREACHABLE",
    `Cannot ${what}: the schema registry at ${base} does not answer (${text})`,
    { cause },
  );
}

function basic({ username, password }: Auth): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
