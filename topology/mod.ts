/**
 * Definitions in TypeScript:
 *
 * ```ts
 * import { defineTopology } from "millrace";
 *
 * export default defineTopology({
 *   topology: "orders",
 *   streams: { orders: { value: { avro: "../schemas/order.avsc" } }, paid: {} },
 *   pipelines: {
 *     only_paid: [{ source: "orders" }, { filter: "value.status == 'PAID'" }, { sink: "paid" }],
 *   },
 * });
 * ```
 *
 * @module
 */

import type { Topology } from "./language/mod.ts";

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
} from "./language/mod.ts";

/**
 * A definition, completed and checked by the editor. What types cannot tell (fields of records,
 * names of streams) `millrace check` does.
 *
 * @returns `definition` itself
 */
export function defineTopology(definition: Topology): Topology {
  return definition;
}
