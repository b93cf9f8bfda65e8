/**
 * The topology language: text → definition → diagnostics → plan. Pure: no I/O, no `node:` import.
 *
 * @module
 */

export type * from "./avro.ts";
export { wrongDefault } from "./avro_default.ts";
export { AvroSchemaError, parseAvroSchema } from "./avro_schema.ts";
export { Calendar, type CalendarUnit } from "./calendar.ts";
export * from "./compare/mod.ts";
export { type Configuration, readConfiguration } from "./configuration.ts";
export type {
  Aggregator,
  Call,
  Chart,
  Create,
  Dashboard,
  Duration,
  Emit,
  Every,
  Instant,
  KeyType,
  LoopedEmit,
  OnError,
  Reduce,
  Reducer,
  Series,
  Stage,
  StageKind,
  StageOf,
  Step,
  Stream,
  Test,
  Topology,
  ValueType,
  Window,
  WindowedReduce,
} from "./definition.ts";
export { deletesKeys } from "./deletes_keys.ts";
export {
  DESCRIPTION_FORMATS,
  type DescriptionFormat,
  describePlan,
  type GraphNode,
  type SubtopologyGraph,
  type TopologyDescription,
} from "./describe/mod.ts";
export type * from "./diagnostics.ts";
export type { Environment } from "./document/mod.ts";
export { parseDuration, parseInstant, showDuration } from "./duration.ts";
export * from "./expression/mod.ts";
export {
  type FieldSpec,
  type FieldType,
  formatReference,
  type JsonSchema,
  jsonSchema,
  OBJECTS,
  type ObjectSpec,
  type SchemaRoot,
} from "./fields/mod.ts";
export { formatAvroSchema, sameAvroType } from "./format_avro_schema.ts";
export { formatDiagnostics, showPlace } from "./format_diagnostics.ts";
export { isNumericAggregator } from "./is_numeric_aggregator.ts";
export { isExact } from "./is_revocable.ts";
export { moduleFault } from "./module_fault.ts";
export { isReduce, nodesBehind } from "./nodes_behind.ts";
export type * from "./plan.ts";
export {
  type FunctionModule,
  type PlannedTopology,
  planTopology,
  readTestFile,
  type TestSource,
  type TopologyContent,
  type TopologySource,
} from "./plan_topology.ts";
export {
  AGGREGATORS,
  type AggregatorSpec,
  type ArgumentKind,
  type ArgumentSpec,
  type ExportedValue,
  type Files,
  type FunctionModules,
  type ModuleExports,
  type Subjects,
} from "./planning/mod.ts";
export { isPreAggregated, type PreAggregation, preAggregationOf } from "./pre_aggregation.ts";
export { suggest } from "./suggest.ts";
export { createEndOf, isInclusive, ownWindow, reachMs } from "./window_extent.ts";
