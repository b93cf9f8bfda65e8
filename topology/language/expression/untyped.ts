/**
 * Untyped JSON in expressions: its fields and elements can be named, and converted. An operator or a
 * function that needs a type refuses it with a hint that says how to convert.
 *
 * @module
 */

import type { Expression, Span } from "./tree.ts";
import { DYN, STRING } from "./types.ts";

/** `operand.field`; null when there is no such field. */
export function untypedField(
  operand: Expression,
  field: string,
  fieldSpan: Span,
  span: Span,
): Expression {
  const name: Expression = { op: "const", value: field, type: STRING, span: fieldSpan };
  return { op: "call", name: "untypedField", arguments: [operand, name], type: DYN, span };
}

/** `operand[index]` of a list. */
export function untypedItem(operand: Expression, index: Expression, span: Span): Expression {
  return { op: "call", name: "untypedItem", arguments: [operand, index], type: DYN, span };
}

const CONVERSIONS = ["int", "double", "string", "bool"] as const;

/**
 * `convert: int(value.n)`, when one of the parts has no type.
 *
 * @param to the type that is asked for, where only one is
 */
export function convertHint(
  parts: readonly Expression[],
  to: (typeof CONVERSIONS)[number] = "int",
): string | undefined {
  const untyped = parts.find(({ type }) => type.kind === "dyn");
  if (untyped === undefined) return undefined;
  const name = textOf(untyped);
  if (name === undefined) return `convert it with ${CONVERSIONS.join(", ")}`;
  return `convert: ${to}(${name}); there is ${CONVERSIONS.join(", ")}`;
}

function textOf(expression: Expression): string | undefined {
  if (expression.op === "path") return [expression.root, ...expression.path].join(".");
  if (expression.op !== "call") return undefined;
  const [operand, step] = expression.arguments;
  const before = operand && textOf(operand);
  if (before === undefined || step?.op !== "const") return undefined;
  if (expression.name === "untypedField") return `${before}.${step.value}`;
  return expression.name === "untypedItem" ? `${before}[${step.value}]` : undefined;
}
