/**
 * Checks of one argument: which types each kind takes, and how that is said.
 *
 * @module
 */

import type { Path, Report } from "../../document/mod.ts";
import {
  type Expression,
  type ExpressionType,
  holdsUntyped,
  type Scope,
} from "../../expression/mod.ts";
import { checkText } from "../expressions.ts";
import { showType } from "../types.ts";
import { type Part, spanOf } from "./call.ts";
import type { Trials } from "./laws.ts";
import type { ArgumentKind, ArgumentSpec } from "./spec.ts";

export interface CallSite {
  readonly scope: Scope;
  readonly path: Path;
  readonly report: Report;
  /** What messages call the record. */
  readonly valueName: string | undefined;
  /** Partitions that its sources are declared with, of all of them together. */
  readonly partitions: number;
  readonly trials: Trials;
}

interface Rule {
  readonly kinds: readonly ExpressionType["kind"][];
  readonly words: string;
}

const RULES: Record<Exclude<ArgumentKind, "any" | "limit" | "condition">, Rule> = {
  number: { kinds: ["int", "double"], words: "an int or a double" },
  comparable: { kinds: ["int", "double", "string", "enum"], words: "an int, a double or a string" },
  countable: { kinds: ["int", "string", "enum", "bool"], words: "an int, a string or a bool" },
  distinguishable: {
    kinds: ["int", "double", "string", "enum", "bool"],
    words: "an int, a double, a string or a bool",
  },
};

/** @returns undefined when it is wrong, which has been reported */
export function checkArgument(
  aggregator: string,
  { name, takes }: ArgumentSpec,
  part: Part,
  { scope, path, report, valueName }: CallSite,
): Expression | undefined {
  const argument = checkText(part.text, scope, path, report, { offset: part.start, valueName });
  if (argument === undefined) return undefined;
  const { type } = argument;
  const span = { start: argument.span.start + part.start, end: argument.span.end + part.start };
  const refuse = (message: string, hint?: string): undefined => {
    report.error("TYPE_MISMATCH", path, message, { span, hint });
  };
  if (takes === "condition") {
    if (type.kind === "bool") return argument;
    return refuse(`count(…) counts where a condition holds; this is ${showType(type)}`);
  }
  if (takes === "any") {
    const why = whyNotKept(type);
    return why === undefined ? argument : refuse(`${aggregator} cannot keep this: ${why}`);
  }
  const { kinds, words } = RULES[takes as keyof typeof RULES];
  if (kinds.includes(type.kind)) return argument;
  const subject = name === "x" ? aggregator : `${name} of ${aggregator}`;
  const isNullable = type.kind === "nullable" && kinds.includes(type.type.kind);
  return refuse(
    `${subject} takes ${words}; this is ${showType(type)}`,
    isNullable ? "prove that it is not null: filter: … != null" : undefined,
  );
}

/** Why a value of the type cannot be kept in state; undefined when it can. */
export function whyNotKept(type: ExpressionType): string | undefined {
  if (type.kind === "null") return "null alone has no type";
  if (type.kind === "dyn" || holdsUntyped(type)) {
    return "untyped json has no schema: convert it, as in int(value.n)";
  }
  return undefined;
}

/** A whole number that is written out. */
export function checkLimit(
  aggregator: string,
  { name, most = 1 }: ArgumentSpec,
  part: Part,
  { path, report }: CallSite,
): number | undefined {
  const text = part.text.trim();
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= most) return limit;
  const message = `${name} of ${aggregator} is a whole number from 1 to ${most}, written out`;
  report.error("BAD_AGGREGATOR", path, message, { span: spanOf(part) });
  return undefined;
}
