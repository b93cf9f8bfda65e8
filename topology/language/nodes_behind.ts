/**
 * How the tree of nodes hangs together.
 *
 * @module
 */

import type { Node, ReduceNode } from "./plan.ts";

/** Where the records go that a node passes on. */
export function nodesBehind(node: Node): readonly Node[] {
  switch (node.kind) {
    case "branch":
      return node.branches.flatMap(({ next }) => next);
    case "repartition":
      return [];
    default:
      return node.next;
  }
}

/** True for a node that keeps state. */
export function isReduce(node: Node): node is ReduceNode {
  return node.kind === "reduce" || node.kind === "windowedReduce";
}
