/**
 * The dashboard server: sink records in, live pages out.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { WebSocketServer } from "ws";
import { MillraceError } from "../runtime/fault/mod.ts";
import type { DashboardPlan } from "../topology/language/mod.ts";
import { type Assets, loadAssets } from "./assets.ts";
import { Board } from "./board.ts";
import type { Evaluate, SinkRecord } from "./evaluate.ts";
import { createGuard, type Guard } from "./guard.ts";
import { createRequestHandler } from "./http.ts";
import { Hub, type HubStatistics } from "./hub.ts";
import { type DashboardLimits, resolveLimits } from "./limits.ts";
import {
  CLOSE_CODES,
  type Cursor,
  type FeedStatus,
  type LedgerRow,
  type PageDiagnostic,
  type ServerHello,
  type ServerMessage,
  type Snapshot,
  SUBPROTOCOL,
} from "./protocol.ts";
import { createUpgradeHandler } from "./upgrade.ts";

/** Times the server needs; the engine's clock port fits. */
export interface DashboardClock {
  /** Unix epoch ms. */
  now(): number;
  /** ms since an arbitrary start. */
  monotonic(): number;
}

export interface DashboardOptions {
  /** Address to listen on. Anything but loopback shows the numbers to the network. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 = a free one. @default 0 */
  readonly port?: number;
  /** What is drawn, and the definition it came from: `dashboard` of the plan. */
  readonly dashboard: DashboardPlan;
  /**
   * Identity of the log's history: cluster id + topic incarnation. `""` = not known yet: returning
   * pages keep what they show until `setDashboard` tells it.
   */
  readonly epoch: string;
  /** Compiles `y` and `series` of the plan. */
  readonly evaluate: Evaluate;
  readonly limits?: Partial<DashboardLimits>;
  /** Further names the server may be called by, e.g. of a reverse proxy; without port. @default [] */
  readonly allowedHosts?: readonly string[];
  /** @default system clock */
  readonly clock?: DashboardClock;
}

export interface DashboardStatistics extends HubStatistics {
  /** Records pushed. */
  readonly records: number;
  /** Records for windows that had rolled off a full chart. */
  readonly rolledOff: number;
  /** Records of series beyond `maxSeries`. */
  readonly tooManySeries: number;
  /** Records for windows a counter had folded. */
  readonly tooOld: number;
  /** Records on which `y` or `series` failed. */
  readonly failed: number;
}

/** Made by `createDashboard`; the caller closes it. */
export interface Dashboard {
  readonly url: string;
  readonly port: number;
  /** Takes a decoded sink record; one that was taken before (partition, offset) changes nothing. */
  push(record: SinkRecord): void;
  /**
   * Hot reload. The same epoch keeps what unchanged charts and counters know, another one starts over.
   *
   * @returns streams to be pushed again from their earliest record
   */
  setDashboard(dashboard: DashboardPlan, epoch: string): readonly string[];
  /** What is wrong with the definition now; an empty list clears the overlay. */
  setDiagnostics(list: readonly PageDiagnostic[]): void;
  /** What became of every record, by source and stage; nothing is shown of it while it is empty. */
  setLedger(rows: readonly LedgerRow[]): void;
  /** Where the feed is; `/readyz` answers 200 while it is `live`. Starts as `catching-up`. */
  setStatus(status: FeedStatus): void;
  statistics(): DashboardStatistics;
  /** Ends every connection with 1012 and frees the port. Idempotent. */
  close(): Promise<void>;
}

const UNKNOWN_EPOCH = "";

const SYSTEM_CLOCK: DashboardClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/**
 * Starts the server.
 *
 * @throws {MillraceError} PORT_IN_USE, or INVALID_OPTION for a host that cannot be bound or a bad limit
 */
export async function createDashboard(options: DashboardOptions): Promise<Dashboard> {
  const host = options.host ?? "127.0.0.1";
  const limits = resolveLimits(options.limits);
  const dashboard = new DashboardServer(options, host, limits);
  await dashboard.listen(options.port ?? 0);
  return dashboard;
}

class DashboardServer implements Dashboard {
  readonly #host: string;
  readonly #limits: DashboardLimits;
  readonly #clock: DashboardClock;
  readonly #evaluate: Evaluate;
  readonly #guard: Guard;
  readonly #hub: Hub;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  /** Names this process, so that a cursor of an earlier one is not taken for ours. */
  readonly #run = randomUUID();
  #epoch: string;
  #board: Board;
  /** Flushes so far. */
  #seq = 0;
  /** Cursors below this were given out for other charts. */
  #seqFloor = 0;
  #isDirty = false;
  #records = 0;
  #status: FeedStatus = { feed: "catching-up" };
  #diagnostics: readonly PageDiagnostic[] = [];
  #ledger: readonly LedgerRow[] = [];
  #heartbeatAtMs = 0;
  #assets: Promise<Assets> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed: Promise<void> | undefined;
  #port = 0;

  constructor(options: DashboardOptions, host: string, limits: DashboardLimits) {
    this.#host = host;
    this.#limits = limits;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#evaluate = options.evaluate;
    this.#epoch = options.epoch;
    this.#board = new Board(options.dashboard, options.evaluate, limits);
    this.#guard = createGuard(host, options.allowedHosts);
    this.#hub = new Hub(limits, () => this.#clock.monotonic(), {
      seq: () => this.#seq,
      announcements: () => [
        this.#hello(),
        this.#statusMessage(),
        this.#diagnosticsMessage(),
        { type: "ledger", rows: this.#ledger },
      ],
      snapshotFor: (cursor, conflated) => this.#snapshotFor(cursor, conflated),
      knowsEpoch: () => this.#epoch !== UNKNOWN_EPOCH,
      isAheadOf: (cursor) => this.#isAheadOf(cursor),
      cursorAt: (seq) => ({ epoch: this.#epoch, run: this.#run, seq }),
    });
    this.#http = createServer({
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      maxHeaderSize: limits.maxHeaderBytes,
      // Node looks for requests past their time only this often; its default is 30 s.
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    });
    this.#http.maxConnections = limits.maxConnections;
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.maxPayloadBytes,
      maxFragments: 16,
      maxBufferedChunks: 64,
      handleProtocols: () => SUBPROTOCOL,
    });
    const assets = () => this.#loadAssets();
    const status = () => this.#status;
    this.#http.on("request", createRequestHandler({ guard: this.#guard, assets, status }));
    const upgrade = createUpgradeHandler({
      guard: this.#guard,
      sockets: this.#sockets,
      hasRoom: () => this.#closed === undefined && this.#hub.size < limits.maxClients,
      join: (socket) => this.#hub.join(socket),
    });
    this.#http.on("upgrade", upgrade);
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const wildcard = this.#host === "0.0.0.0" || this.#host === "::";
    const host = wildcard ? "127.0.0.1" : this.#host;
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.#port}/`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once("error", (cause: Error & { code?: string }) => {
        const isTaken = cause.code === "EADDRINUSE";
        const why = isTaken ? "the port is in use" : cause.message;
        const message = `Cannot start the dashboard on ${this.#host}:${port}: ${why}`;
        reject(new MillraceError(isTaken ? "PORT_IN_USE" : "INVALID_OPTION", message, { cause }));
      });
      this.#http.listen(port, this.#host, resolve);
    });
    this.#http.removeAllListeners("error");
    const address = this.#http.address();
    this.#port = typeof address === "object" && address !== null ? address.port : port;
    this.#heartbeatAtMs = this.#clock.monotonic();
    this.#timer = setInterval(() => this.#tick(), this.#limits.flushMs);
  }

  push(record: SinkRecord): void {
    this.#records++;
    this.#board.push(record, this.#seq + 1);
    this.#isDirty = true;
  }

  setDashboard(plan: DashboardPlan, epoch: string): readonly string[] {
    const previous = this.#board;
    const isSameHistory = epoch === this.#epoch;
    this.#epoch = epoch;
    this.#board = new Board(
      plan,
      this.#evaluate,
      this.#limits,
      isSameHistory ? previous : undefined,
    );
    this.#isDirty = false;
    this.#seqFloor = ++this.#seq;
    this.#hub.resetAll();
    if (isSameHistory) return this.#board.streamsToReread(previous);
    return [...new Set([...plan.charts, ...plan.counters].map(({ stream }) => stream))];
  }

  setDiagnostics(list: readonly PageDiagnostic[]): void {
    this.#diagnostics = list.slice(0, this.#limits.maxDiagnostics);
    this.#hub.announce(this.#diagnosticsMessage());
  }

  setLedger(rows: readonly LedgerRow[]): void {
    this.#ledger = rows;
    this.#hub.announce({ type: "ledger", rows });
  }

  setStatus(status: FeedStatus): void {
    this.#status = status;
    this.#flush();
    this.#hub.announce(this.#statusMessage());
    this.#hub.tick();
  }

  statistics(): DashboardStatistics {
    return { ...this.#hub.statistics(), records: this.#records, ...this.#board.unshown() };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    const stopped = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    await this.#hub.closeAll(CLOSE_CODES.serviceRestart.code, "restarting");
    this.#http.closeAllConnections();
    await stopped;
  }

  #tick(): void {
    this.#flush();
    this.#hub.tick();
    const now = this.#clock.monotonic();
    if (now - this.#heartbeatAtMs < this.#limits.heartbeatMs) return;
    this.#heartbeatAtMs = now;
    this.#hub.announce({ type: "heartbeat", seq: this.#seq, now: this.#clock.now() });
  }

  #flush(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const since = this.#seq++;
    if (this.#hub.size === 0) return;
    const positions = this.#board.positions.toJSON();
    const changes = this.#board.changedSince(since);
    this.#hub.broadcast({ type: "delta", since, seq: this.#seq, positions, ...changes });
  }

  #snapshotFor(cursor: Cursor | undefined, conflated: number): Snapshot {
    // What was pushed since the last flush belongs to this snapshot for nobody else yet.
    this.#flush();
    const canResume =
      cursor !== undefined &&
      cursor.run === this.#run &&
      cursor.epoch === this.#epoch &&
      cursor.seq >= this.#seqFloor &&
      cursor.seq <= this.#seq;
    return {
      type: "snapshot",
      seq: this.#seq,
      full: !canResume,
      conflated,
      positions: this.#board.positions.toJSON(),
      ...this.#board.changedSince(canResume ? cursor.seq : -1),
    };
  }

  #isAheadOf(cursor: Cursor): boolean {
    if (cursor.run === this.#run || cursor.epoch !== this.#epoch) return true;
    if (this.#status.feed === "live") return true;
    return cursor.positions === undefined || this.#board.positions.covers(cursor.positions);
  }

  #hello(): ServerHello {
    return {
      type: "hello",
      run: this.#run,
      epoch: this.#epoch,
      title: this.#board.plan.title,
      charts: this.#board.describeCharts(),
      counters: this.#board.describeCounters(),
      heartbeatMs: this.#limits.heartbeatMs,
    };
  }

  #statusMessage(): ServerMessage {
    return { type: "status", ...this.#status };
  }

  #diagnosticsMessage(): ServerMessage {
    return { type: "diagnostics", list: this.#diagnostics };
  }

  #loadAssets(): Promise<Assets> {
    this.#assets ??= loadAssets().catch((error: unknown) => {
      this.#assets = undefined;
      throw error;
    });
    return this.#assets;
  }
}
