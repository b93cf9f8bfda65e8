/**
 * How the tree of nodes hangs together.
 *
 * @module
 */

import type { Node } from "./plan.ts";

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
