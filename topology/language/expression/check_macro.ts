/**
 * Types of macros: `list.all(x, x > 0)`. Over a map the element is its key.
 *
 * @module
 */

import { type Checked, type Checker, nameOf } from "./check.ts";
import { narrowScope } from "./narrowing.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { Expression, ExpressionType, MacroName, Scope } from "./tree.ts";
import { BOOL, describeType, STRING } from "./types.ts";

type CallSyntax = Extract<SyntaxNode, { op: "call" }>;

/** With what follows the variable. */
export const MACROS: ReadonlyMap<string, string> = new Map<MacroName, string>([
  ["all", "condition"],
  ["exists", "condition"],
  ["exists_one", "condition"],
  ["filter", "condition"],
  ["map", "value"],
]);

export function checkMacro(
  checker: Checker,
  node: CallSyntax,
  receiver: SyntaxNode,
  scope: Scope,
): Checked {
  const macro = node.name as MacroName;
  const { span, nameSpan } = node;
  const [variableNode, ...body] = node.arguments;
  if (variableNode === undefined || body.length < 1 || body.length > (macro === "map" ? 2 : 1)) {
    const form = `write ${macro}(x, ${MACROS.get(macro)})`;
    const hint = macro === "map" ? `${form} or map(x, condition, value)` : form;
    const message = `${macro} takes a name for the element and what to do with it`;
    return checker.fault("TYPE_MISMATCH", nameSpan, message, hint);
  }
  if (variableNode.op !== "name") {
    const message = `the first argument of ${macro} names the element: ${macro}(x, …)`;
    return checker.fault("TYPE_MISMATCH", variableNode.span, message);
  }
  const variable = variableNode.name;
  const range = rangeOf(checker, receiver, scope);
  if (range === undefined) return undefined;
  const { element } = range.type as Extract<ExpressionType, { kind: "list" }>;
  const inner = new Map(scope).set(variable, element);
  const parts = { op: "macro", macro, range, variable, span } as const;
  if (macro === "map") {
    const predicate = body.length === 2 ? checker.condition(body[0]!, inner) : undefined;
    if (body.length === 2 && predicate === undefined) return undefined;
    const proven = predicate === undefined ? inner : narrowScope(inner, predicate);
    const result = checker.check(body.at(-1)!, proven);
    if (result === undefined) return undefined;
    const type: ExpressionType = { kind: "list", element: result.type };
    return { ...parts, ...(predicate === undefined ? {} : { predicate }), result, type };
  }
  const predicate = checker.condition(body[0]!, inner);
  if (predicate === undefined) return undefined;
  // What the predicate proves of an element holds for all that are kept.
  const kept = narrowScope(inner, predicate).get(variable)!;
  const type: ExpressionType = macro === "filter" ? { kind: "list", element: kept } : BOOL;
  return { ...parts, predicate, type };
}

/** A list: the receiver, or the keys of a map. */
function rangeOf(checker: Checker, node: SyntaxNode, scope: Scope): Checked {
  const range = checker.present(node, scope);
  if (range === undefined || range.type.kind === "list") return range;
  if (range.type.kind === "map") {
    const type: ExpressionType = { kind: "list", element: STRING };
    const keys: Expression = {
      op: "call",
      name: "keysOf",
      arguments: [range],
      type,
      span: range.span,
    };
    return keys;
  }
  const message = `${nameOf(range)} is ${describeType(range.type)}: only lists and maps can be looped over`;
  return checker.fault("TYPE_MISMATCH", range.span, message);
}
