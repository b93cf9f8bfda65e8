/**
 * The layout of Kafka Streams' `Topology#describe()`, which existing viewers read:
 *
 *     Topologies:
 *        Sub-topology: 0
 *         Source: user_log-source (topics: [user_log])
 *           --> shoppers_by_gender.1
 *
 * @module
 */

import type { GraphNode, TopologyGraph } from "./graph.ts";

export function formatText({ subtopologies }: TopologyGraph): string {
  const lines = ["Topologies:"];
  for (const [index, { nodes }] of subtopologies.entries()) {
    lines.push(`   Sub-topology: ${index}`, ...nodes.flatMap(linesOf), "");
  }
  return lines.join("\n");
}

function linesOf({ name, type, topics, stores, successors, predecessors }: GraphNode): string[] {
  const onward = `      --> ${listed(successors)}`;
  const back = `      <-- ${listed(predecessors)}`;
  switch (type) {
    case "source":
      return [`    Source: ${name} (topics: [${topics.join(", ")}])`, onward];
    case "processor":
      return [`    Processor: ${name} (stores: [${stores.join(", ")}])`, onward, back];
    case "sink":
      return [`    Sink: ${name} (topic: ${topics.join(", ")})`, back];
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
