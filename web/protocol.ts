/**
 * What dashboard server and page say to each other: JSON text messages over one WebSocket,
 * subprotocol `millrace.v1`. Pure data and checks; imported by both sides.
 *
 *     page                                server
 *      │ ── hello {cursor?} ──────────────► │   once, within 5 s
 *      │ ◄── hello {run, epoch, charts …} ─ │   what to draw; again after a hot reload
 *      │ ◄── snapshot {seq, …} ──────────── │   everything, or everything since the cursor
 *      │ ◄── delta {seq, …} ─────────────── │   what changed, at most one per flush
 *      │ ◄── status, diagnostics, ledger ── │   each when it changes
 *      │ ◄── heartbeat ──────────────────── │
 *
 * The unit of data is a *window row*: all drawn series of one chart for one window. A row is sent
 * whole and replaces the one with the same start, so receiving it twice changes nothing. Every row
 * remembers the `seq` of the flush that last changed it; "what did I miss?" is therefore "rows with a
 * higher seq", however long ago that was: there is no replay buffer that could be too short.
 *
 * @module
 */

export const SUBPROTOCOL = "millrace.v1";
export const SOCKET_PATH = "/live";

/**
 * Close codes. `retry` tells the page whether connecting again makes sense.
 */
export const CLOSE_CODES = {
  /** Page went away. */
  normal: { code: 1000, retry: false },
  /** Frame above `maxPayloadBytes` (sent by the WebSocket layer). */
  messageTooBig: { code: 1009, retry: true },
  /** Server stops or restarts. */
  serviceRestart: { code: 1012, retry: true },
  /** Not JSON, not a `hello`, or a field of the wrong shape. */
  badMessage: { code: 4400, retry: false },
  /** No `hello` within `helloTimeoutMs`. */
  helloTimeout: { code: 4408, retry: true },
  /** A message after the `hello`. */
  unexpectedMessage: { code: 4409, retry: false },
  /** More than `highWatermarkBytes` unsent for `slowCloseMs`. */
  tooSlow: { code: 4413, retry: true },
  /** A ping was not answered before the next one was due. */
  pingTimeout: { code: 4414, retry: true },
} as const;

/** One text, or one per language. */
export type Text = string | Readonly<Record<string, string>>;

/** Highest offset applied, per stream and partition; `-1` = none. Index = partition. */
export type Positions = Readonly<Record<string, readonly number[]>>;

/**
 * How far a page is. With the same `run`, the server sends the rows changed after `seq`. With another
 * `run` of the same `epoch` (the server process was restarted beside a living log), the server waits
 * until it has read as far as `positions` again, so that the page never goes back in time.
 */
export interface Cursor {
  readonly epoch: string;
  readonly run: string;
  readonly seq: number;
  readonly positions?: Positions;
}

export interface ClientHello {
  readonly type: "hello";
  readonly cursor?: Cursor;
}

export type ChartShape = "line" | "spline" | "step" | "bar";

export interface ChartDescription {
  readonly id: string;
  readonly stream: string;
  readonly title?: Text;
  /** Windows shown. */
  readonly points: number;
  readonly missing: "zero" | "gap";
  readonly as: ChartShape;
  /** Distance between two windows, ms. */
  readonly stepMs?: number;
  /** Drawn series in order; absent = all that occur, in order of name. */
  readonly only?: readonly string[];
  /** By series; a chart without `series` has the one series `""`. */
  readonly labels: Readonly<Record<string, Text>>;
}

export interface CounterDescription {
  readonly id: string;
  readonly stream: string;
  readonly only?: readonly string[];
  readonly labels: Readonly<Record<string, Text>>;
}

/** `catching-up`: the server is still reading the log's past; `down`: it cannot reach the log. */
export interface FeedStatus {
  readonly feed: "catching-up" | "live" | "down";
  readonly message?: string;
}

export interface ServerHello {
  readonly type: "hello";
  /** Changes with every server process. */
  readonly run: string;
  /** Changes when the log's history is another one: cluster id + topic incarnation. */
  readonly epoch: string;
  readonly title: Text;
  readonly charts: readonly ChartDescription[];
  readonly counters: readonly CounterDescription[];
  readonly heartbeatMs: number;
}

/** All drawn series of one window. `null`: the point was deleted. */
export interface WindowRow {
  /** Unix epoch ms. */
  readonly start: number;
  /** Unix epoch ms, exclusive; equals `start` for records without a window. */
  readonly end: number;
  /** Empty when only series that are not drawn have a record in this window. */
  readonly values: Readonly<Record<string, number | null>>;
}

export interface CounterValue {
  /**
   * Value in the newest window that any series of the counter has a record for; of a series without
   * one there, the value in the window before it, else 0.
   */
  readonly newest: number;
  /** Start and end of the window shown, Unix epoch ms. */
  readonly window: readonly [number, number];
  /** Sum over all windows. */
  readonly total: number;
}

/** Changed rows by chart id, in order of start; changed series by counter id. */
export interface Changes {
  readonly charts: Readonly<Record<string, readonly WindowRow[]>>;
  readonly counters: Readonly<Record<string, Readonly<Record<string, CounterValue>>>>;
}

export interface Snapshot extends Changes {
  readonly type: "snapshot";
  readonly seq: number;
  /** True: replaces everything. False: rows changed since the page's cursor, merged like a delta. */
  readonly full: boolean;
  readonly positions: Positions;
  /** Flushes this page was not sent one by one because it read too slowly. */
  readonly conflated: number;
}

export interface Delta extends Changes {
  readonly type: "delta";
  /** Seq this delta builds on: the page's own, or something was missed. */
  readonly since: number;
  readonly seq: number;
  readonly positions: Positions;
}

export interface Heartbeat {
  readonly type: "heartbeat";
  readonly seq: number;
  /** Wall clock of the server, Unix epoch ms. */
  readonly now: number;
}

export interface StatusMessage extends FeedStatus {
  readonly type: "status";
}

/** A fault of the definition file, as the language prints it. */
export interface PageDiagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
  /** Source lines with a marker under the fault, ready to show in a fixed-width font. */
  readonly frame?: string;
}

/** Empty list: the definition is fine again. */
export interface DiagnosticsMessage {
  readonly type: "diagnostics";
  readonly list: readonly PageDiagnostic[];
}

/**
 * What became of the records of one source or stage, as the application has committed it. Without
 * windows in = accepted + filtered + dead; a window stage counts what is accepted or late once per
 * window.
 */
export interface LedgerRow {
  readonly name: string;
  /** `source`, `map`, `windowedReduce` … */
  readonly step: string;
  readonly in: number;
  readonly accepted: number;
  readonly filtered: number;
  /** Of window stages. */
  readonly lateAtSource?: number;
  /** Of window stages. */
  readonly lateAtOperator?: number;
  readonly dead: number;
  readonly out: number;
}

/** All rows, each time one has changed. */
export interface LedgerMessage {
  readonly type: "ledger";
  readonly rows: readonly LedgerRow[];
}

export type ServerMessage =
  | ServerHello
  | Snapshot
  | Delta
  | Heartbeat
  | LedgerMessage
  | StatusMessage
  | DiagnosticsMessage;

/**
 * Reads what a page sent.
 *
 * @returns undefined for anything but a well-formed `hello`
 */
export function tryParseClientHello(text: string): ClientHello | undefined {
  const message = tryParseJson(text);
  if (!isObject(message) || message["type"] !== "hello") return undefined;
  const cursor = message["cursor"];
  if (cursor === undefined) return { type: "hello" };
  if (!isObject(cursor)) return undefined;
  const { epoch, run, seq, positions } = cursor;
  if (typeof epoch !== "string" || typeof run !== "string") return undefined;
  if (!Number.isSafeInteger(seq) || (seq as number) < 0) return undefined;
  const known = { epoch, run, seq: seq as number };
  if (positions === undefined) return { type: "hello", cursor: known };
  if (!isPositions(positions)) return undefined;
  return { type: "hello", cursor: { ...known, positions } };
}

/** Reads what the server sent; trusts its shape beyond the type, both sides being one release. */
export function tryParseServerMessage(text: string): ServerMessage | undefined {
  const message = tryParseJson(text);
  if (!isObject(message) || typeof message["type"] !== "string") return undefined;
  return message as unknown as ServerMessage;
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPositions(value: unknown): value is Positions {
  if (!isObject(value)) return false;
  return Object.values(value).every(
    (offsets) => Array.isArray(offsets) && offsets.every((offset) => Number.isSafeInteger(offset)),
  );
}
