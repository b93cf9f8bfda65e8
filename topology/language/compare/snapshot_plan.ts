/**
 * Plan → snapshot.
 *
 * @module
 */

import { nodeFacts } from "../describe/mod.ts";
import type { InputPlan, Node, Plan, Subtopology } from "../plan.ts";
import { canonicalExpression } from "./canonical.ts";
import { joinParts, nodeParts, type Parts, part, sinkParts, sourceParts } from "./parts.ts";
import {
  type PlanSnapshot,
  SNAPSHOT_VERSION,
  type StageSequence,
  type StageSnapshot,
  type SubtopologySnapshot,
  snapshotTopic,
  type TopicsByRole,
} from "./snapshot.ts";
import { type Lineage, type StateSnapshot, stateOf, stateOfTable } from "./state.ts";

/**
 * What is needed to compare later plans with this one.
 *
 * @param partitions partition counts of topics as they are now; of those that exist
 */
export function snapshotPlan(
  plan: Plan,
  partitions: ReadonlyMap<string, number> = new Map(),
): PlanSnapshot {
  const topics = topicsOf(plan);
  return {
    version: SNAPSHOT_VERSION,
    application: plan.application,
    subtopologies: plan.subtopologies.map((subtopology) => snapshotSubtopology(subtopology, plan)),
    sequences: new PlanWalk(plan).sequences(),
    partitions: Object.fromEntries(
      topics.sources.flatMap((topic) => {
        const count = partitions.get(topic);
        return count === undefined ? [] : [[topic, count]];
      }),
    ),
    topics,
  };
}

/** Topics of a plan, by what the application does with them. */
export function topicsOf(plan: Plan): TopicsByRole {
  const streams = Object.values(plan.streams);
  const inputs = plan.subtopologies.flatMap((subtopology) => subtopology.inputs);
  const read = inputs.flatMap(({ from }) =>
    from.kind === "stream" ? [plan.streams[from.stream]!.topic] : [],
  );
  const written = streams.filter((stream) => stream.written).map(({ topic }) => topic);
  return {
    sources: unique(read.filter((topic) => !written.includes(topic))),
    written: unique(written),
    internal: unique([
      ...plan.subtopologies.map(({ changelogTopic }) => changelogTopic),
      ...inputs.flatMap(({ from }) => (from.kind === "repartition" ? [from.topic] : [])),
      snapshotTopic(plan.application),
    ]),
  };
}

function snapshotSubtopology(
  { name, changelogTopic, inputs }: Subtopology,
  plan: Plan,
): SubtopologySnapshot {
  return {
    name,
    changelogTopic,
    inputs: inputs.map(({ from }) => {
      if (from.kind === "repartition") {
        return { topic: from.topic, writers: from.writers.map(({ subtopology }) => subtopology) };
      }
      return { topic: plan.streams[from.stream]!.topic };
    }),
  };
}

/** A stage while its nodes are found: re-keying and repartitioning stand before the stage proper. */
interface StageDraft {
  readonly path: string;
  readonly index: number;
  readonly subtopology: string;
  readonly parts: Parts[];
  stage: string;
  kind: string;
  state?: StateSnapshot;
}

interface SequenceDraft {
  readonly stages: Map<string, StageDraft>;
  /** Streams and pipelines that its first stage reads. */
  readonly reads: Set<string>;
  /** Subtopology that its first stage is in. */
  subtopology: string;
}

/** What stands above a node: a node, or the stream that its subtopology reads. */
type Above = { readonly path: string } | { readonly stream: string };

class PlanWalk {
  readonly #plan: Plan;
  readonly #sequences = new Map<string, SequenceDraft>();
  /** By repartition topic: what comes out of it, whoever writes it. */
  readonly #repartitioned = new Map<string, { lineage: Lineage; above: Above }>();

  constructor(plan: Plan) {
    this.#plan = plan;
    // Subtopologies stand behind those that write their inputs.
    for (const subtopology of plan.subtopologies) {
      for (const input of subtopology.inputs) this.#input(subtopology, input);
    }
  }

  sequences(): readonly StageSequence[] {
    return [...this.#tables(), ...this.#pipelines()];
  }

  #tables(): readonly StageSequence[] {
    return this.#plan.subtopologies.flatMap(({ name: subtopology, inputs }) =>
      inputs.flatMap(({ from }) => {
        if (from.kind !== "stream" || from.rows === undefined) return [];
        const [name, path] = [from.rows, `tables.${from.rows}`];
        const state = stateOfTable(this.#plan.streams[from.stream]!);
        return [
          { path, stages: [{ stage: name, path, kind: "table", subtopology, parts: {}, state }] },
        ];
      }),
    );
  }

  #pipelines(): readonly StageSequence[] {
    return [...this.#sequences].map(([path, { stages, reads, subtopology }]) => {
      const drafts = [...stages.values()].sort((a, b) => a.index - b.index);
      const listed = drafts.map(({ index: _index, parts, ...stage }) => ({
        ...stage,
        parts: joinParts(parts),
      }));
      if (reads.size === 0) return { path, stages: listed };
      return { path, stages: [this.#source(path, reads, subtopology), ...listed] };
    });
  }

  #source(path: string, reads: ReadonlySet<string>, subtopology: string): StageSnapshot {
    const names = [...reads].sort();
    const streams = names.flatMap((name) => {
      const stream = this.#plan.streams[name];
      return stream === undefined ? [] : [sourceParts(stream)];
    });
    return {
      stage: `${path.slice(path.indexOf(".") + 1)}.0`,
      path: `${path}[0]`,
      kind: "source",
      subtopology,
      parts: { source: names.join(", "), ...Object.assign({}, ...streams) },
    };
  }

  #input(subtopology: Subtopology, { from, nodes }: InputPlan): void {
    if (from.kind === "repartition") {
      const written = this.#repartitioned.get(from.topic)!;
      for (const node of nodes) {
        this.#node(node, subtopology, from, written.lineage, written.above);
      }
      return;
    }
    const { topic, eventTime, key } = this.#plan.streams[from.stream]!;
    const lineage: Lineage = {
      topics: [topic],
      eventTimes: [eventTime === undefined ? null : canonicalExpression(eventTime)],
      // Its windows are part of a key, or they are not.
      keyMadeBy: key.window === undefined ? [] : [{ withoutWindowOf: key.window.extent }],
      ...(from.rows !== undefined && {
        rowsMadeBy: [stateOfTable(this.#plan.streams[from.stream]!)],
      }),
    };
    for (const node of nodes) {
      this.#node(node, subtopology, from, lineage, { stream: from.stream });
    }
  }

  #node(
    node: Node,
    subtopology: Subtopology,
    from: InputPlan["from"],
    lineage: Lineage,
    above: Above,
  ): void {
    const { next, topic, sideOutputs } = nodeFacts(node, subtopology.stores, this.#plan);
    const { lineage: onward, state } = stateOf(node, subtopology, from, lineage);
    const draft = this.#draft(node, subtopology, above);
    const written = [...(topic === undefined ? [] : [topic]), ...sideOutputs.map((to) => to.topic)];
    draft.parts.push(nodeParts(node, next), sinkParts(written, this.#plan));
    draft.stage = node.stage;
    draft.kind = node.kind;
    if (state !== undefined) {
      draft.state = state;
      draft.parts.push({ window: part(state.window) });
    }
    if (node.kind === "repartition") {
      const other = this.#repartitioned.get(node.topic)?.lineage;
      this.#repartitioned.set(node.topic, { lineage: joinLineages(other, onward), above: node });
    }
    for (const below of next) {
      this.#node(below, subtopology, from, passed(onward, node, next, below), node);
    }
  }

  #draft(node: Node, subtopology: Subtopology, above: Above): StageDraft {
    const [, path, index] = /^(.*)\[(\d+)\]$/.exec(node.path)!;
    let sequence = this.#sequences.get(path!);
    if (sequence === undefined) {
      sequence = { stages: new Map(), reads: new Set(), subtopology: subtopology.name };
      this.#sequences.set(path!, sequence);
    }
    const read = "stream" in above ? above.stream : pipelineAbove(above.path, path!);
    if (read !== undefined) sequence.reads.add(read);
    let draft = sequence.stages.get(node.path);
    // A stage that is cut by its repartition topic belongs to where its state is.
    if (draft === undefined || draft.subtopology !== subtopology.name) {
      draft = {
        path: node.path,
        index: Number(index),
        subtopology: subtopology.name,
        parts: draft?.parts ?? [],
        stage: node.stage,
        kind: node.kind,
      };
      sequence.stages.set(node.path, draft);
    }
    return draft;
  }
}

/** The pipeline that another one reads; undefined within one pipeline. */
function pipelineAbove(path: string, sequence: string): string | undefined {
  const above = pipelineOf(path);
  return above === pipelineOf(sequence) ? undefined : above;
}

function pipelineOf(path: string): string {
  return path.split(/[.[]/, 2)[1]!;
}

/** The way of rows behind a node, which decides what is made of them. */
function passed(lineage: Lineage, node: Node, next: readonly Node[], below: Node): Lineage {
  const { rowsMadeBy } = lineage;
  if (rowsMadeBy === undefined) return lineage;
  switch (node.kind) {
    case "filter":
    case "emit":
      return { ...lineage, rowsMadeBy: [...rowsMadeBy, nodeParts(node, next)] };
    case "branch": {
      const branch = node.branches.findIndex((one) => one.next.includes(below));
      return { ...lineage, rowsMadeBy: [...rowsMadeBy, nodeParts(node, next), branch] };
    }
    default:
      return lineage;
  }
}

function joinLineages(a: Lineage | undefined, b: Lineage): Lineage {
  if (a === undefined) return b;
  return {
    topics: unique([...a.topics, ...b.topics]),
    eventTimes: uniqueValues([...a.eventTimes, ...b.eventTimes]),
    keyMadeBy: uniqueValues([a.keyMadeBy, b.keyMadeBy]),
    ...(a.rowsMadeBy !== undefined && {
      rowsMadeBy: uniqueValues([a.rowsMadeBy, b.rowsMadeBy]),
    }),
  };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function uniqueValues(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
