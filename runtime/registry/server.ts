/**
 * The embedded schema registry's HTTP server. In memory, for development and tests.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MillraceError } from "../fault/mod.ts";
import { RegistryError } from "./registry_error.ts";
import { RegistryState } from "./registry_state.ts";
import { route } from "./routes.ts";

export interface RegistryServerOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** 0 = a free one. @default 0 */
  readonly port?: number;
  /** Largest request body. @default 1 MiB */
  readonly maxBodyBytes?: number;
}

export interface RegistryServer {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Ends all connections. Idempotent. */
  close(): Promise<void>;
}

const DEFAULT_BODY_BYTES = 1024 * 1024;
const DEFAULT_TYPE = "application/vnd.schemaregistry.v1+json";
const TYPES = [DEFAULT_TYPE, "application/vnd.schemaregistry+json", "application/json"];
const HEADERS_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 1000;

/** @throws {MillraceError} PORT_IN_USE, INVALID_OPTION */
export async function createRegistryServer(
  options: RegistryServerOptions = {},
): Promise<RegistryServer> {
  const { host = "127.0.0.1", port = 0, maxBodyBytes = DEFAULT_BODY_BYTES } = options;
  const state = new RegistryState();
  const server = createServer((request, response) => {
    respond(state, request, response, maxBodyBytes).catch(() => request.destroy());
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = 3 * HEADERS_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const code = cause.code === "EADDRINUSE" ? "PORT_IN_USE" : "INVALID_OPTION";
      reject(
        new MillraceError(code, `Cannot listen on ${host}:${port}: ${cause.message}`, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    port: actual,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function respond(
  state: RegistryState,
  request: IncomingMessage,
  response: ServerResponse,
  maxBodyBytes: number,
): Promise<void> {
  const type = answerType(request.headers.accept);
  let status = 200;
  let body: unknown;
  try {
    const { method = "GET" } = request;
    // Not through URL: it takes a subject `..`, encoded or not, for a step up, and throws at `//`.
    const target = (request.url ?? "/").replace(/^https?:\/\/[^/]*/i, "");
    const [path = "/", query = ""] = splitOnce(target, "?");
    const handle = route(method, path);
    const hasBody = method === "POST" || method === "PUT";
    const given = hasBody ? await readBody(request, maxBodyBytes) : {};
    body = handle({ state, query: new URLSearchParams(query), body: given });
  } catch (error) {
    const known =
      error instanceof RegistryError
        ? error
        : new RegistryError(500, 50001, `Error in the backend data store: ${String(error)}`);
    status = known.status;
    body = { error_code: known.errorCode, message: known.message };
  }
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": type,
    "content-length": new TextEncoder().encode(text).length,
    // The rest of a body that was refused is not waited for.
    ...(status === 413 ? { connection: "close" } : {}),
  });
  response.end(text);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The type that was asked for, if it is one of ours. */
function answerType(accept: string | undefined): string {
  const asked = (accept ?? "").split(",").map((part) => part.split(";")[0]!.trim().toLowerCase());
  return asked.find((type) => TYPES.includes(type)) ?? DEFAULT_TYPE;
}

async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Record<string, unknown>> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && !TYPES.includes(type)) {
    throw new RegistryError(415, 415, "HTTP 415 Unsupported Media Type");
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new RegistryError(413, 413, `The body is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  const joined = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(joined));
  } catch {
    throw new RegistryError(400, 400, "Unable to process JSON");
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw new RegistryError(400, 400, "Unable to process JSON: not an object");
  }
  return body as Record<string, unknown>;
}
