/**
 * The second back end: closures, for where code must not be generated and for cold paths.
 *
 * @module
 */

import { canFail } from "./failing.ts";
import { expressionLibrary as library } from "./library.ts";
import type { BinaryOperator, Expression, ExpressionType } from "./tree.ts";
import { isText } from "./types.ts";

export interface ClosureEnvironment<Frame> {
  /** Reads a variable followed by fields. */
  path(root: string, path: readonly string[], type: ExpressionType): (frame: Frame) => unknown;
}

export type Compiled<Frame> = (frame: Frame) => unknown;

export function compileExpression<Frame>(
  expression: Expression,
  env: ClosureEnvironment<Frame>,
): Compiled<Frame> {
  const compile = (part: Expression): Compiled<Frame> => compileExpression(part, env);
  switch (expression.op) {
    case "const": {
      const { value } = expression;
      return () => value;
    }
    case "path":
      return env.path(expression.root, expression.path, expression.type);
    case "select": {
      const operand = compile(expression.operand);
      const { field } = expression;
      return (frame) => library.field(operand(frame), field);
    }
    case "index": {
      const routine = (
        expression.operand.type.kind === "list" ? library.at : library.get
      ) as Routine;
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
      const routine = binaryRoutine(
        expression.operator,
        expression.left.type,
        expression.right.type,
      );
      const left = compile(expression.left);
      const right = compile(expression.right);
      return (frame) => routine(left(frame), right(frame));
    }
    case "and":
    case "or": {
      const left = compile(expression.left) as (frame: Frame) => boolean;
      const right = compile(expression.right) as (frame: Frame) => boolean;
      const isAnd = expression.op === "and";
      if (canFail(expression.left)) {
        return (frame) =>
          library.absorb(
            () => left(frame),
            () => right(frame),
            !isAnd,
          );
      }
      return isAnd
        ? (frame) => left(frame) && right(frame)
        : (frame) => left(frame) || right(frame);
    }
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
      const routine = library[expression.name as keyof typeof library] as Routine;
      const args = expression.arguments.map(compile);
      const [first, second] = args;
      if (args.length === 1) return (frame) => routine(first!(frame));
      if (args.length === 2) return (frame) => routine(first!(frame), second!(frame));
      return (frame) => routine(...args.map((argument) => argument(frame)));
    }
  }
}

type Routine = (...args: readonly unknown[]) => unknown;

function binaryRoutine(
  operator: BinaryOperator,
  left: ExpressionType,
  right: ExpressionType,
): Routine {
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
    "==": library.equals,
    "!=": (a, b) => !library.equals(a, b),
    in: (right.kind === "map" ? library.inMap : library.inList) as Routine,
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

function plusRoutine(type: ExpressionType): Routine {
  switch (type.kind) {
    case "int":
      return library.add as Routine;
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
