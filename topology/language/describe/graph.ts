/**
 * A plan as a graph of named nodes, from which every format is written.
 *
 * Names are unique in the whole plan and differ from topics and stores: viewers of Kafka Streams'
 * descriptions keep all three in one namespace.
 *
 * @module
 */

import type { InputPlan, Node, Plan, Subtopology } from "../plan.ts";
import { type NodeFacts, nodeFacts } from "./node_facts.ts";

export interface TopologyGraph {
  readonly application: string;
  readonly subtopologies: readonly SubtopologyGraph[];
}

export interface SubtopologyGraph {
  readonly name: string;
  readonly changelogTopic: string;
  /** From the sources down. */
  readonly nodes: readonly GraphNode[];
}

export interface GraphNode {
  readonly name: string;
  readonly type: "source" | "processor" | "sink";
  readonly title: string;
  /** Where the stage stands in the definition; absent for sources. */
  readonly path?: string;
  /** Read by a source, written by a sink. */
  readonly topics: readonly string[];
  readonly stores: readonly string[];
  readonly successors: readonly string[];
  readonly predecessors: readonly string[];
}

/** A node while the graph is made. */
type Draft = Omit<GraphNode, "successors" | "predecessors"> & {
  readonly successors: string[];
  readonly predecessors: string[];
};

export function graphOf(plan: Plan): TopologyGraph {
  const names = takenNames(plan);
  return {
    application: plan.application,
    subtopologies: plan.subtopologies.map((subtopology) => ({
      name: subtopology.name,
      changelogTopic: subtopology.changelogTopic,
      nodes: new SubtopologyWalk(subtopology, plan, names).nodes,
    })),
  };
}

/** Walks a subtopology's nodes from its inputs down. */
class SubtopologyWalk {
  readonly nodes: Draft[] = [];
  readonly #subtopology: Subtopology;
  readonly #plan: Plan;
  readonly #names: Set<string>;
  readonly #byName = new Map<string, Draft>();
  /** Nodes that several inputs lead to are drawn once. */
  readonly #drawn = new Map<Node, readonly string[]>();

  constructor(subtopology: Subtopology, plan: Plan, names: Set<string>) {
    this.#subtopology = subtopology;
    this.#plan = plan;
    this.#names = names;
    for (const input of subtopology.inputs) this.#source(input);
  }

  #source({ from, nodes }: InputPlan): void {
    const [name, topic] =
      from.kind === "stream"
        ? [from.stream, this.#plan.streams[from.stream]!.topic]
        : [`${this.#subtopology.name}-repartition`, from.topic];
    const source = this.#add({
      name: this.#unique(`${name}-source`),
      type: "source",
      title: from.kind === "stream" ? "source" : "repartitioned",
      topics: [topic],
      stores: [],
    });
    if (from.kind !== "stream" || from.rows === undefined) {
      this.#connect(source, nodes);
      return;
    }
    const rows = this.#add({
      name: this.#unique(`${name}-rows`),
      type: "processor",
      title: "table",
      topics: [],
      stores: [storeName(from.rows)],
    });
    source.successors.push(rows.name);
    rows.predecessors.push(source.name);
    this.#connect(rows, nodes);
  }

  #connect(above: Draft, nodes: readonly Node[]): void {
    for (const node of nodes) {
      for (const name of this.#node(node)) {
        above.successors.push(name);
        this.#byName.get(name)!.predecessors.push(above.name);
      }
    }
  }

  /** @returns what the node above leads to: the node, and what a sink passes its records on to */
  #node(node: Node): readonly string[] {
    const known = this.#drawn.get(node);
    if (known !== undefined) return known;
    const facts = nodeFacts(node, this.#subtopology.stores, this.#plan);
    const draft = this.#add({ ...this.#heading(facts), path: node.path });
    for (const { name, topic } of facts.sideOutputs) {
      const side = this.#add({
        name: this.#unique(name),
        type: "sink",
        title: "late",
        path: node.path,
        topics: [topic],
        stores: [],
      });
      draft.successors.push(side.name);
      side.predecessors.push(draft.name);
    }
    const entries = [draft.name];
    this.#drawn.set(node, entries);
    // A sink has no successors in Kafka Streams: what it passes on comes from the node above it.
    if (facts.type === "sink") entries.push(...facts.next.flatMap((next) => this.#node(next)));
    else this.#connect(draft, facts.next);
    return entries;
  }

  #heading({ type, name, title, topic, stores }: NodeFacts) {
    return {
      name: this.#unique(name),
      type,
      title,
      topics: topic === undefined ? [] : [topic],
      stores: stores.map(storeName),
    };
  }

  #add(heading: Omit<GraphNode, "successors" | "predecessors">): Draft {
    const draft = { ...heading, successors: [], predecessors: [] };
    this.nodes.push(draft);
    this.#byName.set(draft.name, draft);
    return draft;
  }

  /** Two nodes of one stage (its own re-keying, a conversion) are told apart. */
  #unique(name: string): string {
    let unique = name;
    for (let n = 2; this.#names.has(unique); n++) unique = `${name}-${n}`;
    this.#names.add(unique);
    return unique;
  }
}

function storeName(stage: string): string {
  return `${stage}-store`;
}

function takenNames({ streams, subtopologies }: Plan): Set<string> {
  const topics = Object.values(streams).map(({ topic }) => topic);
  const internal = subtopologies.flatMap(({ inputs, stores }) => [
    ...inputs.flatMap(({ from }) => (from.kind === "repartition" ? [from.topic] : [])),
    ...stores.map(({ stage }) => storeName(stage)),
  ]);
  return new Set([...topics, ...internal]);
}
