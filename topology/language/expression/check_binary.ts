/**
 * Types of binary operators other than `&&` and `||`.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import type { Checked, Checker } from "./check.ts";
import { compareDecimals, isDecimal } from "./check_decimal.ts";
import { literalAs, unifyLiterals } from "./literals.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { BinaryOperator, Expression, ExpressionType, Scope } from "./tree.ts";
import {
  BOOL,
  commonType,
  describeType,
  holdsDecimal,
  isText,
  STRING,
  shortName,
} from "./types.ts";
import { convertHint } from "./untyped.ts";

type BinarySyntax = Extract<SyntaxNode, { op: "binary" }>;

export function checkBinary(checker: Checker, node: BinarySyntax, scope: Scope): Checked {
  const operator = node.operator as BinaryOperator;
  if (operator === "==" || operator === "!=") return checkEquality(checker, node, operator, scope);
  const left = checker.present(node.left, scope);
  const right = checker.present(node.right, scope);
  if (left === undefined || right === undefined) return undefined;
  if (operator === "in") return checkIn(checker, node, left, right);
  if (isOrder(operator) && isDecimal(left, right))
    return compareDecimals(checker, node, left, right);
  const [a, b] = unifyLiterals([left, right]) as [Expression, Expression];
  const type = isOrder(operator)
    ? orderType(a.type, b.type)
    : arithmeticType(operator, a.type, b.type);
  if (type !== undefined)
    return { op: "binary", operator, left: a, right: b, type, span: node.span };
  return checker.fault(
    "TYPE_MISMATCH",
    node.operatorSpan,
    `${operator} does not take ${describeType(left.type)} and ${describeType(right.type)}`,
    isOrder(operator) && left.op === "binary" && isOrder(left.operator)
      ? "write a < b && b < c"
      : mixHint(a, b, operator),
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
function mixHint(
  left: Expression,
  right: Expression,
  operator?: BinaryOperator,
): string | undefined {
  const convert = convertHint([left, right]);
  if (convert !== undefined) return convert;
  if (holdsDecimal(left.type) || holdsDecimal(right.type)) {
    return "decimals are compared one by one, and converted by string(…), double(…), int(…)";
  }
  if (left.type.kind === "uuid" || right.type.kind === "uuid") {
    return "write string(…): the text of a uuid";
  }
  if (isText(left.type) !== isText(right.type)) return textHint(left, right, operator);
  const kinds = [left.type.kind, right.type.kind].sort().join();
  if (kinds !== "double,int") return undefined;
  const int = left.type.kind === "int" ? left : right;
  return int.op === "path"
    ? `write double(${[int.root, ...int.path].join(".")})`
    : "convert the int with double(…)";
}

/** Text where a number or a boolean is on the other side. */
function textHint(
  left: Expression,
  right: Expression,
  operator: BinaryOperator | undefined,
): string | undefined {
  const [text, other] = isText(left.type) ? [left, right] : [right, left];
  if (!["int", "double", "bool"].includes(other.type.kind)) return undefined;
  const name = other.op === "path" ? [other.root, ...other.path].join(".") : undefined;
  if (operator === "+") return name === undefined ? undefined : `write string(${name})`;
  if (text.op === "const" && /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(String(text.value))) {
    return `write ${text.value} without quotes`;
  }
  if (other.op === "const" && text.type.kind === "string") return `write '${other.value}'`;
  return undefined;
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
  const { span } = node;
  if (left.type.kind === "null" || right.type.kind === "null") {
    return { op: "binary", operator, left, right, type: BOOL, span };
  }
  const present = [checker.nonNull(left), checker.nonNull(right)];
  if (present.includes(undefined)) return undefined;
  if (isDecimal(left, right)) return compareDecimals(checker, node, left, right);
  const unknown = [unknownSymbol(checker, left, right), unknownSymbol(checker, right, left)];
  if (unknown.includes(true)) return undefined;
  const [a, b] = unifyLiterals([left, right]) as [Expression, Expression];
  const untyped = a.type.kind === "dyn" || b.type.kind === "dyn";
  if (!untyped && commonType(a.type, b.type) !== undefined && !holdsDecimal(a.type)) {
    return { op: "binary", operator, left: a, right: b, type: BOOL, span };
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
      isText(right.type)
        ? "for one value write ==, for a part of a text x.contains(…)"
        : convertHint([left]),
    );
  }
  if (unknownSymbol(checker, { ...right, type: right.type.element }, left)) return undefined;
  if (right.op === "list") {
    const unknown = right.elements.filter((element) => unknownSymbol(checker, left, element));
    if (unknown.length > 0) return undefined;
  }
  const item = literalAs(left, right.type.element);
  const list = literalAs(right, { kind: "list", element: item.type });
  const element = list.type.kind === "list" ? list.type.element : right.type.element;
  if (commonType(item.type, element) !== undefined && !holdsDecimal(element)) {
    return { op: "binary", operator: "in", left: item, right: list, type: BOOL, span };
  }
  return checker.fault(
    "TYPE_MISMATCH",
    operatorSpan,
    `a list of ${describeType(element)} cannot hold ${describeType(left.type)}`,
    mixHint(left, { ...left, type: element }),
  );
}

/** A text that the enum beside it does not have, alone or as an arm of `? :`. */
function unknownSymbol(checker: Checker, side: Expression, literal: Expression): boolean {
  const type = side.type.kind === "nullable" ? side.type.type : side.type;
  if (type.kind !== "enum") return false;
  if (literal.op === "conditional") {
    const arms = [literal.then, literal.otherwise];
    return arms.filter((arm) => unknownSymbol(checker, side, arm)).length > 0;
  }
  if (literal.op !== "const" || typeof literal.value !== "string") return false;
  if (type.symbols.includes(literal.value)) return false;
  const close = suggest(literal.value, type.symbols);
  checker.fault(
    "UNKNOWN_SYMBOL",
    literal.span,
    `${shortName(type.name)} has no symbol "${literal.value}"${close === undefined ? "" : `; did you mean "${close}"?`}`,
    close === undefined ? `it has ${type.symbols.slice(0, 20).join(", ")}` : undefined,
  );
  return true;
}
