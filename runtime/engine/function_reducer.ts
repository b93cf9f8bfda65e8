/**
 * Reducers that the user's module exports. Partial results are kept as JSON text: nothing that a
 * function does to one changes another, and the changelog holds what was meant.
 *
 * @module
 */

import type { ExpressionType, FunctionReducerPlan } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import type { ReducerFunctions } from "./aggregators/mod.ts";
import { callFunction, checkReturned, type Functions } from "./function_call.ts";

/** Of partial results. */
export const FUNCTION_PARTIAL: ExpressionType = { kind: "string" };

/** Partial result of an ordered reducer that deletes its key. */
const NOTHING = "null";

type Member = (...parameters: unknown[]) => unknown;

export class FunctionReducer {
  readonly #plan: FunctionReducerPlan;
  readonly #reducer: Readonly<Record<string, unknown>>;

  /** @throws {MillraceError} INVALID_OPTION when there is no such reducer */
  constructor(plan: FunctionReducerPlan, functions: Functions) {
    const reducer = Object.hasOwn(functions, plan.fn) ? functions[plan.fn] : undefined;
    const isThere = ["lift", "combine"].every(
      (name) => typeof (reducer as Record<string, unknown> | undefined)?.[name] === "function",
    );
    if (!isThere) {
      throw new MillraceError(
        "INVALID_OPTION",
        `Cannot start: there is no reducer "${plan.fn}" in the module of functions`,
      );
    }
    this.#plan = plan;
    this.#reducer = reducer as Record<string, unknown>;
  }

  /** Partial result of one record. @throws {MillraceError} FUNCTION_FAILED */
  lift(record: unknown): string {
    return this.#text("lift", record);
  }

  /** What works on partial results. */
  get functions(): ReducerFunctions {
    return {
      combine: (a, b) => this.#text("combine", JSON.parse(a as string), JSON.parse(b as string)),
      isNull: (a) => a === NOTHING,
      lower: (a) => this.#lower(JSON.parse(a as string)),
    };
  }

  #lower(partial: unknown): unknown {
    const { fn, result } = this.#plan;
    if (typeof this.#reducer["lower"] !== "function") return checkReturned(fn, partial, result);
    return checkReturned(`${fn}.lower`, this.#call("lower", partial), result);
  }

  #text(member: string, ...parameters: unknown[]): string {
    const returned = this.#call(member, ...parameters);
    if (returned === null && this.#plan.ordered) return NOTHING;
    return JSON.stringify(checkReturned(`${this.#plan.fn}.${member}`, returned, null));
  }

  #call(member: string, ...parameters: unknown[]): unknown {
    const reducer = this.#reducer;
    return callFunction(`${this.#plan.fn}.${member}`, () =>
      (reducer[member] as Member).apply(reducer, parameters),
    );
  }
}
