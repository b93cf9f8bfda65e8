/**
 * The same expressions on the same values by an evaluator that others wrote: `@bufbuild/cel`.
 *
 * It is told of the one range in which we differ on purpose (ints of ±(2^53−1)), so that whatever
 * depends on it is compared, too. Left out is what it has otherwise than the specification, or not at
 * all; `cel_test.ts` has the specification's own results for these:
 *
 * - positions, sizes and order of text beyond the BMP: it counts UTF-16 units
 * - `split` and `replace` with a limit or an empty text, `indexOf` from a position
 * - `int()` and `double()` of texts that are no numbers: it reads what JavaScript reads
 * - the math extension, `reverse`, and `matches` in the form of a function
 *
 * @module
 */

import {
  type CelInput,
  CelScalar,
  celEnv,
  celFunc,
  isCelError,
  isCelList,
  isCelMap,
  parse,
  plan,
} from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkExpression,
  type Expression,
  type ExpressionType,
} from "../../../../topology/language/mod.ts";
import { FRAME, generator, type Outcome, SCOPE } from "./_check.ts";
import { randomExpressions, randomFrames } from "./_random_expressions.ts";

/** Pairs of an expression and a record; more of them by this environment variable. */
const CASES = Number(process.env["ORACLE_CASES"] ?? 100_000);
const FRAMES_PER_EXPRESSION = 20;

const { INT, DOUBLE } = CelScalar;

function inRange(value: bigint): bigint {
  if (BigInt.asIntN(54, value) === value && value !== -(2n ** 53n)) return value;
  throw new Error("beyond ±(2^53-1)");
}

function quotient(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error("division by zero");
  return a / b;
}

const ENV = celEnv({
  funcs: [
    ...strings,
    celFunc("_+_", [INT, INT], INT, (a, b) => inRange(a + b)),
    celFunc("_-_", [INT, INT], INT, (a, b) => inRange(a - b)),
    celFunc("_*_", [INT, INT], INT, (a, b) => inRange(a * b)),
    celFunc("_/_", [INT, INT], INT, (a, b) => inRange(quotient(a, b))),
    celFunc("int", [DOUBLE], INT, (value) => {
      if (!Number.isFinite(value)) throw new Error("not a number");
      return inRange(BigInt(Math.trunc(value)));
    }),
  ],
});

/** A value as the oracle takes it. Null fields are there, as null. */
function toCel(value: unknown, type: ExpressionType): CelInput {
  if (value === null) return null;
  switch (type.kind) {
    case "int":
      return BigInt(value as number);
    case "nullable":
      return toCel(value, type.type);
    case "list":
      return (value as unknown[]).map((item) => toCel(item, type.element));
    case "map":
      return new Map(
        [...(value as Map<string, unknown>)].map(([key, item]) => [key, toCel(item, type.value)]),
      );
    case "record": {
      const record = value as Record<string, unknown>;
      return new Map(type.fields.map(({ name, type }) => [name, toCel(record[name], type)]));
    }
    default:
      return value as CelInput;
  }
}

function fromCel(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (isCelList(value)) return Array.from(value, fromCel);
  if (isCelMap(value)) return new Map(Array.from(value, ([key, item]) => [key, fromCel(item)]));
  return value;
}

function oracle(source: string): (frame: Readonly<Record<string, unknown>>) => Outcome {
  const run = plan(ENV, parse(source));
  return (frame) => {
    const bindings = Object.fromEntries(
      [...SCOPE].map(([name, type]) => [name, toCel(frame[name], type)]),
    );
    const result = run(bindings);
    return isCelError(result) ? { error: result.message } : { value: fromCel(result) };
  };
}

/** Same value, NaN like NaN and -0 not like 0; or both an error, whichever. */
function agrees(ours: Outcome, theirs: Outcome): boolean {
  if ("error" in ours || "error" in theirs) return "error" in ours && "error" in theirs;
  return same(ours.value, theirs.value);
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, n) => same(item, b[n]));
  }
  if (a instanceof Map) {
    return (
      b instanceof Map &&
      a.size === b.size &&
      [...a].every(([key, item]) => b.has(key) && same(item, b.get(key)))
    );
  }
  if (a instanceof Uint8Array) return b instanceof Uint8Array && same([...a], [...b]);
  return Object.is(a, b);
}

/** Of the BMP, no number among them but one that everybody reads alike. */
const WORDS = ["", "a", "ab", "b1", "12", " é\u0085", "__proto__", "constructor", "true"];

test("@bufbuild/cel gives the same values, and errors where we have errors", {
  timeout: 600_000,
}, () => {
  const kinds = randomExpressions({ words: WORDS, functions: [["double", "double($)", "int"]] });
  const expressions = fc
    .oneof(...Object.values(kinds))
    .map((source) => ({ source, expression: checkExpression(source, SCOPE).expression }))
    .filter((made): made is { source: string; expression: Expression } => {
      return made.expression !== undefined;
    });
  const frames = fc.array(randomFrames(WORDS), {
    minLength: FRAMES_PER_EXPRESSION,
    maxLength: FRAMES_PER_EXPRESSION,
  });
  let cases = 0;
  let errors = 0;
  fc.assert(
    fc.property(expressions, frames, ({ source, expression }, values) => {
      const ours = generator(expression);
      const theirs = oracle(source);
      for (const frame of values) {
        const [mine, other] = [ours(frame), theirs(frame)];
        if (!agrees(mine, other)) expect(mine).toEqual(other);
        cases++;
        if ("error" in mine) errors++;
      }
    }),
    { numRuns: Math.ceil(CASES / FRAMES_PER_EXPRESSION) },
  );
  expect(cases).toBeGreaterThanOrEqual(CASES);
  expect(errors).toBeGreaterThan(cases / 100);
  expect(errors).toBeLessThan(cases / 2);
  expect(oracle("value.n + 1")(FRAME)).toEqual({ value: 4 });
});
