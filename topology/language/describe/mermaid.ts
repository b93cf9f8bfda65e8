/**
 * A Mermaid flowchart.
 *
 * @module
 */

import { type Box, diagramOf } from "./diagram.ts";
import type { TopologyGraph } from "./graph.ts";

const SHAPES = {
  node: ['["', '"]'],
  topic: ['[/"', '"/]'],
  store: ['[("', '")]'],
} as const satisfies Record<Box["shape"], readonly [string, string]>;

export function formatMermaid(graph: TopologyGraph): string {
  const { groups, topics, arrows } = diagramOf(graph);
  const lines = ["flowchart TD", ...topics.map((box) => `  ${boxOf(box)}`)];
  for (const [index, { label, boxes }] of groups.entries()) {
    lines.push(
      `  subgraph g${index}["${escaped(label)}"]`,
      ...boxes.map((box) => `    ${boxOf(box)}`),
      "  end",
    );
  }
  for (const { from, to, belongs } of arrows)
    lines.push(`  ${from} ${belongs ? "-.-" : "-->"} ${to}`);
  return `${lines.join("\n")}\n`;
}

function boxOf({ id, shape, lines }: Box): string {
  const [open, close] = SHAPES[shape];
  return `${id}${open}${lines.map(escaped).join("<br/>")}${close}`;
}

/** Mermaid's entities: `#` and the character's number or name. */
function escaped(text: string): string {
  return text.replaceAll(/[#"<>]/g, (character) => `#${character.charCodeAt(0)};`);
}
