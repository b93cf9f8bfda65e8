/**
 * A page without a browser: a WebSocket client that keeps what it receives.
 */

import { WebSocket } from "ws";
import type { Cursor, ServerMessage } from "../../web/protocol.ts";
import { SOCKET_PATH, SUBPROTOCOL } from "../../web/protocol.ts";
import { until } from "./_fixtures.ts";

type Typed<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

export class TestClient {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  closeCode: number | undefined;

  constructor(port: number, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${SOCKET_PATH}`, SUBPROTOCOL, { headers });
    this.socket.on("message", (data) => this.messages.push(JSON.parse(String(data))));
    this.socket.on("close", (code) => (this.closeCode = code));
    this.socket.on("error", () => {});
  }

  async open(): Promise<this> {
    await until(() => this.socket.readyState === WebSocket.OPEN, "an open socket");
    return this;
  }

  async hello(cursor?: Cursor): Promise<this> {
    await this.open();
    this.socket.send(
      JSON.stringify(cursor === undefined ? { type: "hello" } : { type: "hello", cursor }),
    );
    return this;
  }

  all<T extends ServerMessage["type"]>(type: T): Typed<T>[] {
    return this.messages.filter((message): message is Typed<T> => message.type === type);
  }

  /** The newest message of a type, once there is one that passes. */
  next<T extends ServerMessage["type"]>(
    type: T,
    passes: (message: Typed<T>) => boolean = () => true,
  ): Promise<Typed<T>> {
    return until(() => this.all(type).findLast(passes), `a ${type}`);
  }

  async closed(): Promise<number> {
    return until(() => this.closeCode, "the connection to close");
  }
}

/** A clock moved by hand. */
export class ManualClock {
  ms = 1_000_000;
  now = () => this.ms;
  monotonic = () => this.ms;
}
