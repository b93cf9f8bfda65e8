/** Aggregators by definition, over all records of a result at once, earliest first. */

import type { Aggregate, Change, Emit, Key, Predicate, Value } from "./description.ts";

/** A record that a stage cannot process, or a result that cannot be made. */
export class Dead extends Error {
  readonly code: "DIVISION_BY_ZERO" | "OVERFLOW" | "SUM_OVERFLOW";

  constructor(code: Dead["code"]) {
    super(code);
    this.code = code;
  }
}

export function holds({ modulus, remainder }: Predicate, value: Value): boolean {
  return (value["n"] as number) % modulus !== remainder;
}

export function keyOf(key: Key, value: Value): string {
  switch (key) {
    case "tag":
      return value["tag"] as string;
    case "remainder":
      return String((value["n"] as number) % 3);
    case "quotient":
      return String(over(12, value["n"] as number));
    case "all":
      return "all";
  }
}

export function changed({ op, by }: Change, value: Value): Value {
  const n = value["n"] as number;
  return { ...value, n: op === "plus" ? plus(n, by) : over(by, n) };
}

/** All that an emit makes of a record: keys, null for the key that it has, and values. */
export function emitted(emit: Emit, value: Value): { key: string | null; value: Value }[] {
  const all: { key: string | null; value: Value }[] = [];
  for (let turn = 0; turn < emit.loops; turn++) {
    if (emit.when !== undefined && !holds(emit.when, value)) continue;
    const key = emit.key === undefined ? null : keyOf(emit.key, value);
    all.push({ key, value: { ...value, n: plus(value["n"] as number, turn) } });
  }
  return all;
}

/** What an aggregator takes of a record. @throws {Dead} when it cannot take it */
export function lifted(aggregate: Aggregate, value: Value): unknown {
  return aggregate.fn === "sumOfQuotients" ? over(12, value["n"] as number) : undefined;
}

/** @param values of the records, in their order; at least one */
export function aggregated(aggregate: Aggregate, values: readonly Value[]): unknown {
  const numbers = (name: "id" | "n") => values.map((value) => value[name] as number);
  switch (aggregate.fn) {
    case "count":
      return values.length;
    case "countIf":
      return values.filter((value) => holds(aggregate.when, value)).length;
    case "sum":
      return sum(numbers(aggregate.of));
    case "sumOfQuotients":
      return sum(numbers("n").map((n) => over(12, n)));
    case "own":
      return sum(numbers("n")) + values.length;
    case "min":
      return Math.min(...numbers(aggregate.of));
    case "max":
      return Math.max(...numbers(aggregate.of));
    case "avg":
      return numbers(aggregate.of).reduce((total, n) => total + n, 0) / values.length;
    case "distinct":
      return new Set(numbers(aggregate.of)).size;
    case "first":
      return values[0]![aggregate.of];
    case "last":
      return values.at(-1)![aggregate.of];
    case "maxBy":
      return values.find(({ n }) => n === Math.max(...numbers("n")))![aggregate.of];
    case "minBy":
      return values.find(({ n }) => n === Math.min(...numbers("n")))![aggregate.of];
    case "collect":
      return numbers(aggregate.of);
    case "largest":
      return numbers(aggregate.of)
        .toSorted((a, b) => b - a)
        .slice(0, aggregate.limit);
  }
}

function sum(numbers: readonly number[]): number {
  const total = numbers.reduce((before, n) => before + BigInt(n), 0n);
  if (!Number.isSafeInteger(Number(total))) throw new Dead("SUM_OVERFLOW");
  return Number(total);
}

function plus(left: number, right: number): number {
  if (!Number.isSafeInteger(left + right)) throw new Dead("OVERFLOW");
  return left + right;
}

/** Truncated, and never −0. */
function over(dividend: number, divisor: number): number {
  if (divisor === 0) throw new Dead("DIVISION_BY_ZERO");
  return Math.trunc(dividend / divisor) + 0;
}
