/**
 * The topology language: text → definition → diagnostics → plan. Pure: no I/O, no `node:` import.
 *
 * @module
 */

export type * from "./avro.ts";
export { AvroSchemaError, parseAvroSchema } from "./avro_schema.ts";
export type { Topology } from "./definition.ts";
export type * from "./diagnostics.ts";
export { parseDuration, parseInstant, showDuration } from "./duration.ts";
export type * from "./expression/tree.ts";
export { formatDiagnostics } from "./format_diagnostics.ts";
export type * from "./plan.ts";
export { suggest } from "./suggest.ts";
export { formatAvroSchema, sameAvroType } from "./format_avro_schema.ts";
