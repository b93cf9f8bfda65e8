/**
 * The engine: assignment → tasks → programs → commits, over the ports.
 *
 * @module
 */

export { type CommittedLedger, CommittedLedgers, type CommittedLog } from "./committed_ledger.ts";
export { CompiledPrograms } from "./compiled_programs.ts";
export { Engine, type EngineOptions } from "./engine.ts";
export type { EngineEvent } from "./engine_event.ts";
export type { Functions } from "./function_call.ts";
export { type Ledger, sumLedgers } from "./ledger.ts";
export { sourceLedgerName } from "./ledger_names.ts";
export { type LedgerRow, type LedgerStep, ledgerRows } from "./ledger_rows.ts";
export type * from "./ports.ts";
export type { RestoringEvent } from "./restore_progress.ts";
export type { SnapshotEvent } from "./snapshots.ts";
export { DEAD_LETTERS, DEFAULT_SOURCE_PARTITIONS, prepareTopics, streamSpec } from "./topics.ts";
