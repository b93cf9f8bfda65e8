/**
 * Types of calls: the function is found by name, the overload by its arguments.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import type { Checked, Checker } from "./check.ts";
import { checkMacro, MACROS } from "./check_macro.ts";
import {
  ALIASES,
  accepts,
  describeKind,
  FUNCTIONS,
  LEFT_OUT,
  type LibraryFunction,
  type Overload,
} from "./functions.ts";
import { whyNotPattern } from "./library/mod.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { Expression, Scope } from "./tree.ts";
import { BOOL, describeType, INT, NULL } from "./types.ts";
import { convertHint } from "./untyped.ts";

type CallSyntax = Extract<SyntaxNode, { op: "call" }>;

/** Prefix of functions that has the form of a receiver: `math.round(x)`. */
const NAMESPACE = "math";

export function checkCall(checker: Checker, node: CallSyntax, scope: Scope): Checked {
  const { name, receiver } = node;
  if (name === "has" && receiver === undefined) return checkHas(checker, node, scope);
  if (MACROS.has(name) && receiver !== undefined) return checkMacro(checker, node, receiver, scope);
  if (receiver?.op === "name" && receiver.name === NAMESPACE && !scope.has(NAMESPACE)) {
    const full = `${NAMESPACE}.${name}`;
    const known = FUNCTIONS.get(full);
    if (known === undefined) return unknownFunction(checker, node, full);
    return checkArguments(checker, node, full, known, node.arguments, scope);
  }
  const known = FUNCTIONS.get(name);
  if (known === undefined) return unknownFunction(checker, node, name);
  const form = receiver === undefined ? "function" : "method";
  if (known.form !== "both" && known.form !== form) {
    return checker.fault("UNKNOWN_FUNCTION", node.nameSpan, wrongForm(name, form));
  }
  const nodes = receiver === undefined ? node.arguments : [receiver, ...node.arguments];
  return checkArguments(checker, node, name, known, nodes, scope);
}

function wrongForm(name: string, form: "function" | "method"): string {
  return form === "function"
    ? `${name} is a method: write x.${name}(…)`
    : `${name} is a function: write ${name}(…)`;
}

function checkArguments(
  checker: Checker,
  { nameSpan, span }: CallSyntax,
  name: string,
  known: LibraryFunction,
  nodes: readonly SyntaxNode[],
  scope: Scope,
): Checked {
  const checked = nodes.map((argument) => checker.present(argument, scope));
  if (checked.some((argument) => argument === undefined)) return undefined;
  const args = checked as Expression[];
  const overload = known.overloads.find((candidate) => fits(candidate, args));
  if (overload === undefined) {
    const given = args.map(({ type }) => describeType(type)).join(", ");
    return checker.fault(
      "TYPE_MISMATCH",
      nameSpan,
      `${name} does not take (${given})`,
      convertHint(args) ??
        `it takes ${known.overloads.map((o) => `(${o.arguments.map(describeKind).join(", ")}${o.rest ? ", …" : ""})`).join(" or ")}`,
    );
  }
  if (overload.routine === "matches" && !checkPattern(checker, args[1]!)) return undefined;
  const type = overload.result === "first" ? args[0]!.type : overload.result;
  return { op: "call", name: overload.routine, arguments: withScale(args), type, span };
}

/** A pattern is compiled once, and its faults are found before anything runs: it is written out. */
function checkPattern(checker: Checker, pattern: Expression): boolean {
  if (pattern.op !== "const") {
    const message = "the pattern of matches has to be a text that stands in the expression";
    checker.fault("BAD_PATTERN", pattern.span, message);
    return false;
  }
  const why = whyNotPattern(String(pattern.value));
  if (why === undefined) return true;
  const hint = "patterns have RE2's syntax: no look-around, no references back";
  checker.fault("BAD_PATTERN", pattern.span, `this is no pattern: ${why}`, hint);
  return false;
}

/** Routines that take a decimal are told its scale. */
export function withScale(args: readonly Expression[]): Expression[] {
  return args.flatMap((argument) => {
    if (argument.type.kind !== "decimal") return [argument];
    const { scale } = argument.type;
    return [argument, { op: "const", value: scale, type: INT, span: argument.span } as const];
  });
}

function unknownFunction(checker: Checker, { nameSpan }: CallSyntax, name: string): undefined {
  const leftOut = LEFT_OUT.get(name);
  if (leftOut !== undefined) {
    const message = `${name}() is not part of the language`;
    return checker.fault("UNKNOWN_FUNCTION", nameSpan, message, leftOut);
  }
  const names = [...FUNCTIONS.keys(), ...MACROS.keys(), "has"];
  const close = ALIASES.get(name) ?? suggest(name, names);
  if (MACROS.has(name)) {
    const message = `${name} is a method of lists and maps: write list.${name}(x, …)`;
    return checker.fault("UNKNOWN_FUNCTION", nameSpan, message);
  }
  return checker.fault(
    "UNKNOWN_FUNCTION",
    nameSpan,
    `there is no function "${name}"${close === undefined ? "" : `; did you mean "${close}"?`}`,
    close === undefined ? `there is ${names.join(", ")}` : undefined,
  );
}

/** `has(x.f)`: the map x has the key "f", or the field f of the record x is not null. */
function checkHas(checker: Checker, node: CallSyntax, scope: Scope): Checked {
  const { span, nameSpan } = node;
  const [field, ...more] = node.arguments;
  if (field?.op !== "select" || more.length > 0) {
    const message = "has takes one field or key of something: has(x.f)";
    return checker.fault("TYPE_MISMATCH", nameSpan, message);
  }
  const found = checker.check(field, scope);
  if (found === undefined) return undefined;
  if (found.op === "index") {
    const { operand: right, index: left } = found;
    return { op: "binary", operator: "in", left, right, type: BOOL, span };
  }
  const right: Expression = { op: "const", value: null, type: NULL, span };
  return { op: "binary", operator: "!=", left: found, right, type: BOOL, span };
}

function fits({ arguments: kinds, rest }: Overload, args: readonly Expression[]): boolean {
  const isLong = rest ? args.length >= kinds.length : args.length === kinds.length;
  return isLong && args.every(({ type }, n) => accepts(kinds[n] ?? kinds.at(-1)!, type));
}
