/**
 * Types of binary operators other than `&&` and `||`.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import { type Checked, type Checker, unifyLiterals } from "./check.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { BinaryOperator, Expression, ExpressionType, Scope } from "./tree.ts";
import { BOOL, commonType, describeType, isText, STRING } from "./types.ts";

type BinarySyntax = Extract<SyntaxNode, { op: "binary" }>;

export function checkBinary(checker: Checker, node: BinarySyntax, scope: Scope): Checked {
  const operator = node.operator as BinaryOperator;
  if (operator === "==" || operator === "!=") return checkEquality(checker, node, operator, scope);
  const left = checker.present(node.left, scope);
  const right = checker.present(node.right, scope);
  if (left === undefined || right === undefined) return undefined;
  if (operator === "in") return checkIn(checker, node, left, right);
  const [a, b] = unifyLiterals(left, right);
  const type = isOrder(operator)
    ? orderType(a.type, b.type)
    : arithmeticType(operator, a.type, b.type);
  if (type !== undefined)
    return { op: "binary", operator, left: a, right: b, type, span: node.span };
  return checker.fault(
    "TYPE_MISMATCH",
    node.operatorSpan,
    `${operator} does not take ${describeType(left.type)} and ${describeType(right.type)}`,
    mixHint(a, b),
  );
}

function isOrder(operator: BinaryOperator): boolean {
  return operator === "<" || operator === "<=" || operator === ">" || operator === ">=";
}

function orderType(left: ExpressionType, right: ExpressionType): ExpressionType | undefined {
  if (isText(left) && isText(right)) return BOOL;
  const ordered = ["int", "double", "bool", "bytes"];
  return left.kind === right.kind && ordered.includes(left.kind) ? BOOL : undefined;
}

function arithmeticType(
  operator: BinaryOperator,
  left: ExpressionType,
  right: ExpressionType,
): ExpressionType | undefined {
  if (left.kind === "int" && right.kind === "int") return left;
  if (left.kind === "double" && right.kind === "double") return operator === "%" ? undefined : left;
  if (operator !== "+") return undefined;
  if (isText(left) && isText(right)) return STRING;
  if (left.kind === "bytes" && right.kind === "bytes") return left;
  return left.kind === "list" && right.kind === "list" ? commonType(left, right) : undefined;
}

/** `write double(value.n)` where int and double meet. */
function mixHint(left: Expression, right: Expression): string | undefined {
  const kinds = [left.type.kind, right.type.kind].sort().join();
  if (kinds !== "double,int") return undefined;
  const int = left.type.kind === "int" ? left : right;
  return int.op === "path"
    ? `write double(${[int.root, ...int.path].join(".")})`
    : "convert the int with double(…)";
}

function checkEquality(
  checker: Checker,
  node: BinarySyntax,
  operator: "==" | "!=",
  scope: Scope,
): Checked {
  const left = checker.check(node.left, scope);
  const right = checker.check(node.right, scope);
  if (left === undefined || right === undefined) return undefined;
  const [a, b] = unifyLiterals(left, right);
  const unknown = unknownSymbol(checker, a, b) || unknownSymbol(checker, b, a);
  if (unknown) return undefined;
  const isNullTest = a.type.kind === "null" || b.type.kind === "null";
  if (isNullTest || commonType(a.type, b.type) !== undefined) {
    return { op: "binary", operator, left: a, right: b, type: BOOL, span: node.span };
  }
  return checker.fault(
    "TYPE_MISMATCH",
    node.operatorSpan,
    `${operator} cannot compare ${describeType(left.type)} with ${describeType(right.type)}`,
    mixHint(a, b),
  );
}

function checkIn(
  checker: Checker,
  node: BinarySyntax,
  left: Expression,
  right: Expression,
): Checked {
  const { span, operatorSpan } = node;
  if (right.type.kind === "map" && isText(left.type)) {
    return { op: "binary", operator: "in", left, right, type: BOOL, span };
  }
  if (right.type.kind !== "list") {
    return checker.fault(
      "TYPE_MISMATCH",
      operatorSpan,
      `in takes a list or a map on its right, this is ${describeType(right.type)}`,
    );
  }
  let unknown = false;
  for (const element of right.op === "list" ? right.elements : []) {
    if (unknownSymbol(checker, left, element)) unknown = true;
  }
  if (unknown) return undefined;
  const [item] = unifyLiterals(left, { ...left, type: right.type.element });
  if (commonType(item.type, right.type.element) === undefined) {
    return checker.fault(
      "TYPE_MISMATCH",
      operatorSpan,
      `A list of ${describeType(right.type.element)} cannot hold ${describeType(left.type)}`,
      mixHint(left, { ...left, type: right.type.element }),
    );
  }
  return { op: "binary", operator: "in", left: item, right, type: BOOL, span };
}

/** A text that the enum beside it does not have. */
function unknownSymbol(checker: Checker, side: Expression, literal: Expression): boolean {
  const type = side.type.kind === "nullable" ? side.type.type : side.type;
  if (type.kind !== "enum" || literal.op !== "const" || typeof literal.value !== "string")
    return false;
  if (type.symbols.includes(literal.value)) return false;
  const close = suggest(literal.value, type.symbols);
  const name = type.name.split(".").at(-1);
  checker.fault(
    "UNKNOWN_SYMBOL",
    literal.span,
    `${name} has no symbol "${literal.value}"${close === undefined ? "" : `; did you mean "${close}"?`}`,
    close === undefined ? `it has ${type.symbols.slice(0, 20).join(", ")}` : undefined,
  );
  return true;
}
