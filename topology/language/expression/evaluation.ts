/**
 * What both back ends decide alike, so that they give the same values, errors and costs.
 *
 * @module
 */

import { CONSTANT, type LibraryName } from "./library/mod.ts";
import { bodyOf, partsOf } from "./parts.ts";
import type { BinaryOperator, Expression, MacroName } from "./tree.ts";
import { isPlain, isText } from "./types.ts";

export const MACRO_ROUTINES = {
  all: "all",
  exists: "exists",
  exists_one: "existsOne",
  filter: "filterList",
  map: "mapList",
} as const satisfies Record<MacroName, LibraryName>;

/** Has its evaluation to begin with a full budget? */
export function isCharged(expression: Expression): boolean {
  return chargesItself(expression) || partsOf(expression).some(isCharged);
}

function chargesItself(expression: Expression): boolean {
  switch (expression.op) {
    case "macro":
      return true;
    case "call":
      return !CONSTANT.has(expression.name);
    case "binary":
      return isLong(expression.operator, expression.left, expression.right);
    default:
      return false;
  }
}

/** Does an operator look at more than a number of each side, in a way that is charged? */
function isLong(operator: BinaryOperator, left: Expression, right: Expression): boolean {
  switch (operator) {
    case "==":
    case "!=":
      return !isNullTest(left, right) && !(isPlain(left.type) && isPlain(right.type));
    case "in":
      return right.type.kind === "list" && !isInline(left, right);
    default:
      return !["int", "double", "bool"].includes(left.type.kind);
  }
}

/** A test for null needs no deep comparison, whatever the other side is. */
export function isNullTest(left: Expression, right: Expression): boolean {
  return left.type.kind === "null" || right.type.kind === "null";
}

/** Is `in` a row of comparisons: a name, cheap to repeat, among constants? */
export function isInline(
  left: Expression,
  right: Expression,
): right is Extract<Expression, { op: "list" }> {
  return (
    left.op === "path" &&
    right.op === "list" &&
    right.elements.every(({ op, type }) => op === "const" && isPlain(type))
  );
}

/** Does `==` compare two texts of the record? Each time may read all of them, which adds up in a loop. */
export function isTextComparison(left: Expression, right: Expression): boolean {
  return left.op !== "const" && right.op !== "const" && isText(left.type) && isText(right.type);
}

/** What one step of a macro costs: the parts of its body, without the bodies of macros in it. */
export function stepCost(macro: Extract<Expression, { op: "macro" }>): number {
  const count = (part: Expression): number =>
    (part.op === "macro" ? [part.range] : partsOf(part)).reduce((sum, p) => sum + count(p), 1);
  return bodyOf(macro).reduce((sum, part) => sum + count(part), 1);
}
