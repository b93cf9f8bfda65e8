/**
 * A plan, described: for people, for viewers, for machines.
 *
 * @module
 */

import type { Plan } from "../plan.ts";
import { formatDot } from "./dot.ts";
import { graphOf, type SubtopologyGraph, type TopologyGraph } from "./graph.ts";
import { formatMermaid } from "./mermaid.ts";
import { formatText } from "./text.ts";

export type { GraphNode, SubtopologyGraph } from "./graph.ts";
export { nodeFacts, showEmit } from "./node_facts.ts";

/** `json`: the text of a {@link TopologyDescription}. */
export const DESCRIPTION_FORMATS = ["text", "mermaid", "dot", "json"] as const;
export type DescriptionFormat = (typeof DESCRIPTION_FORMATS)[number];

/** Fields are added, never changed, under one version. */
export interface TopologyDescription {
  readonly version: 1;
  readonly application: string;
  readonly subtopologies: readonly SubtopologyGraph[];
}

/**
 * Describes what will run. `text` has the layout of Kafka Streams' `Topology#describe()`; Mermaid and
 * DOT draw topics and stores beside the nodes.
 *
 * @param format @default "text"
 */
export function describePlan(plan: Plan, format: DescriptionFormat = "text"): string {
  const graph = graphOf(plan);
  switch (format) {
    case "text":
      return formatText(graph);
    case "mermaid":
      return formatMermaid(graph);
    case "dot":
      return formatDot(graph);
    case "json":
      return `${JSON.stringify(documentOf(graph), null, 2)}\n`;
  }
}

function documentOf({ application, subtopologies }: TopologyGraph): TopologyDescription {
  return { version: 1, application, subtopologies };
}
