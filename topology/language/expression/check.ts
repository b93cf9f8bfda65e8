/**
 * Types of an expression: syntax tree and scope in, typed tree or faults out.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import { checkBinary } from "./check_binary.ts";
import { checkCall } from "./check_call.ts";
import { MAX_FAULTS } from "./lexer.ts";
import { typeOfAll, unifyLiterals } from "./literals.ts";
import { narrowBy, provesOf } from "./narrowing.ts";
import { parseExpression } from "./parser.ts";
import { partsOf } from "./parts.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { Expression, ExpressionFault, ExpressionType, Scope, Span } from "./tree.ts";
import {
  BOOL,
  BYTES,
  DOUBLE,
  describeType,
  INT,
  isText,
  NULL,
  STRING,
  shortName,
  whyUnsupported,
} from "./types.ts";
import { unknownNameHint } from "./unknown_name.ts";
import { convertHint, untypedField, untypedItem } from "./untyped.ts";

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
  const checker = new Checker(options, tree);
  const expression = checker.check(tree, scope);
  if (expression !== undefined) {
    checkLiterals(checker, expression);
    const why = whyUnsupported(expression.type);
    if (why !== undefined) checker.notBuilt(expression, why);
  }
  return checker.faults.length > 0 || expression === undefined
    ? { faults: checker.faults }
    : { expression, faults: [] };
}

/** Undefined stands for a part whose fault is reported already: nothing more is said about it. */
export type Checked = Expression | undefined;

export class Checker {
  readonly faults: ExpressionFault[] = [];
  readonly #options: CheckOptions;
  readonly #whole: SyntaxNode;

  constructor(options: CheckOptions, whole: SyntaxNode) {
    this.#options = options;
    this.#whole = whole;
  }

  fault(code: string, span: Span, message: string, hint?: string): undefined {
    this.faults.push({ code, message, span, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }

  notBuilt(expression: Expression, why: string): undefined {
    const message = `${nameOf(expression)} cannot be used in expressions yet: ${why}`;
    return this.fault("NOT_BUILT", expression.span, message);
  }

  check(node: SyntaxNode, scope: Scope): Checked {
    if (this.faults.length >= MAX_FAULTS) return undefined;
    const checked = this.#checked(node, scope);
    return checked?.type.kind === "unsupported"
      ? this.notBuilt(checked, checked.type.reason)
      : checked;
  }

  /** Checks a part that must not be null. */
  present(node: SyntaxNode, scope: Scope): Checked {
    const checked = this.check(node, scope);
    return checked && this.nonNull(checked);
  }

  nonNull(checked: Expression): Checked {
    if (checked.type.kind === "nullable") {
      const name = nameOf(checked);
      const hint =
        checked.op === "path"
          ? `prove that it is not: ${name} != null && …`
          : "only a name, or a field of one, can be proven not to be null";
      return this.fault("NULLABLE", checked.span, `${name} may be null`, hint);
    }
    if (checked.type.kind === "null") {
      return this.fault("TYPE_MISMATCH", checked.span, "null can only be compared, by == and !=");
    }
    return checked;
  }

  condition(node: SyntaxNode, scope: Scope): Checked {
    const checked = this.present(node, scope);
    if (checked !== undefined && checked.type.kind !== "bool") {
      return this.fault(
        "TYPE_MISMATCH",
        checked.span,
        `a condition must be bool, this is ${describeType(checked.type)}`,
        convertHint([checked], "bool"),
      );
    }
    return checked;
  }

  #checked(node: SyntaxNode, scope: Scope): Checked {
    const { span } = node;
    switch (node.op) {
      case "literal":
        if (node.kind === "bytes") return bytesLiteral(node.value, span);
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
        return this.#list(node, scope);
      case "map":
        return this.#map(node, scope);
      case "call":
        return checkCall(this, node, scope);
    }
  }

  #name(name: string, span: Span, scope: Scope): Checked {
    const type = scope.get(name);
    if (type !== undefined) return { op: "path", root: name, path: [], type, span };
    const hint = unknownNameHint(name, scope, this.#whole.op === "name");
    return this.fault("UNKNOWN_NAME", span, `nothing here is named "${name}"`, hint);
  }

  #select(node: Extract<SyntaxNode, { op: "select" }>, scope: Scope): Checked {
    const operand = this.present(node.operand, scope);
    if (operand === undefined) return undefined;
    const { field, fieldSpan, span } = node;
    if (operand.type.kind === "map") {
      const index: Expression = { op: "const", value: field, type: STRING, span: fieldSpan };
      return { op: "index", operand, index, type: operand.type.value, span };
    }
    if (operand.type.kind === "dyn") return untypedField(operand, field, fieldSpan, span);
    if (operand.type.kind !== "record") {
      return this.fault(
        "TYPE_MISMATCH",
        fieldSpan,
        `${nameOf(operand)} is ${describeType(operand.type)} and has no fields`,
        field === "length" ? "did you mean size(…)?" : undefined,
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
    return (isValue ? this.#options.valueName : undefined) ?? shortName(recordName);
  }

  #index(node: Extract<SyntaxNode, { op: "index" }>, scope: Scope): Checked {
    const operand = this.present(node.operand, scope);
    const index = this.present(node.index, scope);
    if (operand === undefined || index === undefined) return undefined;
    const { span } = node;
    if (operand.type.kind === "dyn" && index.type.kind === "int") {
      return untypedItem(operand, index, span);
    }
    if (operand.type.kind === "dyn" && index.op === "const" && isText(index.type)) {
      return untypedField(operand, String(index.value), index.span, span);
    }
    if (operand.type.kind === "list" && index.type.kind === "int") {
      return { op: "index", operand, index, type: operand.type.element, span };
    }
    if (operand.type.kind === "map" && isText(index.type)) {
      return { op: "index", operand, index, type: operand.type.value, span };
    }
    return this.fault(
      "TYPE_MISMATCH",
      span,
      `${describeType(operand.type)} cannot be indexed by ${describeType(index.type)}`,
      convertHint([index]),
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
      const message = `- takes a number, this is ${describeType(type)}`;
      return this.fault("TYPE_MISMATCH", span, message, convertHint([operand]));
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
    const arms = [
      this.check(node.then, narrowBy(scope, proofs(true))),
      this.check(node.otherwise, narrowBy(scope, proofs(false))),
    ];
    if (condition === undefined || !allChecked(arms)) return undefined;
    const [then, otherwise] = unifyLiterals(arms) as [Expression, Expression];
    const type = typeOfAll([then, otherwise]);
    if (type === undefined) {
      const types = `${describeType(arms[0]!.type)} and ${describeType(arms[1]!.type)}`;
      const message = `the two values of ? : have one type, not ${types}`;
      return this.fault("TYPE_MISMATCH", node.span, message, convertHint(arms));
    }
    return { op: "conditional", condition, then, otherwise, type, span: node.span };
  }

  #list(node: Extract<SyntaxNode, { op: "list" }>, scope: Scope): Checked {
    const checked = node.elements.map((element) => this.check(element, scope));
    if (!allChecked(checked)) return undefined;
    const elements = unifyLiterals(checked);
    const element = elements.length === 0 ? NULL : this.#oneType(elements, "elements of a list");
    return element && { op: "list", elements, type: { kind: "list", element }, span: node.span };
  }

  #map(node: Extract<SyntaxNode, { op: "map" }>, scope: Scope): Checked {
    const keys = node.entries.map(({ key }) => this.#mapKey(key, scope));
    const checked = node.entries.map(({ value }) => this.check(value, scope));
    if (!allChecked(keys) || !allChecked(checked)) return undefined;
    const seen = new Set<unknown>();
    const present: readonly Expression[] = keys;
    for (const key of present) {
      if (key.op !== "const") continue;
      if (seen.has(key.value)) {
        const message = `this map has the key ${JSON.stringify(key.value)} already`;
        return this.fault("DUPLICATE_KEY", key.span, message);
      }
      seen.add(key.value);
    }
    const values = unifyLiterals(checked);
    const value = values.length === 0 ? NULL : this.#oneType(values, "values of a map");
    if (value === undefined) return undefined;
    const entries = present.map((key, n) => ({ key, value: values[n]! }));
    return { op: "map", entries, type: { kind: "map", value }, span: node.span };
  }

  #mapKey(node: SyntaxNode, scope: Scope): Checked {
    const key = this.present(node, scope);
    if (key === undefined || isText(key.type)) return key;
    const message = `the keys of a map are strings, this is ${describeType(key.type)}`;
    return this.fault("TYPE_MISMATCH", key.span, message, convertHint([key]));
  }

  #oneType(parts: readonly Expression[], what: string): ExpressionType | undefined {
    const untyped = parts.find((part) => part.type.kind === "dyn");
    if (untyped !== undefined) {
      const message = `the ${what} need a type, this is ${describeType(untyped.type)}`;
      return this.fault("TYPE_MISMATCH", untyped.span, message, convertHint([untyped]));
    }
    const type = typeOfAll(parts);
    if (type !== undefined) return type;
    const other = parts.find((_, n) => typeOfAll(parts.slice(0, n + 1)) === undefined)!;
    const types = `${describeType(other.type)}, the first is ${describeType(parts[0]!.type)}`;
    const message = `the ${what} have one type: this is ${types}`;
    return this.fault("TYPE_MISMATCH", other.span, message);
  }
}

/** `[]` and `{}` that nothing has given a type: they stand for lists of null until then. */
function checkLiterals(checker: Checker, part: Expression): void {
  for (const inner of partsOf(part)) checkLiterals(checker, inner);
  const open =
    (part.op === "list" && part.elements.length === 0 && isListOfNull(part.type)) ||
    (part.op === "map" && part.entries.length === 0 && isMapOfNull(part.type));
  if (!open) return;
  const message =
    part.op === "list" ? "an empty list has no type here" : "an empty map has no type here";
  checker.fault("TYPE_MISMATCH", part.span, message);
}

const isListOfNull = (type: ExpressionType) => type.kind === "list" && type.element.kind === "null";
const isMapOfNull = (type: ExpressionType) => type.kind === "map" && type.value.kind === "null";

function allChecked(parts: readonly Checked[]): parts is readonly Expression[] {
  return !parts.includes(undefined);
}

/** How a message names a part. */
export function nameOf(expression: Expression): string {
  return expression.op === "path" ? [expression.root, ...expression.path].join(".") : "this";
}

function bytesLiteral(value: string, span: Span): Expression {
  const characters: Expression = { op: "const", value, type: STRING, span };
  return { op: "call", name: "bytesOf", arguments: [characters], type: BYTES, span };
}

function literalType(kind: "int" | "double" | "string" | "bool" | "null"): ExpressionType {
  return { int: INT, double: DOUBLE, string: STRING, bool: BOOL, null: NULL }[kind];
}
