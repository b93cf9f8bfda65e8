/**
 * What a node of the plan is called, what it holds and what stands behind it: the one place where
 * descriptions and comparisons learn it. A kind that is missing here does not compile.
 *
 * @module
 */

import { showDuration } from "../duration.ts";
import { nodesBehind } from "../nodes_behind.ts";
import type { Node, Plan, StorePlan } from "../plan.ts";

export interface NodeFacts {
  /** A sink ends at a topic, a processor does not; the words of Kafka Streams. */
  readonly type: "processor" | "sink";
  /** Before it is made unique. */
  readonly name: string;
  /** In a person's words: `filter`, `windowedReduce, tumbling 1s, grace 0s, final`. */
  readonly title: string;
  /** Names of stages whose state it holds. */
  readonly stores: readonly string[];
  /** Where a sink writes. */
  readonly topic?: string;
  /** What it writes beside what it passes on. */
  readonly sideOutputs: readonly { readonly name: string; readonly topic: string }[];
  readonly next: readonly Node[];
}

export function nodeFacts(node: Node, stores: readonly StorePlan[], plan: Plan): NodeFacts {
  switch (node.kind) {
    case "filter":
      return processor(node.stage, "filter", node.next);
    case "emit": {
      const [only, ...others] = node.emits;
      const isOneToOne = !only!.for && !only!.when && others.length === 0;
      return processor(node.stage, isOneToOne ? "map" : "flatMap", node.next);
    }
    case "branch":
      return processor(node.stage, "branch", nodesBehind(node));
    case "windowedReduce": {
      const store = stores.find(({ stage }) => stage === node.store);
      const shape = store === undefined ? "" : `, ${showWindow(store)}`;
      return {
        ...processor(node.stage, `windowedReduce${shape}, ${node.emit}`, node.next),
        stores: [node.store],
        sideOutputs:
          node.late === undefined
            ? []
            : [{ name: `${node.stage}-late`, topic: plan.streams[node.late]!.topic }],
      };
    }
    case "repartition":
      return sink(`${node.stage}-repartition`, "repartition", node.topic, []);
    case "sink":
      return sink(node.stage, "sink", plan.streams[node.stream]!.topic, node.next);
  }
}

function processor(name: string, title: string, next: readonly Node[]): NodeFacts {
  return { type: "processor", name, title, stores: [], sideOutputs: [], next };
}

function sink(name: string, title: string, topic: string, next: readonly Node[]): NodeFacts {
  return { type: "sink", name, title, stores: [], topic, sideOutputs: [], next };
}

/** `tumbling 1s, grace 0s` */
export function showWindow({ sizeMs, advanceMs, graceMs, offsetMs }: StorePlan): string {
  const shape =
    sizeMs === advanceMs
      ? `tumbling ${showDuration(sizeMs)}`
      : `hopping ${showDuration(sizeMs)} every ${showDuration(advanceMs)}`;
  const offset = offsetMs === 0 ? "" : `, offset ${showDuration(offsetMs)}`;
  return `${shape}${offset}, grace ${showDuration(graceMs)}`;
}
