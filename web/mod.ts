/**
 * The live dashboard: one HTTP + WebSocket server that turns sink records into pages.
 *
 * @module
 */

export type { Evaluate, SinkRecord, SinkScope } from "./evaluate.ts";
export { isLoopback } from "./guard.ts";
export { type DashboardLimits, DEFAULT_LIMITS } from "./limits.ts";
export {
  CLOSE_CODES,
  type FeedStatus,
  type LedgerRow,
  type PageDiagnostic,
  SOCKET_PATH,
  SUBPROTOCOL,
} from "./protocol.ts";
export {
  createDashboard,
  type Dashboard,
  type DashboardClock,
  type DashboardOptions,
  type DashboardStatistics,
} from "./server.ts";
export { type SinkFeed, type SinkFeedOptions, startSinkFeed } from "./sink_feed.ts";
