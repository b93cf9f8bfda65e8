/**
 * The first back end: JavaScript source of one expression.
 *
 * Only constants reach the text, through `JSON.stringify`; names of fields do only where `env.path`
 * puts them.
 *
 * @module
 */

import {
  isCharged,
  isInline,
  isNullTest,
  isTextComparison,
  MACRO_ROUTINES,
  stepCost,
} from "./evaluation.ts";
import { canFail } from "./failing.ts";
import type { LibraryName } from "./library/mod.ts";
import type { BinaryOperator, Expression, ExpressionType } from "./tree.ts";
import { isPlain, isText } from "./types.ts";

export interface CodeEnvironment {
  /** Source of a variable followed by fields; usually a local's name, never `$` and a number. */
  path(root: string, path: readonly string[], type: ExpressionType): string;
  /**
   * Whether a variable can be null whatever its type says. Comparisons and `in` then see the null; any
   * other use of it fails with NULL_VALUE.
   * @default none
   */
  mayBeNull?(root: string): boolean;
  /** Name under which generated code reaches `expressionLibrary`. */
  readonly library: string;
}

export function generateExpression(expression: Expression, env: CodeEnvironment): string {
  const source = new Generator(env).source(expression);
  return isCharged(expression) ? `(${env.library}.begin(), ${source})` : source;
}

class Generator {
  readonly #env: CodeEnvironment;
  /** Variables of the macros around, outermost first: the element of the n-th is the local `$n`. */
  #variables: readonly string[] = [];

  constructor(env: CodeEnvironment) {
    this.#env = env;
  }

  source(expression: Expression): string {
    const source: Source = (part) => this.source(part);
    const compared: Source = (part) => this.#compared(part);
    const call: Call = (routine, ...args) => `${this.#env.library}.${routine}(${args.join(", ")})`;
    switch (expression.op) {
      case "const":
        return constantSource(expression.value);
      case "path":
        return this.#path(expression, call);
      case "select":
        return call("field", source(expression.operand), textSource(expression.field));
      case "index": {
        const routine = expression.operand.type.kind === "list" ? "at" : "get";
        return call(routine, source(expression.operand), source(expression.index));
      }
      case "unary":
        if (expression.operator === "!") return `(!${source(expression.operand)})`;
        return expression.type.kind === "int"
          ? `(0 - ${source(expression.operand)})`
          : `(-${source(expression.operand)})`;
      case "binary":
        if (this.#variables.length > 0 && isTextComparison(expression.left, expression.right)) {
          const { operator, left, right } = expression;
          if (operator === "==") return call("sameText", compared(left), compared(right));
          if (operator === "!=") return `(!${call("sameText", compared(left), compared(right))})`;
        }
        return binarySource(expression, source, compared, call);
      case "and":
      case "or":
        return logicalSource(expression, source, call);
      case "conditional": {
        const { condition, then, otherwise } = expression;
        return `(${source(condition)} ? ${source(then)} : ${source(otherwise)})`;
      }
      case "list":
        return `[${expression.elements.map(source).join(", ")}]`;
      case "map": {
        const entries = expression.entries.map(
          ({ key, value }) => `[${source(key)}, ${source(value)}]`,
        );
        return call("map", `[${entries.join(", ")}]`);
      }
      case "call":
        return call(expression.name as LibraryName, ...expression.arguments.map(source));
      case "macro":
        return this.#macro(expression, call);
    }
  }

  #path({ root, path, type }: Extract<Expression, { op: "path" }>, call: Call): string {
    const depth = this.#variables.lastIndexOf(root);
    if (depth < 0) return this.#variable(root, path, type, call);
    return path.reduce((record, name) => call("field", record, textSource(name)), `$${depth}`);
  }

  #variable(root: string, path: readonly string[], type: ExpressionType, call: Call): string {
    const source = this.#env.path(root, path, type);
    const isTyped = path.length === 0 && type.kind !== "nullable" && type.kind !== "null";
    return isTyped && this.#env.mayBeNull?.(root)
      ? call("given", source, textSource(root))
      : source;
  }

  /** A side of a comparison: a variable that is null is so here. */
  #compared(part: Expression): string {
    const isVariable =
      part.op === "path" && part.path.length === 0 && !this.#variables.includes(part.root);
    return isVariable ? this.#env.path(part.root, [], part.type) : this.source(part);
  }

  #macro(expression: Extract<Expression, { op: "macro" }>, call: Call): string {
    const range = this.source(expression.range);
    const outer = this.#variables;
    this.#variables = [...outer, expression.variable];
    const bodies = [expression.result, expression.predicate]
      .filter((body) => body !== undefined)
      .map((body) => `($${outer.length}) => ${this.source(body)}`);
    this.#variables = outer;
    return call(MACRO_ROUTINES[expression.macro], range, String(stepCost(expression)), ...bodies);
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
  { operator, left, right }: Extract<Expression, { op: "binary" }>,
  source: Source,
  compared: Source,
  call: Call,
): string {
  if (operator === "in") return inSource(left, right, source, compared, call);
  const side = operator === "==" || operator === "!=" ? compared : source;
  const a = side(left);
  const b = side(right);
  switch (operator) {
    case "==":
    case "!=": {
      const plain = isPlain(left.type) && isPlain(right.type);
      if (plain || isNullTest(left, right)) return `(${a} ${operator}= ${b})`;
      return operator === "==" ? call("equals", a, b) : `(!${call("equals", a, b)})`;
    }
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
      if (isText(left.type)) return call("concatText", a, b);
      if (left.type.kind === "bytes") return call("concatBytes", a, b);
      if (left.type.kind === "list") return call("concatList", a, b);
      return `(${a} ${operator} ${b})`;
  }
}

/** Among constant texts: comparisons, if the left side is cheap to repeat. */
function inSource(
  left: Expression,
  right: Expression,
  source: Source,
  compared: Source,
  call: Call,
): string {
  const item = compared(left);
  if (right.type.kind === "map") return call("inMap", item, source(right));
  if (!isInline(left, right)) return call("inList", item, source(right));
  if (right.elements.length === 0) return "false";
  return `(${right.elements.map((element) => `${item} === ${source(element)}`).join(" || ")})`;
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

function constantSource(value: number | string | boolean | null): string {
  if (typeof value === "string") return textSource(value);
  // String(-0) is "0".
  if (Object.is(value, -0)) return "(-0)";
  return typeof value === "number" && value < 0 ? `(${value})` : String(value);
}

function textSource(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
