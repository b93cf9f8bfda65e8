/**
 * The connected pages: who is due what, and who has to go.
 *
 *     joined ── hello ──► waiting ── epoch known, read as far as the page ─► live
 *        │                                                                  │ ▲
 *        └─ no hello in time: 4408          above the high watermark: behind┘ └ drained: rows since its seq
 *
 * A page that is behind is sent nothing at all, so what is buffered for it never exceeds the high
 * watermark by more than one message; when it has drained it gets the newest state of every row that
 * changed meanwhile. Nothing is queued per page.
 *
 * @module
 */

import type { WebSocket } from "ws";
import type { DashboardLimits } from "./limits.ts";
import { CLOSE_CODES, type Cursor, type ServerMessage, tryParseClientHello } from "./protocol.ts";

/** What the hub asks of the server's state. */
export interface HubSource {
  readonly seq: () => number;
  /** `hello`, `status` and `diagnostics` as they are now. */
  readonly announcements: () => readonly ServerMessage[];
  /** Everything, or the rows since the cursor when it can be used. */
  readonly snapshotFor: (cursor: Cursor | undefined, conflated: number) => ServerMessage;
  /** False while it is not known whether a cursor is of this history at all. */
  readonly knowsEpoch: () => boolean;
  /** False while the board has not yet read what the page has seen. */
  readonly isAheadOf: (cursor: Cursor) => boolean;
  /** Cursor of a page that is at `seq` of this server. */
  readonly cursorAt: (seq: number) => Cursor;
}

export interface HubStatistics {
  readonly clients: number;
  /** Messages handed to sockets. */
  readonly sent: number;
  /** Deltas not sent one by one because a page was behind. */
  readonly conflated: number;
  readonly slowClosed: number;
  /** Pages that came back with a usable cursor. */
  readonly resumed: number;
}

interface Client {
  readonly socket: WebSocket;
  state: "joined" | "waiting" | "live" | "closing";
  /** Since when it is in this state, monotonic ms. */
  sinceMs: number;
  cursor: Cursor | undefined;
  seq: number;
  /** Since when it is above the high watermark, monotonic ms. */
  behindSinceMs: number | undefined;
  conflated: number;
  /** Missed an announcement while behind. */
  needsAnnouncements: boolean;
  pingedAtMs: number;
  isAlive: boolean;
}

export class Hub {
  readonly #limits: DashboardLimits;
  readonly #monotonicMs: () => number;
  readonly #source: HubSource;
  readonly #clients = new Set<Client>();
  readonly #totals = { sent: 0, conflated: 0, slowClosed: 0, resumed: 0 };
  readonly #encoder = new TextEncoder();

  constructor(limits: DashboardLimits, monotonicMs: () => number, source: HubSource) {
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
    this.#source = source;
  }

  get size(): number {
    return this.#clients.size;
  }

  statistics(): HubStatistics {
    return { clients: this.#clients.size, ...this.#totals };
  }

  join(socket: WebSocket): void {
    const now = this.#monotonicMs();
    const client: Client = {
      socket,
      state: "joined",
      sinceMs: now,
      cursor: undefined,
      seq: 0,
      behindSinceMs: undefined,
      conflated: 0,
      needsAnnouncements: false,
      pingedAtMs: now,
      isAlive: true,
    };
    this.#clients.add(client);
    socket.on("message", (data, isBinary) => this.#receive(client, isBinary ? "" : String(data)));
    socket.on("pong", () => (client.isAlive = true));
    socket.on("close", () => this.#clients.delete(client));
    // ws has already closed the connection with the right code; 'close' follows.
    socket.on("error", () => socket.terminate());
  }

  /** Sends an announcement, or remembers that it is due. */
  announce(message: ServerMessage): void {
    const bytes = this.#encode(message);
    for (const client of this.#clients) {
      if (client.state !== "waiting" && client.state !== "live") continue;
      if (this.#isBehind(client)) client.needsAnnouncements = true;
      else this.#send(client, bytes);
    }
  }

  /** Sends a delta to every page that is exactly where it begins. */
  broadcast(delta: ServerMessage & { readonly type: "delta" }): void {
    const bytes = this.#encode(delta);
    for (const client of this.#clients) {
      if (client.state !== "live") continue;
      if (client.seq !== delta.since || this.#isBehind(client)) {
        client.conflated++;
        this.#totals.conflated++;
        continue;
      }
      client.seq = delta.seq;
      this.#send(client, bytes);
    }
  }

  /**
   * Makes every page start from a full snapshot: charts changed their meaning. A page that waits for
   * the board to catch up goes on waiting.
   */
  resetAll(): void {
    for (const client of this.#clients) {
      if (client.state !== "live" && client.state !== "waiting") continue;
      client.needsAnnouncements = true;
      if (client.state === "waiting") continue;
      client.cursor = undefined;
      client.seq = -1;
      this.#enter(client, "waiting");
    }
    this.tick();
  }

  /** Deadlines, pings, drained pages. Called at every flush. */
  tick(): void {
    const now = this.#monotonicMs();
    for (const client of this.#clients) {
      if (client.state === "closing") {
        if (now - client.sinceMs >= this.#limits.closeMs) client.socket.terminate();
        continue;
      }
      if (client.state === "joined" && now - client.sinceMs >= this.#limits.helloTimeoutMs) {
        this.#close(client, CLOSE_CODES.helloTimeout.code, "no hello");
        continue;
      }
      if (!this.#keepsUp(client, now) || !this.#answersPings(client, now)) continue;
      if (client.state === "waiting") this.#maybeGoLive(client, now);
      else if (client.state === "live") this.#maybeCatchUp(client);
    }
  }

  /** Closes every connection; resolves when all are gone or `closeMs` has passed. */
  async closeAll(code: number, reason: string): Promise<void> {
    const gone = [...this.#clients].map(
      ({ socket }) => new Promise<void>((resolve) => socket.once("close", () => resolve())),
    );
    for (const client of this.#clients) this.#close(client, code, reason);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#limits.closeMs);
    });
    await Promise.race([Promise.all(gone), timeout]);
    clearTimeout(timer);
    for (const client of this.#clients) client.socket.terminate();
  }

  #receive(client: Client, text: string): void {
    if (client.state === "closing") return;
    if (client.state !== "joined") {
      this.#close(client, CLOSE_CODES.unexpectedMessage.code, "only one hello");
      return;
    }
    const hello = tryParseClientHello(text);
    if (hello === undefined) {
      this.#close(client, CLOSE_CODES.badMessage.code, "expected hello");
      return;
    }
    client.cursor = hello.cursor;
    client.needsAnnouncements = true;
    this.#enter(client, "waiting");
    this.#maybeGoLive(client, this.#monotonicMs());
  }

  #maybeGoLive(client: Client, now: number): void {
    const { cursor } = client;
    // A hello of another epoch would make the page forget what it shows: first be sure that it is one.
    if (cursor !== undefined && !this.#source.knowsEpoch()) {
      client.sinceMs = now;
      return;
    }
    this.#maybeAnnounce(client);
    const waitedMs = now - client.sinceMs;
    const isDue =
      cursor === undefined || this.#source.isAheadOf(cursor) || waitedMs >= this.#limits.catchUpMs;
    if (!isDue || this.#isBehind(client)) return;
    const snapshot = this.#source.snapshotFor(cursor, 0);
    this.#enter(client, "live");
    if (snapshot.type === "snapshot" && !snapshot.full) this.#totals.resumed++;
    client.cursor = undefined;
    client.conflated = 0;
    client.seq = this.#source.seq();
    this.#send(client, this.#encode(snapshot));
  }

  #maybeCatchUp(client: Client): void {
    if (client.socket.bufferedAmount > this.#limits.lowWatermarkBytes) return;
    this.#maybeAnnounce(client);
    if (client.seq === this.#source.seq()) return;
    const cursor = this.#source.cursorAt(client.seq);
    const snapshot = this.#source.snapshotFor(cursor, client.conflated);
    client.seq = this.#source.seq();
    client.conflated = 0;
    this.#send(client, this.#encode(snapshot));
  }

  #maybeAnnounce(client: Client): void {
    if (!client.needsAnnouncements || this.#isBehind(client)) return;
    client.needsAnnouncements = false;
    for (const message of this.#source.announcements()) this.#send(client, this.#encode(message));
  }

  #isBehind(client: Client): boolean {
    return client.socket.bufferedAmount > this.#limits.highWatermarkBytes;
  }

  /** @returns false when the page was closed for staying behind too long */
  #keepsUp(client: Client, now: number): boolean {
    if (!this.#isBehind(client)) {
      client.behindSinceMs = undefined;
      return true;
    }
    client.behindSinceMs ??= now;
    if (now - client.behindSinceMs < this.#limits.slowCloseMs) return true;
    this.#totals.slowClosed++;
    this.#close(client, CLOSE_CODES.tooSlow.code, "too slow");
    return false;
  }

  /** @returns false when the page was closed for not answering */
  #answersPings(client: Client, now: number): boolean {
    if (now - client.pingedAtMs < this.#limits.pingMs) return true;
    if (!client.isAlive) {
      this.#close(client, CLOSE_CODES.pingTimeout.code, "ping not answered");
      return false;
    }
    client.isAlive = false;
    client.pingedAtMs = now;
    client.socket.ping();
    return true;
  }

  #enter(client: Client, state: Client["state"]): void {
    client.state = state;
    client.sinceMs = this.#monotonicMs();
  }

  /** The close frame queues behind what is buffered, so a dead peer is cut off by `tick` later. */
  #close(client: Client, code: number, reason: string): void {
    this.#enter(client, "closing");
    client.socket.close(code, reason);
  }

  #encode(message: ServerMessage): Uint8Array {
    return this.#encoder.encode(JSON.stringify(message));
  }

  #send(client: Client, bytes: Uint8Array): void {
    if (client.socket.readyState !== client.socket.OPEN) return;
    this.#totals.sent++;
    client.socket.send(bytes, { binary: false });
  }
}
