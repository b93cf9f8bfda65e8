/**
 * Every bound of the dashboard server, with unit and default.
 *
 * @module
 */

import { MillraceError } from "../runtime/fault/mod.ts";

export interface DashboardLimits {
  /** Largest frame a page may send, bytes. @default 4096 */
  readonly maxPayloadBytes: number;
  /** Pages connected at once; more get HTTP 503. @default 500 */
  readonly maxClients: number;
  /** TCP connections at once, HTTP and WebSocket together. @default 600 */
  readonly maxConnections: number;
  /** A page must say `hello` within this, ms. @default 5000 */
  readonly helloTimeoutMs: number;
  /** Distance of two WebSocket pings, ms; an unanswered one ends the connection. @default 25000 */
  readonly pingMs: number;
  /** Distance of two heartbeat messages (a page cannot see pings), ms. @default 5000 */
  readonly heartbeatMs: number;
  /** Changes are collected this long, then sent as one delta, ms. @default 100 */
  readonly flushMs: number;
  /** Unsent bytes of one page above which deltas are conflated. @default 262144 */
  readonly highWatermarkBytes: number;
  /** Unsent bytes below which a conflated page gets what it missed. @default 65536 */
  readonly lowWatermarkBytes: number;
  /** A page that stays above the high watermark this long is closed, ms. @default 10000 */
  readonly slowCloseMs: number;
  /** Longest wait of a returning page for a restarted server to have read as far, ms. @default 10000 */
  readonly catchUpMs: number;
  /** How long `close` waits for pages to answer the close frame, ms. @default 1000 */
  readonly closeMs: number;
  /** HTTP: headers must be complete within this, ms. @default 5000 */
  readonly headersTimeoutMs: number;
  /** HTTP: whole request must be complete within this, ms. @default 10000 */
  readonly requestTimeoutMs: number;
  /** HTTP: bytes of request line and headers. @default 8192 */
  readonly maxHeaderBytes: number;
  /** Windows one chart keeps, whatever its `points`. @default 10000 */
  readonly maxPointsPerChart: number;
  /** Series one chart or counter keeps; records of further ones are counted and not shown. @default 100 */
  readonly maxSeries: number;
  /**
   * Windows per series in which a counter can replace a repeated result (the newest half of them at
   * least). Older windows are folded into the total for good; a record for one of them is counted and
   * ignored. @default 10000
   */
  readonly maxCounterWindows: number;
  /** Diagnostics sent to the page. @default 50 */
  readonly maxDiagnostics: number;
}

export const DEFAULT_LIMITS: DashboardLimits = Object.freeze({
  maxPayloadBytes: 4096,
  maxClients: 500,
  maxConnections: 600,
  helloTimeoutMs: 5_000,
  pingMs: 25_000,
  heartbeatMs: 5_000,
  flushMs: 100,
  highWatermarkBytes: 256 * 1024,
  lowWatermarkBytes: 64 * 1024,
  slowCloseMs: 10_000,
  catchUpMs: 10_000,
  closeMs: 1_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  maxHeaderBytes: 8192,
  maxPointsPerChart: 10_000,
  maxSeries: 100,
  maxCounterWindows: 10_000,
  maxDiagnostics: 50,
});

/** @throws {MillraceError} INVALID_OPTION when a limit is not a positive integer or two contradict */
export function resolveLimits(given: Partial<DashboardLimits> = {}): DashboardLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw invalid(`limit ${name} must be a positive whole number, got ${value}`);
    }
  }
  if (limits.lowWatermarkBytes > limits.highWatermarkBytes) {
    throw invalid("lowWatermarkBytes must not be above highWatermarkBytes");
  }
  return limits;
}

function invalid(why: string): MillraceError {
  return new MillraceError("INVALID_OPTION", `Cannot start the dashboard: ${why}`);
}
