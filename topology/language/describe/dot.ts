/**
 * A graph in Graphviz' DOT language.
 *
 * @module
 */

import { type Box, diagramOf } from "./diagram.ts";
import type { TopologyGraph } from "./graph.ts";

const SHAPES = {
  node: "box",
  topic: "cds",
  store: "cylinder",
} as const satisfies Record<Box["shape"], string>;

export function formatDot(graph: TopologyGraph): string {
  const { groups, topics, arrows } = diagramOf(graph);
  const lines = [
    `digraph ${quote(graph.application)} {`,
    ...topics.map((box) => `  ${boxOf(box)}`),
  ];
  for (const [index, { label, boxes }] of groups.entries()) {
    // Graphviz draws a frame around a subgraph whose name begins with "cluster".
    lines.push(
      `  subgraph cluster_${index} {`,
      `    label=${quote(label)};`,
      ...boxes.map((box) => `    ${boxOf(box)}`),
      "  }",
    );
  }
  for (const { from, to, belongs } of arrows) {
    lines.push(`  ${from} -> ${to}${belongs ? " [style=dotted, dir=none]" : ""};`);
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

function boxOf({ id, shape, lines }: Box): string {
  return `${id} [shape=${SHAPES[shape]}, label=${quote(...lines)}];`;
}

/** A quoted id of several lines. */
function quote(...lines: readonly string[]): string {
  return `"${lines.map((line) => line.replaceAll(/["\\]/g, "\\$&")).join("\\n")}"`;
}
