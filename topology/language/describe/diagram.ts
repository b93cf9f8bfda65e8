/**
 * What Mermaid and Graphviz draw alike: boxes for nodes, topics and stores, and arrows between them.
 *
 * @module
 */

import type { GraphNode, TopologyGraph } from "./graph.ts";

export interface Diagram {
  readonly groups: readonly { readonly label: string; readonly boxes: readonly Box[] }[];
  /** Outside the groups: topics join subtopologies. */
  readonly topics: readonly Box[];
  readonly arrows: readonly Arrow[];
}

export interface Box {
  /** Letters and digits. */
  readonly id: string;
  readonly shape: "node" | "topic" | "store";
  readonly lines: readonly string[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** A store belongs to its node; nothing flows to it. */
  readonly belongs: boolean;
}

export function diagramOf({ subtopologies }: TopologyGraph): Diagram {
  const nodes = numbered(
    "n",
    subtopologies.flatMap((subtopology) => subtopology.nodes.map(({ name }) => name)),
  );
  const all = subtopologies.flatMap((subtopology) => subtopology.nodes);
  const topics = numbered(
    "t",
    all.flatMap((node) => node.topics),
  );
  const stores = numbered(
    "s",
    all.flatMap((node) => node.stores),
  );
  return {
    groups: subtopologies.map((subtopology, index) => ({
      label: `Sub-topology ${index}: ${subtopology.name}`,
      boxes: subtopology.nodes.flatMap(({ name, title, stores: held }) => [
        { id: nodes.get(name)!, shape: "node", lines: [name, title] },
        ...held.map((store): Box => ({ id: stores.get(store)!, shape: "store", lines: [store] })),
      ]),
    })),
    topics: [...topics].map(([topic, id]) => ({ id, shape: "topic", lines: [topic] })),
    arrows: all.flatMap((node) => arrowsOf(node, nodes, topics, stores)),
  };
}

function arrowsOf(
  node: GraphNode,
  nodes: ReadonlyMap<string, string>,
  topics: ReadonlyMap<string, string>,
  stores: ReadonlyMap<string, string>,
): Arrow[] {
  const id = nodes.get(node.name)!;
  return [
    ...node.topics.map((topic) => {
      const at = topics.get(topic)!;
      const [from, to] = node.type === "source" ? [at, id] : [id, at];
      return { from, to, belongs: false };
    }),
    ...node.successors.map((name) => ({ from: id, to: nodes.get(name)!, belongs: false })),
    ...node.stores.map((store) => ({ from: id, to: stores.get(store)!, belongs: true })),
  ];
}

/** Ids `<prefix>0`, `<prefix>1`, … by name, each name once. */
function numbered(prefix: string, names: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...new Set(names)].map((name, n) => [name, `${prefix}${n}`]));
}
