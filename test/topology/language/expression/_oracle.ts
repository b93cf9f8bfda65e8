/**
 * `@bufbuild/cel` over the scope of `_check.ts`.
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
import type { ExpressionType } from "../../../../topology/language/mod.ts";
import { type Outcome, SCOPE } from "./_check.ts";

const { INT, DOUBLE } = CelScalar;

function inRange(value: bigint): bigint {
  if (BigInt.asIntN(54, value) === value && value !== -(2n ** 53n)) return value;
  throw new Error("beyond ±(2^53-1)");
}

function quotient(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error("division by zero");
  return a / b;
}

/** CEL as it is. */
export const CEL = celEnv({ funcs: strings });

/** CEL with ints of ±(2^53−1). */
export const SAFE_CEL = celEnv({
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

/** An evaluator; of an error it gives a message, no code. */
export function oracle(
  source: string,
  env: typeof CEL,
): (frame: Readonly<Record<string, unknown>>) => Outcome {
  const run = plan(env, parse(source));
  return (frame) => {
    const bindings = Object.fromEntries(
      [...SCOPE].map(([name, type]) => [name, toCel(frame[name], type)]),
    );
    const result = run(bindings);
    return isCelError(result) ? { error: result.message } : { value: fromCel(result) };
  };
}
