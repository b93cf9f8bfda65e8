/**
 * Walks over typed trees.
 *
 * @module
 */

import type { Expression } from "./tree.ts";

/** The parts that a node is directly made of, in the order of the text. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.op) {
    case "const":
    case "path":
      return [];
    case "select":
    case "unary":
      return [expression.operand];
    case "index":
      return [expression.operand, expression.index];
    case "binary":
    case "and":
    case "or":
      return [expression.left, expression.right];
    case "conditional":
      return [expression.condition, expression.then, expression.otherwise];
    case "list":
      return expression.elements;
    case "map":
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case "call":
      return expression.arguments;
    case "macro":
      return [expression.range, ...bodyOf(expression)];
  }
}

/** What a macro evaluates for each element. */
export function bodyOf(macro: Extract<Expression, { op: "macro" }>): readonly Expression[] {
  return [macro.predicate, macro.result].filter((part) => part !== undefined);
}

/** Variables and fields that an expression reads, each once; not those of macros inside it. */
export function pathsOf(
  expression: Expression,
): readonly { readonly root: string; readonly path: readonly string[] }[] {
  const paths = new Map<string, { root: string; path: readonly string[] }>();
  const visit = (part: Expression, bound: readonly string[]): void => {
    if (part.op === "path" && !bound.includes(part.root)) {
      const { root, path } = part;
      paths.set([root, ...path].join("."), { root, path });
    }
    if (part.op === "macro") {
      visit(part.range, bound);
      for (const inner of bodyOf(part)) visit(inner, [...bound, part.variable]);
    } else {
      for (const inner of partsOf(part)) visit(inner, bound);
    }
  };
  visit(expression, []);
  return [...paths.values()];
}
