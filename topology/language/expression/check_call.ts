/**
 * Types of calls: the function is found by name, the overload by its arguments.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import type { Checked, Checker } from "./check.ts";
import { ALIASES, FUNCTIONS, NOT_BUILT, type Overload } from "./functions.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { Expression, ExpressionType, Scope } from "./tree.ts";
import { BOOL, describeType, isText, NULL } from "./types.ts";
import { convertHint } from "./untyped.ts";

type CallSyntax = Extract<SyntaxNode, { op: "call" }>;

export function checkCall(checker: Checker, node: CallSyntax, scope: Scope): Checked {
  const { name, nameSpan, receiver, span } = node;
  if (name === "has" && receiver === undefined) return checkHas(checker, node, scope);
  const known = FUNCTIONS.get(name);
  if (known === undefined) return unknownFunction(checker, node);
  const form = receiver === undefined ? "function" : "method";
  if (known.form !== "both" && known.form !== form) {
    return checker.fault(
      "UNKNOWN_FUNCTION",
      nameSpan,
      form === "function"
        ? `${name} is a method: write x.${name}(…)`
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
      convertHint(args) ??
        `it takes ${known.overloads.map((o) => `(${o.arguments.map(kindName).join(", ")})`).join(" or ")}`,
    );
  }
  return { op: "call", name: overload.routine, arguments: args, type: overload.result, span };
}

function unknownFunction(checker: Checker, { name, nameSpan }: CallSyntax): undefined {
  if (NOT_BUILT.has(name)) {
    return checker.fault("NOT_BUILT", nameSpan, `${name}() is not built yet`);
  }
  const close = ALIASES.get(name) ?? suggest(name, [...FUNCTIONS.keys(), "has"]);
  return checker.fault(
    "UNKNOWN_FUNCTION",
    nameSpan,
    `there is no function "${name}"${close === undefined ? "" : `; did you mean "${close}"?`}`,
    close === undefined ? `there is ${[...FUNCTIONS.keys(), "has"].join(", ")}` : undefined,
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

function fits({ arguments: kinds }: Overload, args: readonly Expression[]): boolean {
  return kinds.length === args.length && kinds.every((kind, n) => accepts(kind, args[n]!.type));
}

function accepts(kind: Overload["arguments"][number], type: ExpressionType): boolean {
  return kind === "text" ? isText(type) : type.kind === kind;
}

const kindName = (kind: Overload["arguments"][number]): string =>
  kind === "text" ? "string" : kind;
