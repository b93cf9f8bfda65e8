/**
 * Aggregators as data: what each takes and makes. The checker and the reference tables read it.
 *
 * @module
 */

import type { Expression, ExpressionType } from "../../expression/mod.ts";
import type { AggregatorPlan } from "../../plan.ts";

/** What may stand in an argument's place; see `arguments.ts`. */
export type ArgumentKind =
  | "condition"
  | "number"
  | "comparable"
  | "countable"
  | "distinguishable"
  | "any"
  | "limit";

export interface ArgumentSpec {
  readonly name: string;
  readonly takes: ArgumentKind;
  /** It may be left out; only the last one. */
  readonly optional?: true;
  /** Of a limit: the greatest. */
  readonly most?: number;
}

export interface AggregatorSpec {
  readonly name: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly doc: string;
  /** A call, over the record of `schemas/user_log.avsc`. */
  readonly example: string;
  /** Its result's type, in words; `x` is the argument's. */
  readonly result: string;
  /** Type of the result. `typeName`: of a record that it makes. */
  readonly type: (given: Given, typeName: string) => ExpressionType;
  readonly plan: (given: Given) => AggregatorPlan;
}

/** Checked arguments of a call. */
export interface Given {
  /** Those that are expressions, in order. */
  readonly expressions: readonly Expression[];
  readonly limit: number;
}

/** Longest list of numbers or counts that an aggregator makes. */
export const MAX_RANKED = 1000;

export const INT: ExpressionType = { kind: "int" };
export const DOUBLE: ExpressionType = { kind: "double" };

/** Type of the first argument. */
export function typeOfX({ expressions }: Given): ExpressionType {
  return expressions[0]!.type;
}
