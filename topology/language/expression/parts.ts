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
  }
}

/** Variables and fields that an expression reads, each once. */
export function pathsOf(
  expression: Expression,
): readonly { readonly root: string; readonly path: readonly string[] }[] {
  const paths = new Map<string, { root: string; path: readonly string[] }>();
  const visit = (part: Expression): void => {
    if (part.op === "path") {
      const { root, path } = part;
      paths.set([root, ...path].join("."), { root, path });
    }
    partsOf(part).forEach(visit);
  };
  visit(expression);
  return [...paths.values()];
}
