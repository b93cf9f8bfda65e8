/**
 * Types of calls: the function is found by name, the overload by its arguments.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import type { Checked, Checker } from "./check.ts";
import { FUNCTIONS, NOT_BUILT, type Overload } from "./functions.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { Expression, ExpressionType, Scope } from "./tree.ts";
import { describeType, isText } from "./types.ts";

type CallSyntax = Extract<SyntaxNode, { op: "call" }>;

export function checkCall(checker: Checker, node: CallSyntax, scope: Scope): Checked {
  const { name, nameSpan, receiver, span } = node;
  const known = FUNCTIONS.get(name);
  if (known === undefined) {
    if (NOT_BUILT.has(name)) {
      return checker.fault("NOT_BUILT", nameSpan, `${name} is part of CEL, but is not built yet`);
    }
    const close = suggest(name, [...FUNCTIONS.keys()]);
    return checker.fault(
      "UNKNOWN_FUNCTION",
      nameSpan,
      `There is no function "${name}"`,
      close === undefined
        ? `there is ${[...FUNCTIONS.keys()].join(", ")}`
        : `did you mean ${close}?`,
    );
  }
  const form = receiver === undefined ? "function" : "method";
  if (known.form !== "both" && known.form !== form) {
    return checker.fault(
      "UNKNOWN_FUNCTION",
      nameSpan,
      form === "function"
        ? `${name} is a method: write text.${name}(…)`
        : `${name} is a function: write ${name}(…)`,
    );
  }
  const nodes = receiver === undefined ? node.arguments : [receiver, ...node.arguments];
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
      `it takes ${known.overloads.map((o) => `(${o.arguments.map(kindName).join(", ")})`).join(" or ")}`,
    );
  }
  return { op: "call", name: overload.routine, arguments: args, type: overload.result, span };
}

function fits({ arguments: kinds }: Overload, args: readonly Expression[]): boolean {
  return kinds.length === args.length && kinds.every((kind, n) => accepts(kind, args[n]!.type));
}

function accepts(kind: Overload["arguments"][number], type: ExpressionType): boolean {
  return kind === "text" ? isText(type) : type.kind === kind;
}

const kindName = (kind: Overload["arguments"][number]): string =>
  kind === "text" ? "string" : kind;
