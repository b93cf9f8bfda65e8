/**
 * The topology language: text → definition → diagnostics → plan. Pure: no I/O, no `node:` import.
 *
 * @module
 */

export type * from "./avro.ts";
export type * from "./diagnostics.ts";
export type * from "./expression/tree.ts";
export type * from "./plan.ts";
