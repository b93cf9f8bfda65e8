/**
 * Types of an expression: syntax tree and scope in, typed tree or faults out.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import { checkBinary } from "./check_binary.ts";
import { checkCall } from "./check_call.ts";
import { narrowBy, provesOf } from "./narrowing.ts";
import { parseExpression } from "./parser.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { Expression, ExpressionFault, ExpressionType, Scope, Span } from "./tree.ts";
import { BOOL, commonType, DOUBLE, describeType, INT, NULL, STRING } from "./types.ts";

export interface CheckResult {
  /** Absent when there are faults. */
  readonly expression?: Expression;
  readonly faults: readonly ExpressionFault[];
}

export interface CheckOptions {
  /** What messages call the record named `value`: the stream. @default the record's own name */
  readonly valueName?: string;
}

/** Parses and checks an expression's text. */
export function checkExpression(
  text: string,
  scope: Scope,
  options: CheckOptions = {},
): CheckResult {
  const { tree, faults } = parseExpression(text);
  if (tree === undefined) return { faults };
  const checker = new Checker(options);
  const expression = checker.check(tree, scope);
  return checker.faults.length > 0 || expression === undefined
    ? { faults: checker.faults }
    : { expression, faults: [] };
}

/** Undefined stands for a part whose fault is reported already: nothing more is said about it. */
export type Checked = Expression | undefined;

export class Checker {
  readonly faults: ExpressionFault[] = [];
  readonly #options: CheckOptions;

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  fault(code: string, span: Span, message: string, hint?: string): undefined {
    this.faults.push({ code, message, span, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }

  check(node: SyntaxNode, scope: Scope): Checked {
    const { span } = node;
    switch (node.op) {
      case "literal":
        return { op: "const", value: node.value, type: literalType(node.kind), span };
      case "name":
        return this.#name(node.name, span, scope);
      case "select":
        return this.#select(node, scope);
      case "index":
        return this.#index(node, scope);
      case "unary":
        return this.#unary(node, scope);
      case "binary":
        return node.operator === "&&" || node.operator === "||"
          ? this.#logical(node, scope)
          : checkBinary(this, node, scope);
      case "conditional":
        return this.#conditional(node, scope);
      case "list":
        return this.#list(node.elements, span, scope);
      case "map":
        return this.#map(node, scope);
      case "call":
        return checkCall(this, node, scope);
    }
  }

  /** Checks a part that must not be null. */
  present(node: SyntaxNode, scope: Scope): Checked {
    const checked = this.check(node, scope);
    if (checked === undefined) return undefined;
    if (checked.type.kind === "nullable") {
      return this.fault(
        "NULLABLE",
        checked.span,
        `${nameOf(checked)} may be null`,
        `prove that it is not: ${nameOf(checked)} != null && …`,
      );
    }
    if (checked.type.kind === "null") {
      return this.fault("TYPE_MISMATCH", checked.span, "null has no value to use here");
    }
    return checked;
  }

  condition(node: SyntaxNode, scope: Scope): Checked {
    const checked = this.present(node, scope);
    if (checked !== undefined && checked.type.kind !== "bool") {
      return this.fault(
        "TYPE_MISMATCH",
        checked.span,
        `A condition must be bool, this is ${describeType(checked.type)}`,
      );
    }
    return checked;
  }

  #name(name: string, span: Span, scope: Scope): Checked {
    const type = scope.get(name);
    if (type !== undefined) return { op: "path", root: name, path: [], type, span };
    const close = suggest(name, [...scope.keys()]);
    const value = scope.get("value");
    const isField = value?.kind === "record" && value.fields.some((field) => field.name === name);
    const hint = isField
      ? `did you mean value.${name}?`
      : close === undefined
        ? `there is ${[...scope.keys()].join(", ")}; text is written in 'single quotes'`
        : `did you mean ${close}?`;
    return this.fault("UNKNOWN_NAME", span, `Nothing here is named "${name}"`, hint);
  }

  #select(node: Extract<SyntaxNode, { op: "select" }>, scope: Scope): Checked {
    const operand = this.present(node.operand, scope);
    if (operand === undefined) return undefined;
    const { field, fieldSpan, span } = node;
    if (operand.type.kind === "map") {
      const index: Expression = { op: "const", value: field, type: STRING, span: fieldSpan };
      return { op: "index", operand, index, type: operand.type.value, span };
    }
    if (operand.type.kind !== "record") {
      return this.fault(
        "TYPE_MISMATCH",
        fieldSpan,
        `${nameOf(operand)} is ${describeType(operand.type)} and has no fields`,
      );
    }
    const found = operand.type.fields.find(({ name }) => name === field);
    if (found === undefined) {
      const names = operand.type.fields.map(({ name }) => name);
      const close = suggest(field, names);
      const owner = this.#ownerName(operand, operand.type.name);
      const tail = close === undefined ? "" : `; did you mean "${close}"?`;
      const hint = close === undefined ? `it has ${names.slice(0, 20).join(", ")}` : undefined;
      return this.fault(
        "UNKNOWN_FIELD",
        fieldSpan,
        `${owner} has no field "${field}"${tail}`,
        hint,
      );
    }
    return operand.op === "path"
      ? { op: "path", root: operand.root, path: [...operand.path, field], type: found.type, span }
      : { op: "select", operand, field, type: found.type, span };
  }

  #ownerName(operand: Expression, recordName: string): string {
    const isValue = operand.op === "path" && operand.root === "value" && operand.path.length === 0;
    return (isValue ? this.#options.valueName : undefined) ?? recordName.split(".").at(-1)!;
  }

  #index(node: Extract<SyntaxNode, { op: "index" }>, scope: Scope): Checked {
    const operand = this.present(node.operand, scope);
    const index = this.present(node.index, scope);
    if (operand === undefined || index === undefined) return undefined;
    const { span } = node;
    if (operand.type.kind === "list" && index.type.kind === "int") {
      return { op: "index", operand, index, type: operand.type.element, span };
    }
    if (
      operand.type.kind === "map" &&
      (index.type.kind === "string" || index.type.kind === "enum")
    ) {
      return { op: "index", operand, index, type: operand.type.value, span };
    }
    return this.fault(
      "TYPE_MISMATCH",
      span,
      `${describeType(operand.type)} cannot be indexed by ${describeType(index.type)}`,
    );
  }

  #unary(node: Extract<SyntaxNode, { op: "unary" }>, scope: Scope): Checked {
    const { operator, span } = node;
    if (operator === "!") {
      const operand = this.condition(node.operand, scope);
      return operand && { op: "unary", operator, operand, type: BOOL, span };
    }
    const operand = this.present(node.operand, scope);
    if (operand === undefined) return undefined;
    const { type } = operand;
    if (type.kind !== "int" && type.kind !== "double") {
      return this.fault("TYPE_MISMATCH", span, `- takes a number, this is ${describeType(type)}`);
    }
    return { op: "unary", operator, operand, type, span };
  }

  /** The right side sees what the left one proves when it did not decide. */
  #logical(node: Extract<SyntaxNode, { op: "binary" }>, scope: Scope): Checked {
    const isAnd = node.operator === "&&";
    const left = this.condition(node.left, scope);
    const inner = left === undefined ? scope : narrowBy(scope, provesOf(left, isAnd));
    const right = this.condition(node.right, inner);
    if (left === undefined || right === undefined) return undefined;
    return { op: isAnd ? "and" : "or", left, right, type: BOOL, span: node.span };
  }

  #conditional(node: Extract<SyntaxNode, { op: "conditional" }>, scope: Scope): Checked {
    const condition = this.condition(node.condition, scope);
    const proofs = (outcome: boolean) =>
      condition === undefined ? [] : provesOf(condition, outcome);
    let then = this.check(node.then, narrowBy(scope, proofs(true)));
    let otherwise = this.check(node.otherwise, narrowBy(scope, proofs(false)));
    if (condition === undefined || then === undefined || otherwise === undefined) return undefined;
    [then, otherwise] = unifyLiterals(then, otherwise);
    const type = commonType(then.type, otherwise.type);
    if (type === undefined) {
      return this.fault(
        "TYPE_MISMATCH",
        node.span,
        `The two values of ? : differ: ${describeType(then.type)} and ${describeType(otherwise.type)}`,
      );
    }
    return { op: "conditional", condition, then, otherwise, type, span: node.span };
  }

  #list(elements: readonly SyntaxNode[], span: Span, scope: Scope): Checked {
    const checked = elements.map((element) => this.check(element, scope));
    if (checked.some((element) => element === undefined)) return undefined;
    const all = checked as Expression[];
    const [first, ...rest] = all;
    if (first === undefined) {
      return this.fault("TYPE_MISMATCH", span, "An empty list has no type here");
    }
    let type: ExpressionType | undefined = first.type;
    for (const element of rest) {
      const [, other] = unifyLiterals(first, element);
      type = type === undefined ? undefined : commonType(type, other.type);
      if (type === undefined) {
        return this.fault(
          "TYPE_MISMATCH",
          element.span,
          `The elements of a list have one type: this is ${describeType(element.type)}, the first is ${describeType(first.type)}`,
        );
      }
    }
    return { op: "list", elements: all, type: { kind: "list", element: type }, span };
  }

  #map(node: Extract<SyntaxNode, { op: "map" }>, scope: Scope): Checked {
    const entries: { key: Expression; value: Expression }[] = [];
    let type: ExpressionType | undefined;
    for (const { key, value } of node.entries) {
      const checkedKey = this.present(key, scope);
      const checkedValue = this.check(value, scope);
      if (checkedKey === undefined || checkedValue === undefined) return undefined;
      if (checkedKey.type.kind !== "string" && checkedKey.type.kind !== "enum") {
        return this.fault("TYPE_MISMATCH", checkedKey.span, "The keys of a map are strings");
      }
      type = type === undefined ? checkedValue.type : commonType(type, checkedValue.type);
      if (type === undefined) {
        return this.fault("TYPE_MISMATCH", checkedValue.span, "The values of a map have one type");
      }
      entries.push({ key: checkedKey, value: checkedValue });
    }
    if (type === undefined) {
      return this.fault("TYPE_MISMATCH", node.span, "An empty map has no type here");
    }
    return { op: "map", entries, type: { kind: "map", value: type }, span: node.span };
  }
}

/** How a message names a part. */
export function nameOf(expression: Expression): string {
  return expression.op === "path" ? [expression.root, ...expression.path].join(".") : "this";
}

/** An integer literal takes the other side's type. */
export function unifyLiterals(left: Expression, right: Expression): [Expression, Expression] {
  if (isIntLiteral(left) && right.type.kind === "double") return [{ ...left, type: DOUBLE }, right];
  if (isIntLiteral(right) && left.type.kind === "double") return [left, { ...right, type: DOUBLE }];
  return [left, right];
}

function isIntLiteral(expression: Expression): boolean {
  return expression.op === "const" && expression.type.kind === "int";
}

function literalType(kind: "int" | "double" | "string" | "bool" | "null"): ExpressionType {
  return { int: INT, double: DOUBLE, string: STRING, bool: BOOL, null: NULL }[kind];
}
