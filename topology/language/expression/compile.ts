/**
 * The second back end: closures, for where code must not be generated and for cold paths.
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
import { type LibraryName, expressionLibrary as library } from "./library/mod.ts";
import type { BinaryOperator, Expression, ExpressionType } from "./tree.ts";
import { isPlain, isText } from "./types.ts";

export interface ClosureEnvironment<Frame> {
  /** Reads a variable followed by fields. */
  path(root: string, path: readonly string[], type: ExpressionType): (frame: Frame) => unknown;
}

export type Compiled<Frame> = (frame: Frame) => unknown;

/** The closure must not be called while it runs: elements of its macros stand in places of its own. */
export function compileExpression<Frame>(
  expression: Expression,
  env: ClosureEnvironment<Frame>,
): Compiled<Frame> {
  const run = new Compiler(env).compile(expression);
  if (!isCharged(expression)) return run;
  return (frame) => {
    library.begin();
    return run(frame);
  };
}

class Compiler<Frame> {
  readonly #env: ClosureEnvironment<Frame>;
  /** Variables of the macros around, outermost first: the element of the n-th is in the n-th place. */
  #variables: readonly string[] = [];
  readonly #elements: unknown[] = [];

  constructor(env: ClosureEnvironment<Frame>) {
    this.#env = env;
  }

  compile(expression: Expression): Compiled<Frame> {
    const compile = (part: Expression): Compiled<Frame> => this.compile(part);
    switch (expression.op) {
      case "const": {
        const { value } = expression;
        return () => value;
      }
      case "path":
        return this.#path(expression);
      case "select": {
        const operand = compile(expression.operand);
        const { field } = expression;
        return (frame) => library.field(operand(frame), field);
      }
      case "index": {
        const isList = expression.operand.type.kind === "list";
        const routine = (isList ? library.at : library.get) as Routine;
        const operand = compile(expression.operand);
        const index = compile(expression.index);
        return (frame) => routine(operand(frame), index(frame));
      }
      case "unary": {
        const operand = compile(expression.operand);
        if (expression.operator === "!") return (frame) => !operand(frame);
        return expression.type.kind === "int"
          ? (frame) => 0 - (operand(frame) as number)
          : (frame) => -(operand(frame) as number);
      }
      case "binary": {
        const routine = binaryRoutine(expression, this.#variables.length > 0);
        const left = compile(expression.left);
        const right = compile(expression.right);
        return (frame) => routine(left(frame), right(frame));
      }
      case "and":
      case "or":
        return this.#logical(expression);
      case "conditional": {
        const condition = compile(expression.condition);
        const then = compile(expression.then);
        const otherwise = compile(expression.otherwise);
        return (frame) => (condition(frame) ? then(frame) : otherwise(frame));
      }
      case "list": {
        const elements = expression.elements.map(compile);
        return (frame) => elements.map((element) => element(frame));
      }
      case "map": {
        const entries = expression.entries.map(
          ({ key, value }) => [compile(key), compile(value)] as const,
        );
        return (frame) =>
          library.map(entries.map(([key, value]) => [key(frame) as string, value(frame)] as const));
      }
      case "call": {
        const routine = library[expression.name as LibraryName] as Routine;
        const args = expression.arguments.map(compile);
        const [first, second] = args;
        if (args.length === 1) return (frame) => routine(first!(frame));
        if (args.length === 2) return (frame) => routine(first!(frame), second!(frame));
        return (frame) => routine(...args.map((argument) => argument(frame)));
      }
      case "macro":
        return this.#macro(expression);
    }
  }

  #path({ root, path, type }: Extract<Expression, { op: "path" }>): Compiled<Frame> {
    const depth = this.#variables.lastIndexOf(root);
    if (depth < 0) return this.#env.path(root, path, type);
    const elements = this.#elements;
    if (path.length === 0) return () => elements[depth];
    return () => {
      let value = elements[depth];
      for (const name of path) value = library.field(value, name);
      return value;
    };
  }

  #logical(expression: Extract<Expression, { op: "and" | "or" }>): Compiled<Frame> {
    const left = this.compile(expression.left) as (frame: Frame) => boolean;
    const right = this.compile(expression.right) as (frame: Frame) => boolean;
    const isAnd = expression.op === "and";
    if (canFail(expression.left)) {
      return (frame) =>
        library.absorb(
          () => left(frame),
          () => right(frame),
          !isAnd,
        );
    }
    return isAnd ? (frame) => left(frame) && right(frame) : (frame) => left(frame) || right(frame);
  }

  #macro(expression: Extract<Expression, { op: "macro" }>): Compiled<Frame> {
    const routine = library[MACRO_ROUTINES[expression.macro]] as Routine;
    const cost = stepCost(expression);
    const range = this.compile(expression.range);
    const outer = this.#variables;
    const elements = this.#elements;
    const depth = outer.length;
    this.#variables = [...outer, expression.variable];
    const bodies = [expression.result, expression.predicate]
      .filter((body) => body !== undefined)
      .map((body) => this.compile(body));
    this.#variables = outer;
    return (frame) =>
      routine(
        range(frame),
        cost,
        ...bodies.map((body) => (element: unknown) => {
          elements[depth] = element;
          return body(frame);
        }),
      );
  }
}

type Routine = (...args: readonly unknown[]) => unknown;

function binaryRoutine(
  { operator, left: a, right: b }: Extract<Expression, { op: "binary" }>,
  isInLoop: boolean,
): Routine {
  const left = a.type;
  const equal = equalRoutine(a, b, isInLoop);
  const compare = (
    isText(left)
      ? library.compareText
      : left.kind === "bytes"
        ? library.compareBytes
        : left.kind === "bool"
          ? library.compareBool
          : undefined
  ) as ((a: unknown, b: unknown) => number) | undefined;
  const routines: Record<BinaryOperator, Routine> = {
    "==": equal,
    "!=": (a, b) => !equal(a, b),
    in: inRoutine(a, b),
    // NaN is neither below nor above: each operator is its own.
    "<":
      compare === undefined ? (a, b) => (a as number) < (b as number) : (a, b) => compare(a, b) < 0,
    "<=":
      compare === undefined
        ? (a, b) => (a as number) <= (b as number)
        : (a, b) => compare(a, b) <= 0,
    ">":
      compare === undefined ? (a, b) => (a as number) > (b as number) : (a, b) => compare(a, b) > 0,
    ">=":
      compare === undefined
        ? (a, b) => (a as number) >= (b as number)
        : (a, b) => compare(a, b) >= 0,
    "+": plusRoutine(left),
    "-": (left.kind === "int"
      ? library.subtract
      : (a, b) => (a as number) - (b as number)) as Routine,
    "*": (left.kind === "int"
      ? library.multiply
      : (a, b) => (a as number) * (b as number)) as Routine,
    "/": (left.kind === "int"
      ? library.divide
      : (a, b) => (a as number) / (b as number)) as Routine,
    "%": library.modulo as Routine,
  };
  return routines[operator];
}

function equalRoutine(left: Expression, right: Expression, isInLoop: boolean): Routine {
  if (isInLoop && isTextComparison(left, right)) return library.sameText as Routine;
  const plain = isPlain(left.type) && isPlain(right.type);
  return plain || isNullTest(left, right) ? (a, b) => a === b : library.equals;
}

function inRoutine(left: Expression, right: Expression): Routine {
  if (right.type.kind === "map") return library.inMap as Routine;
  if (!isInline(left, right)) return library.inList as Routine;
  return (item, constants) => (constants as readonly unknown[]).includes(item);
}

function plusRoutine(type: ExpressionType): Routine {
  switch (type.kind) {
    case "int":
      return library.add as Routine;
    case "string":
    case "enum":
      return library.concatText as Routine;
    case "bytes":
      return library.concatBytes as Routine;
    case "list":
      return library.concatList as Routine;
    default:
      return (a, b) => (a as number) + (b as number);
  }
}

/** An expression over plain objects: `createEvaluator(e)({ value: { n: 1 } })`. */
export function createEvaluator(
  expression: Expression,
): (scope: Readonly<Record<string, unknown>>) => unknown {
  return compileExpression<Readonly<Record<string, unknown>>>(expression, {
    path: (root, path) => (scope) => {
      let value: unknown = Object.hasOwn(scope, root) ? scope[root] : null;
      for (const name of path) value = library.field(value, name);
      return value;
    },
  });
}
