/**
 * A plan as text, in the layout of Kafka Streams' `Topology#describe()`, which existing viewers read.
 *
 * @module
 */

import type { Node, Plan, Subtopology } from "./plan.ts";

interface Described {
  readonly lines: string[];
  /** Names of the nodes that were described as successors of the caller's node. */
  readonly names: readonly string[];
}

/**
 * ```
 * Topologies:
 *    Sub-topology: 0
 *     Source: user_log (topics: [user_log])
 *       --> shoppers_by_gender.1
 * ```
 */
export function describePlan(plan: Plan): string {
  const lines = ["Topologies:"];
  for (const [index, subtopology] of plan.subtopologies.entries()) {
    lines.push(`   Sub-topology: ${index}`, ...describeSubtopology(subtopology, plan), "");
  }
  return lines.join("\n");
}

function describeSubtopology(subtopology: Subtopology, plan: Plan): readonly string[] {
  const names = new Map<string, number>();
  const blocks = subtopology.inputs.map(({ from, nodes }) => {
    const topic = from.kind === "stream" ? plan.streams[from.stream]!.topic : from.topic;
    const name = from.kind === "stream" ? from.stream : `${subtopology.name}-repartition-source`;
    const below = describeNodes(nodes, name, plan, names);
    return [
      `    Source: ${name} (topics: [${topic}])`,
      `      --> ${successors(below.names)}`,
      ...below.lines,
    ];
  });
  return blocks.flat();
}

function describeNodes(
  nodes: readonly Node[],
  above: string,
  plan: Plan,
  names: Map<string, number>,
): Described {
  const described = nodes.map((node) => describeNode(node, above, plan, names));
  return {
    lines: described.flatMap(({ lines }) => lines),
    names: described.map(({ name }) => name),
  };
}

function describeNode(
  node: Node,
  above: string,
  plan: Plan,
  names: Map<string, number>,
): { readonly lines: string[]; readonly name: string } {
  const name = uniqueName(
    node.kind === "repartition" ? `${node.stage}-repartition` : node.stage,
    names,
  );
  if (node.kind === "repartition") {
    return { name, lines: [`    Sink: ${name} (topic: ${node.topic})`, `      <-- ${above}`] };
  }
  const below = describeNodes(node.next, name, plan, names);
  const head =
    node.kind === "sink"
      ? `    Sink: ${name} (topic: ${plan.streams[node.stream]!.topic})`
      : `    Processor: ${name} (stores: [${node.kind === "windowedReduce" ? node.store : ""}])`;
  // A Kafka Streams sink has no successors; ours passes the record on when there is something below.
  const arrow =
    node.kind === "sink" && below.names.length === 0
      ? []
      : [`      --> ${successors(below.names)}`];
  return { name, lines: [head, ...arrow, `      <-- ${above}`, ...below.lines] };
}

/** Two nodes of one stage (its own re-keying, a conversion) are told apart. */
function uniqueName(name: string, names: Map<string, number>): string {
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name}-${count}`;
}

function successors(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
