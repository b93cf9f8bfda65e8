/**
 * Pipelines: from the source down, stage by stage.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import { type Path, showPath } from "../document/mod.ts";
import { narrowScope } from "../expression/mod.ts";
import { STAGE_KINDS } from "../fields/mod.ts";
import type { ErrorPolicy } from "../plan.ts";
import { suggest } from "../suggest.ts";
import { planBranch } from "./branch.ts";
import type { Flow, Planning } from "./context.ts";
import { planEmit } from "./emit.ts";
import { checkCondition, stageScope } from "./expressions.ts";
import { DEAD_LETTERS } from "./names.ts";
import { many } from "./one_or_many.ts";
import { planSink } from "./sink.ts";
import { checkSkippedStage } from "./skipped_stage.ts";
import { findStream, sourceShape } from "./streams.ts";
import { walkStages } from "./walk_stages.ts";
import { planWindowedReduce } from "./windowed_reduce.ts";

/** Nodes are a tree that is walked recursively; a record's stack is this deep at most. */
const MAX_DEPTH = 500;

/** A stage on its way into the plan. */
export interface StageSite {
  readonly pipeline: string;
  readonly path: Path;
  /** Its id, else `<pipeline>.<index>`. */
  readonly stage: string;
  /** `<pipeline>.<index>` in any case. */
  readonly place: string;
  readonly onError: ErrorPolicy;
}

/** Plans one pipeline whose sources have been planned; its end is kept in `planning.ends`. */
export function planPipeline(pipeline: string, planning: Planning): void {
  const stages = planning.topology.pipelines[pipeline];
  if (stages === undefined) return;
  const path = ["pipelines", pipeline];
  let flow = planSource(stages[0], pipeline, planning);
  checkStateful(stages, pipeline, planning);
  flow = planStages(stages, { path, place: pipeline, pipeline, from: 1 }, flow, planning);
  if (flow !== undefined) planning.ends.set(pipeline, flow);
}

/** Stages that stand in one list: a pipeline's, or those of a branch. */
export interface StageList {
  readonly pipeline: string;
  /** Of the list. */
  readonly path: Path;
  /** Prefix of the stages' names: the pipeline's, then the numbers of stages and branches. */
  readonly place: string;
  /** Index of the first one to plan. */
  readonly from: number;
}

/** @returns what is known behind the last one; undefined when that cannot be known */
export function planStages(
  stages: readonly (Stage | undefined)[],
  list: StageList,
  above: Flow | undefined,
  planning: Planning,
): Flow | undefined {
  const { report } = planning;
  let flow = above;
  for (const [index, stage] of stages.entries()) {
    if (index < list.from) continue;
    const path = [...list.path, index];
    if (stage?.source !== undefined) {
      const message = "a source stands first, and only there";
      const hint = "begin a pipeline of its own with it";
      report.error("SOURCE_FIRST", [...path, "source"], message, { on: "key", hint });
      return undefined;
    }
    if (stages[index - 1]?.branch !== undefined) {
      const message = "no record gets here: a branch is the last stage of its pipeline";
      const hint = "write this stage into the branches, or read a stream that they write";
      report.error("UNREACHABLE", path, message, { hint });
      return undefined;
    }
    // A hole: what comes after it cannot be typed. Names are still looked up.
    if (stage === undefined) flow = undefined;
    else if (flow === undefined) checkSkippedStage(stage, path, list, planning);
    else {
      flow = planStage(stage, index, list, { ...flow, depth: flow.depth + 1 }, planning);
      if (planning.topology.spoilt.has(showPath(path))) flow = undefined;
    }
    if (flow === undefined && stage?.sink !== undefined && typeof stage.sink === "string") {
      findStream(stage.sink, [...path, "sink"], planning);
    }
  }
  return flow;
}

function planSource(
  first: Stage | undefined,
  pipeline: string,
  planning: Planning,
): Flow | undefined {
  const { report, topology } = planning;
  if (first === undefined) return undefined;
  const path = ["pipelines", pipeline, 0];
  if (first.source === undefined) {
    const hint = `- source: ${Object.keys(topology.streams ?? {})[0] ?? "<stream>"}`;
    report.error("SOURCE_FIRST", path, `"${pipeline}" must begin with a source`, {
      hint: `write ${hint}`,
    });
    return undefined;
  }
  const sources = many(first.source, [...path, "source"]);
  if (sources.length > 1) {
    const message = "merging several sources: not yet built";
    report.error("NOT_BUILT", sources[1]!.path, message, { hint: "one pipeline per source" });
    return undefined;
  }
  const { item: name, path: at } = sources[0]!;
  if (name === DEAD_LETTERS) {
    report.error("NOT_BUILT", at, "reading dead letters in a pipeline: not yet built");
    return undefined;
  }
  if (Object.hasOwn(topology.pipelines, name)) {
    if (topology.pipelines[name]?.at(-1)?.branch !== undefined) {
      const message = `"${name}" ends in branches: nothing comes out of it`;
      report.error("UNREACHABLE", at, message, { hint: "read a stream that a branch writes" });
    }
    return planning.ends.get(name);
  }
  // What else is wrong is found by going on with the stream that was meant.
  const draft =
    findStream(name, at, planning, true) ??
    planning.streams.get(suggest(name, planning.streams.keys()) ?? "");
  if (draft === undefined) return undefined;
  const shape = draft.writers.size > 0 ? draft.shape : sourceShape(draft, planning);
  if (shape === undefined) return undefined;
  if (shape.key.window !== undefined) {
    const message = "reading streams with windowed keys: not yet built";
    report.error("NOT_BUILT", at, message, { hint: "read the pipeline instead of the stream" });
    return undefined;
  }
  let subtopology = planning.subtopologies.find(
    ({ from }) => from.kind === "stream" && from.stream === name,
  );
  if (subtopology === undefined) {
    const from = { kind: "stream", stream: name } as const;
    subtopology = { pipelines: [], from, nodes: [], stores: [] };
    planning.subtopologies.push(subtopology);
  }
  subtopology.pipelines.push(pipeline);
  return {
    subtopology,
    next: subtopology.nodes,
    scope: stageScope(shape.keyType, shape.valueType),
    key: { type: shape.keyType, unchanged: shape.key.format },
    value: { type: shape.valueType, unchanged: shape.value },
    partitionedByKey: draft.declared.partitionedBy === "key",
    stream: draft.name,
    valueName: draft.name,
    depth: 0,
  };
}

/** @returns what is known behind the stage; undefined when it is wrong, which has been reported */
function planStage(
  stage: Stage,
  index: number,
  list: StageList,
  flow: Flow,
  planning: Planning,
): Flow | undefined {
  const { pipeline } = list;
  const place = `${list.place}.${index}`;
  const kind = STAGE_KINDS.find((candidate) => stage[candidate] !== undefined);
  const path = [...list.path, index];
  const site: StageSite = {
    pipeline,
    path,
    stage: stage.id ?? place,
    place,
    onError: stage.onError ?? "deadLetter",
  };
  if (kind === undefined) return undefined;
  if (flow.depth >= MAX_DEPTH) {
    planning.report.error("TOO_DEEP", path, `more than ${MAX_DEPTH} stages behind each other`);
    return undefined;
  }
  if (stage.id !== undefined) claimId(stage.id, pipeline, [...path, "id"], planning);
  const at = [...path, kind];
  switch (kind) {
    case "filter":
      return planFilter(stage.filter!, at, site, flow, planning);
    case "map":
      return planEmit([{ item: stage.map!, path: at }], site, flow, planning);
    case "flatMap":
      return planEmit(many(stage.flatMap!, at), site, flow, planning);
    case "branch":
      planBranch(stage.branch!, at, site, flow, planning);
      return undefined;
    case "windowedReduce":
      return planWindowedReduce(stage.windowedReduce!, stage.id, at, site, flow, planning);
    case "sink":
      return planSink(stage.sink!, at, site, flow, planning);
    default:
      return undefined;
  }
}

function planFilter(
  text: string | number | boolean,
  path: Path,
  site: StageSite,
  flow: Flow,
  { report }: Planning,
): Flow | undefined {
  const predicate = checkCondition(text, flow.scope, path, report, flow);
  // The types below are the same, only less is proven.
  if (predicate === undefined) return { ...flow, next: [] };
  const next: Flow["next"] = [];
  flow.next.push({ kind: "filter", ...nodeOf(site), predicate, next });
  return { ...flow, next, scope: narrowScope(flow.scope, predicate) };
}

/** What every node says about where it comes from. */
export function nodeOf({ stage, onError, path }: StageSite) {
  return { stage, onError, path: showSite(path) };
}

/** `pipelines.orders[2].branch[0].stages[1]` */
function showSite(path: Path): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .slice(1);
}

function claimId(id: string, pipeline: string, path: Path, planning: Planning): void {
  const { report, ids, streams, topology } = planning;
  const taken = ids.has(id)
    ? "another stage"
    : streams.has(id) || id === DEAD_LETTERS
      ? "a stream"
      : Object.hasOwn(topology.pipelines, id) && id !== pipeline
        ? "a pipeline"
        : undefined;
  if (taken === undefined) ids.set(id, path);
  else report.error("DUPLICATE_ID", path, `"${id}" is already the name of ${taken}`);
}

/** Where a pipeline has several stateful stages each has an id of its own. */
function checkStateful(
  stages: readonly (Stage | undefined)[],
  pipeline: string,
  { report }: Planning,
): void {
  const stateful = [...walkStages(stages, ["pipelines", pipeline])].filter(
    ({ stage }) => stage.windowedReduce !== undefined,
  );
  if (stateful.length < 2) return;
  for (const [n, { stage, path }] of stateful.entries()) {
    if (stage.id !== undefined) continue;
    const message = `"${pipeline}" has ${stateful.length} stateful stages: each needs an "id"`;
    const hint = n === 0 ? `id: ${pipeline} is the id it has had so far` : "id: <name>";
    report.error("AMBIGUOUS_ID", [...path, "windowedReduce"], message, { on: "key", hint });
  }
}
