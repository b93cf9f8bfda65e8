/**
 * The first back end: JavaScript source of one expression.
 *
 * Only constants reach the text, through `JSON.stringify`; names of fields do only where `env.path`
 * puts them.
 *
 * @module
 */

import { canFail } from "./failing.ts";
import type { LibraryName } from "./library.ts";
import type { BinaryOperator, Expression, ExpressionType } from "./tree.ts";
import { isText } from "./types.ts";

export interface CodeEnvironment {
  /** Source of a variable followed by fields; usually a local's name. */
  path(root: string, path: readonly string[], type: ExpressionType): string;
  /** Name under which generated code reaches `expressionLibrary`. */
  readonly library: string;
}

export function generateExpression(expression: Expression, env: CodeEnvironment): string {
  const source = (part: Expression): string => generateExpression(part, env);
  const call: Call = (routine, ...args) => `${env.library}.${routine}(${args.join(", ")})`;
  switch (expression.op) {
    case "const":
      return constantSource(expression.value);
    case "path":
      return env.path(expression.root, expression.path, expression.type);
    case "select":
      return call("field", source(expression.operand), textSource(expression.field));
    case "index":
      return call(
        expression.operand.type.kind === "list" ? "at" : "get",
        source(expression.operand),
        source(expression.index),
      );
    case "unary":
      if (expression.operator === "!") return `(!${source(expression.operand)})`;
      return expression.type.kind === "int"
        ? `(0 - ${source(expression.operand)})`
        : `(-${source(expression.operand)})`;
    case "binary":
      return binarySource(expression.operator, expression.left, expression.right, source, call);
    case "and":
    case "or":
      return logicalSource(expression, source, call);
    case "conditional": {
      const { condition, then, otherwise } = expression;
      return `(${source(condition)} ? ${source(then)} : ${source(otherwise)})`;
    }
    case "list":
      return `[${expression.elements.map(source).join(", ")}]`;
    case "map":
      return call(
        "map",
        `[${expression.entries.map(({ key, value }) => `[${source(key)}, ${source(value)}]`).join(", ")}]`,
      );
    case "call":
      return call(expression.name as LibraryName, ...expression.arguments.map(source));
  }
}

type Source = (part: Expression) => string;
type Call = (routine: LibraryName, ...args: readonly string[]) => string;

const CHECKED: Partial<Record<BinaryOperator, LibraryName>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "modulo",
};

function binarySource(
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  source: Source,
  call: Call,
): string {
  const a = source(left);
  const b = source(right);
  switch (operator) {
    case "==":
    case "!=": {
      const plain = isPlain(left.type) && isPlain(right.type);
      // A test for null needs no deep comparison, whatever the other side is.
      if (plain || left.type.kind === "null" || right.type.kind === "null")
        return `(${a} ${operator}= ${b})`;
      return operator === "==" ? call("equals", a, b) : `(!${call("equals", a, b)})`;
    }
    case "in":
      return inSource(left, right, source, call);
    case "<":
    case "<=":
    case ">":
    case ">=":
      if (isText(left.type)) return `(${call("compareText", a, b)} ${operator} 0)`;
      if (left.type.kind === "bytes") return `(${call("compareBytes", a, b)} ${operator} 0)`;
      if (left.type.kind === "bool") return `(${call("compareBool", a, b)} ${operator} 0)`;
      return `(${a} ${operator} ${b})`;
    default:
      if (left.type.kind === "int") return call(CHECKED[operator]!, a, b);
      if (left.type.kind === "bytes") return call("concatBytes", a, b);
      if (left.type.kind === "list") return call("concatList", a, b);
      return `(${a} ${operator} ${b})`;
  }
}

/** Among constant texts: comparisons, if the left side is cheap to repeat. */
function inSource(left: Expression, right: Expression, source: Source, call: Call): string {
  if (right.type.kind === "map") return call("inMap", source(left), source(right));
  const constants =
    right.op === "list" && right.elements.every(({ op, type }) => op === "const" && isPlain(type));
  if (constants && left.op === "path" && right.op === "list") {
    if (right.elements.length === 0) return "false";
    const item = source(left);
    return `(${right.elements.map((element) => `${item} === ${source(element)}`).join(" || ")})`;
  }
  return call("inList", source(left), source(right));
}

/** Where nothing on the left can fail, `&&` and `||` are JavaScript's own. */
function logicalSource(
  expression: Extract<Expression, { op: "and" | "or" }>,
  source: Source,
  call: Call,
): string {
  const { left, right } = expression;
  const isAnd = expression.op === "and";
  if (!canFail(left)) return `(${source(left)} ${isAnd ? "&&" : "||"} ${source(right)})`;
  return call("absorb", `() => ${source(left)}`, `() => ${source(right)}`, String(!isAnd));
}

/** Compared with === : numbers, texts, bools, null. */
function isPlain(type: ExpressionType): boolean {
  switch (type.kind) {
    case "int":
    case "double":
    case "string":
    case "enum":
    case "bool":
    case "null":
      return true;
    case "nullable":
      return isPlain(type.type);
    default:
      return false;
  }
}

function constantSource(value: number | string | boolean | null): string {
  if (typeof value === "string") return textSource(value);
  // String(-0) is "0".
  if (Object.is(value, -0)) return "(-0)";
  return typeof value === "number" && value < 0 ? `(${value})` : String(value);
}

function textSource(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
