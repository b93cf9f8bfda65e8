/**
 * The HTTP side: the page's files, `/livez`, `/readyz`, and nothing else.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Assets } from "./assets.ts";
import type { Guard } from "./guard.ts";
import type { FeedStatus } from "./protocol.ts";

export interface HttpOptions {
  readonly guard: Guard;
  /** Loads on first call, then gives the same promise. */
  readonly assets: () => Promise<Assets>;
  readonly status: () => FeedStatus;
}

export function createRequestHandler(
  options: HttpOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(request, response, options).catch(() => {
      // A file of the page could not be read; the next request tries again.
      if (!response.headersSent) sendText(response, 500, "The page could not be loaded");
      else response.destroy();
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { guard, assets, status }: HttpOptions,
): Promise<void> {
  setSecurityHeaders(response);
  const { host } = request.headers;
  if (!guard.allowsHost(host)) return sendText(response, 403, "Host not allowed");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return sendText(response, 405, "Method not allowed");
  }
  const path = (request.url ?? "/").split("?", 1)[0]!;
  if (path === "/livez") return sendText(response, 200, "ok");
  if (path === "/readyz") {
    const { feed, message } = status();
    const isReady = feed === "live";
    return sendText(response, isReady ? 200 : 503, isReady ? "ok" : (message ?? feed));
  }
  const { byPath, inlineScriptHash } = await assets();
  const asset = byPath.get(path);
  if (asset === undefined) return sendText(response, 404, "Not found");
  response.setHeader("content-security-policy", contentSecurityPolicy(host!, inlineScriptHash));
  response.setHeader("cache-control", "no-cache");
  response.setHeader("etag", asset.etag);
  if (request.headers["if-none-match"] === asset.etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, {
    "content-type": asset.contentType,
    "content-length": asset.body.byteLength,
  });
  response.end(request.method === "HEAD" ? undefined : asset.body);
}

/**
 * `'self'` alone does not cover `ws:` in older Safari, hence the host by name (it has passed the
 * guard).
 */
function contentSecurityPolicy(host: string, inlineScriptHash: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${inlineScriptHash}`,
    "style-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "img-src 'self' data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function setSecurityHeaders(response: ServerResponse): void {
  response.setHeader("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "no-referrer");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-resource-policy", "same-origin");
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(`${text}\n`);
}
