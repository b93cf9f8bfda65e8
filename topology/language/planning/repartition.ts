/**
 * Repartition topics: between the stages that make a key and the one that reduces by it.
 *
 * @module
 */

import { fingerprint } from "../fingerprint.ts";
import { nodesBehind } from "../nodes_behind.ts";
import type { Format, Node, Subtopology, WriterPlan } from "../plan.ts";
import { ownWindow, reachMs } from "../window_extent.ts";
import { attach, type Flow, type Planning, type SubtopologyDraft } from "./context.ts";
import { derivedFormat } from "./formats.ts";
import { pascalCase, repartitionTopic } from "./names.ts";
import { nodeOf, type StageSite } from "./pipelines.ts";
import { withoutNull } from "./types.ts";

export interface Keyed {
  readonly subtopology: SubtopologyDraft;
  readonly ends: readonly Node[][];
}

/**
 * Ends the subtopologies in front of a repartition topic, unless the key decides the partition.
 *
 * @param carriedKey format of the key before this one, where that has to travel
 */
export function repartitioned(
  id: string,
  key: Format,
  carriedKey: Format | undefined,
  site: StageSite,
  flow: Flow,
  planning: Planning,
): Keyed {
  const { subtopologies, ends } = flow;
  const [only, ...others] = subtopologies as [SubtopologyDraft, ...SubtopologyDraft[]];
  // One store a subtopology: a second reduce of the same source gets a topic of its own.
  if (flow.partitionedByKey && others.length === 0 && only.stores.length === 0) {
    return { subtopology: only, ends };
  }
  const topic = repartitionTopic(planning.application, id);
  // What came unchanged need not be of a type that a stage could make.
  const name = `${planning.application}.${pascalCase(id)}Value`;
  const value = flow.value.unchanged ?? derivedFormat(withoutNull(flow.value.type), name)!;
  const valueUnchanged = flow.value.unchanged !== undefined;
  attach(
    flow,
    {
      kind: "repartition",
      ...nodeOf(site),
      topic,
      key,
      value: valueUnchanged ? "unchanged" : value,
      ...(carriedKey !== undefined && { carriedKey }),
    },
    [],
  );
  const subtopology: SubtopologyDraft = {
    stage: id,
    pipelines: [site.pipeline],
    from: {
      kind: "repartition",
      topic,
      writers: subtopologies,
      key,
      value,
      valueUnchanged,
      ...(carriedKey !== undefined && { carriedKey }),
      ...(flow.window !== undefined && { windowed: true }),
    },
    nodes: [],
    stores: [],
  };
  planning.subtopologies.push(subtopology);
  return { subtopology, ends: [subtopology.nodes] };
}

/** @param writers in any order: neither order nor number decides the id of one of them */
export function planWriters(topic: string, writers: readonly Subtopology[]): readonly WriterPlan[] {
  const taken = new Set<number>();
  return writers
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((subtopology) => {
      let id = idOf(subtopology.name);
      while (taken.has(id)) id = (id + 1) % MAX_ID;
      taken.add(id);
      return { subtopology: subtopology.name, id, delayMs: delayTo(topic, subtopology) };
    });
}

/** Exclusive: what an int32 can hold. */
const MAX_ID = 2 ** 31;

function idOf(name: string): number {
  return Number(BigInt(`0x${fingerprint(name)}`) % BigInt(MAX_ID));
}

/**
 * How far results of a subtopology that go to `topic` may lie behind its watermark, ms: a window that
 * is open holds them back.
 */
function delayTo(topic: string, { inputs, stores }: Subtopology): number {
  const onTheWay = (nodes: readonly Node[]): number =>
    Math.max(
      ...nodes.map((node) => {
        if (node.kind === "repartition") return node.topic === topic ? 0 : NOWHERE;
        return held(node) + onTheWay(nodesBehind(node));
      }),
      NOWHERE,
    );
  const held = (node: Node): number => {
    if (node.kind !== "windowedReduce") return 0;
    const { window } = stores.find(({ stage }) => stage === node.store)!;
    const own = ownWindow(window);
    if (own === undefined) return 0;
    const graceMs = window.kind === "same" ? 0 : own.graceMs;
    // The last record of a session is older than its closing by the gap.
    const isShort = node.emit === "final" && own.kind !== "session";
    return isShort ? graceMs : graceMs + reachMs(own);
  };
  return Math.max(0, ...inputs.map(({ nodes }) => onTheWay(nodes)));
}

const NOWHERE = Number.NEGATIVE_INFINITY;
