/**
 * The WebSocket of the page: it stays connected, or tries again.
 *
 *     connecting ──open──► connected ──closed, silent──► reconnecting ──open──► connected
 *                                     └─close code without retry──► ended
 *
 * @module
 */

import {
  CLOSE_CODES,
  type ClientHello,
  type Cursor,
  type ServerMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  tryParseServerMessage,
} from "../protocol.ts";

export type ConnectionState = "connecting" | "connected" | "reconnecting" | "ended";

const MIN_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;
/** Heartbeats that may be missing before the connection counts as dead. */
const SILENT_HEARTBEATS = 2.5;
const FIRST_HEARTBEAT_MS = 5_000;
/** The server refuses larger frames; without positions it only cannot wait for itself. */
const MAX_HELLO_BYTES = 4_000;

export interface ConnectionOptions {
  readonly cursor: () => Cursor | undefined;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onState: (state: ConnectionState) => void;
}

/**
 * Delay before a reconnect: doubling from 0.5 s to 10 s, the upper half of it random, so that pages
 * that lost the server together do not come back together.
 *
 * @param attempt from 0
 * @param random in [0, 1)
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** (attempt + 1));
  return Math.max(MIN_DELAY_MS, ceiling * (0.5 + random / 2));
}

/** @returns the text of a hello that fits the server's frame limit */
export function writeHello(cursor: Cursor | undefined): string {
  const hello: ClientHello = cursor === undefined ? { type: "hello" } : { type: "hello", cursor };
  const text = JSON.stringify(hello);
  if (new TextEncoder().encode(text).byteLength <= MAX_HELLO_BYTES || cursor === undefined) {
    return text;
  }
  const { epoch, run, seq } = cursor;
  return JSON.stringify({ type: "hello", cursor: { epoch, run, seq } } satisfies ClientHello);
}

export class Connection {
  readonly #options: ConnectionOptions;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #heartbeatMs = FIRST_HEARTBEAT_MS;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const hurry = () => {
      if (this.#retry !== undefined && document.visibilityState === "visible") this.open();
    };
    addEventListener("online", hurry);
    document.addEventListener("visibilitychange", hurry);
  }

  open(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${SOCKET_PATH}`, SUBPROTOCOL);
    this.#socket = socket;
    this.#listenForSilence();
    socket.addEventListener("open", () => socket.send(writeHello(this.#options.cursor())));
    socket.addEventListener("message", ({ data }) => this.#receive(socket, String(data)));
    socket.addEventListener("close", ({ code }) => this.#lost(socket, code));
  }

  /** Drops the connection and asks again from the cursor. */
  restart(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.close();
    // A dead network never answers the close; do not wait for the event.
    this.#lost(socket, undefined);
  }

  #receive(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    const message = tryParseServerMessage(text);
    if (message === undefined) return;
    if (message.type === "hello") {
      this.#attempt = 0;
      this.#heartbeatMs = message.heartbeatMs;
      this.#options.onState("connected");
    }
    this.#listenForSilence();
    this.#options.onMessage(message);
  }

  #listenForSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.restart(), this.#heartbeatMs * SILENT_HEARTBEATS);
  }

  #lost(socket: WebSocket, code: number | undefined): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    clearTimeout(this.#silence);
    const known = Object.values(CLOSE_CODES).find((close) => close.code === code);
    if (known !== undefined && !known.retry && code !== CLOSE_CODES.normal.code) {
      this.#options.onState("ended");
      return;
    }
    this.#options.onState("reconnecting");
    const delayMs = reconnectDelayMs(this.#attempt++, Math.random());
    this.#retry = setTimeout(() => this.open(), delayMs);
  }
}
