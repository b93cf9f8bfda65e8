/**
 * What a node of the plan is called, what it holds and what stands behind it: the one place where
 * descriptions and comparisons learn it. A kind that is missing here does not compile.
 *
 * @module
 */

import { showDuration } from "../duration.ts";
import { nodesBehind } from "../nodes_behind.ts";
import type { EmitMode, Node, Plan, StorePlan, WindowPlan } from "../plan.ts";
import { showWindow } from "../show_window.ts";

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
    case "peek":
      return processor(node.stage, `peek, ${showEmit({ everyMs: node.everyMs })}`, node.next);
    case "branch":
      return processor(node.stage, "branch", nodesBehind(node));
    case "reduce":
    case "windowedReduce": {
      const window = stores.find(({ stage }) => stage === node.store)?.window;
      const shape = window === undefined ? "" : `, ${showWindow(window)}${showGrace(window)}`;
      const title =
        node.kind === "reduce" ? `reduce${showRetention(window)}` : `windowedReduce${shape}`;
      return {
        ...processor(node.stage, `${title}, ${showEmit(node.emit)}`, node.next),
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

function showGrace(window: WindowPlan): string {
  return "graceMs" in window ? `, grace ${showDuration(window.graceMs)}` : "";
}

function showRetention(window: WindowPlan | undefined): string {
  if (window?.kind !== "none" || window.retentionMs === undefined) return "";
  return `, retention ${showDuration(window.retentionMs)}`;
}

/** `final`, `updates`, `every 10s` */
export function showEmit(emit: EmitMode): string {
  return typeof emit === "string" ? emit : `every ${showDuration(emit.everyMs)}`;
}
