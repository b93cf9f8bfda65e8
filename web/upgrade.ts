/**
 * The WebSocket handshake: everything that can be refused is refused here, before there is a socket
 * to pay for.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import type { Guard } from "./guard.ts";
import { SOCKET_PATH, SUBPROTOCOL } from "./protocol.ts";

export interface UpgradeOptions {
  readonly guard: Guard;
  readonly sockets: WebSocketServer;
  readonly hasRoom: () => boolean;
  readonly join: (socket: WebSocket) => void;
}

type Refusal = readonly [status: string, text: string];

export function createUpgradeHandler(
  options: UpgradeOptions,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    const refusal = refusalOf(request, options);
    if (refusal === undefined) options.sockets.handleUpgrade(request, socket, head, options.join);
    else refuse(socket, refusal);
  };
}

function refusalOf(request: IncomingMessage, options: UpgradeOptions): Refusal | undefined {
  const { host, origin } = request.headers;
  if (!options.guard.allowsHost(host)) return ["403 Forbidden", "Host not allowed"];
  if (!options.guard.allowsOrigin(origin, host)) return ["403 Forbidden", "Origin not allowed"];
  if (request.url !== SOCKET_PATH) return ["404 Not Found", "Not found"];
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",");
  if (!offered.some((name) => name.trim() === SUBPROTOCOL)) {
    return ["400 Bad Request", `Subprotocol ${SUBPROTOCOL} expected`];
  }
  if (!options.hasRoom()) return ["503 Service Unavailable", "Too many pages"];
  return undefined;
}

function refuse(socket: Duplex, [status, text]: Refusal): void {
  socket.on("error", () => socket.destroy());
  const headers = `connection: close\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${text}`);
}
