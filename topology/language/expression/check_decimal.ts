/**
 * Comparisons of decimals, with one another and with numbers that stand in the expression.
 *
 * @module
 */

import type { Checked, Checker } from "./check.ts";
import { withScale } from "./check_call.ts";
import { encodeDecimal } from "./library/mod.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { BinaryOperator, Expression } from "./tree.ts";
import { BOOL, describeType, INT, STRING } from "./types.ts";

export function isDecimal(left: Expression, right: Expression): boolean {
  return left.type.kind === "decimal" || right.type.kind === "decimal";
}

/** `price > 9.90` compares exactly: the literal is taken digit by digit, not as the double it is. */
export function compareDecimals(
  checker: Checker,
  node: Extract<SyntaxNode, { op: "binary" }>,
  left: Expression,
  right: Expression,
): Checked {
  const sides = [left, right].map(asDecimal);
  const stranger = [left, right].find((_, n) => sides[n] === undefined);
  if (stranger !== undefined) {
    const message = `a decimal can be compared with decimals and number literals, this is ${describeType(stranger.type)}`;
    const hint = "decimals are converted by string(…), double(…), int(…)";
    return checker.fault("TYPE_MISMATCH", stranger.span, message, hint);
  }
  const { span } = node;
  const args = withScale(sides as Expression[]);
  return {
    op: "binary",
    operator: node.operator as BinaryOperator,
    left: { op: "call", name: "compareDecimal", arguments: args, type: INT, span },
    right: { op: "const", value: 0, type: INT, span },
    type: BOOL,
    span,
  };
}

function asDecimal(part: Expression): Expression | undefined {
  if (part.type.kind === "decimal") return part;
  if (part.op !== "const" || typeof part.value !== "number") return undefined;
  const { bytes, scale } = encodeDecimal(part.value);
  const { span } = part;
  const value: Expression = { op: "const", value: bytes, type: STRING, span };
  const type = { kind: "decimal", precision: Math.max(1, scale), scale } as const;
  return { op: "call", name: "bytesOf", arguments: [value], type, span };
}
