/**
 * Calls of functions of the user's module: what they are given is a copy, what they return is checked.
 *
 * @module
 */

import type { AvroType, CallPlan } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { fromJson } from "../serde/mod.ts";

/** Exported values of the user's module, by name. */
export type Functions = Readonly<Record<string, unknown>>;

/** What a function may return of one record. */
const MAX_RETURNED = 100_000;

/** A record as a function is given it: a copy. */
export function recordOf(
  key: unknown,
  value: unknown,
  headers: ReadonlyMap<string, string>,
  topic: string,
  partition: number,
  offset: number,
  eventTime: number,
  windowStart?: number,
  windowEnd?: number,
): unknown {
  return {
    key: plainCopy(key),
    value: plainCopy(value),
    headers: Object.fromEntries(headers),
    topic,
    partition,
    offset,
    eventTime,
    ...(windowStart !== undefined && { window: { start: windowStart, end: windowEnd } }),
  };
}

/** One place where a function is called. */
export class FunctionCall {
  readonly #plan: CallPlan;
  readonly #fn: (record: unknown) => unknown;

  /** @throws {MillraceError} INVALID_OPTION when there is no such function */
  constructor(plan: CallPlan, functions: Functions) {
    const fn = Object.hasOwn(functions, plan.fn) ? functions[plan.fn] : undefined;
    if (typeof fn !== "function") {
      throw new MillraceError(
        "INVALID_OPTION",
        `Cannot start: there is no function "${plan.fn}" in the module of functions`,
      );
    }
    this.#plan = plan;
    this.#fn = fn as (record: unknown) => unknown;
  }

  /**
   * What the function makes of a record, as values for the stages behind.
   *
   * @throws {MillraceError} FUNCTION_FAILED for what it throws or should not return, RECORD_TOO_LARGE
   */
  list(record: unknown): readonly unknown[] {
    const returned = callFunction(this.#plan.fn, () => this.#fn(record));
    const { each } = this.#plan;
    if (!each) return [this.#checked(returned, "")];
    return guarded(this.#plan.fn, () => this.#elements(returned)).map((element, n) =>
      this.#checked(element, `[${n}]`),
    );
  }

  #elements(returned: unknown): unknown[] {
    const isList = typeof returned === "object" && returned !== null && Symbol.iterator in returned;
    if (!isList) throw wrong(this.#plan.fn, "something that is no list");
    const elements: unknown[] = [];
    for (const element of returned as Iterable<unknown>) {
      if (elements.push(element) <= MAX_RETURNED) continue;
      throw new MillraceError(
        "RECORD_TOO_LARGE",
        `Cannot go on: ${this.#plan.fn} returned more than ${MAX_RETURNED} of one record`,
      );
    }
    return elements;
  }

  #checked(value: unknown, place: string): unknown {
    return checkReturned(this.#plan.fn, value, this.#plan.result, place);
  }
}

/** @throws {MillraceError} FUNCTION_FAILED for what it throws, and for a promise */
export function callFunction(fn: string, call: () => unknown): unknown {
  const returned = guarded(fn, call);
  if (!isThenable(returned)) return returned;
  // Nobody waits for it: what it rejects with must not end the process.
  returned.then(undefined, () => undefined);
  throw wrong(fn, "a promise: a function has to answer at once");
}

/**
 * @param schema null for untyped json
 * @returns a copy of it, with defaults, as the stages behind know it
 * @throws {MillraceError} FUNCTION_FAILED, naming the field
 */
export function checkReturned(
  fn: string,
  value: unknown,
  schema: AvroType | null,
  place = "",
): unknown {
  if (value === undefined || value === null) throw wrong(fn, String(value) + at(place));
  try {
    if (schema !== null) return fromJson(plainCopy(value), schema, `what ${fn} returned${place}`);
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch (cause) {
    if (!(cause instanceof MillraceError)) throw wrong(fn, `what is not JSON${at(place)}`, cause);
    throw new MillraceError("FUNCTION_FAILED", cause.message, { cause });
  }
}

/** What the function itself throws, also while its generator is read. */
function guarded<T>(fn: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new MillraceError("FUNCTION_FAILED", `Cannot go on: ${fn} threw ${why}`, { cause });
  }
}

function wrong(fn: string, what: string, cause?: unknown): MillraceError {
  const message = `Cannot go on: ${fn} returned ${what}`;
  return new MillraceError("FUNCTION_FAILED", message, cause === undefined ? {} : { cause });
}

function at(place: string): string {
  return place === "" ? "" : ` at ${place}`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** Whatever is done to a copy, the record stays as it is for the others. Maps become objects. */
function plainCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(plainCopy);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([name, inner]) => [name, plainCopy(inner)]));
}
