/**
 * Pipelines: from the source down, stage by stage.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import { type Path, showPath } from "../document/mod.ts";
import { narrowScope } from "../expression/mod.ts";
import { STAGE_KINDS } from "../fields/mod.ts";
import type { ErrorPolicy, Node } from "../plan.ts";
import { planBranch } from "./branch.ts";
import { attach, type Flow, type Planning } from "./context.ts";
import { refuseDeadLetterLoop } from "./dead_letters.ts";
import { planEmit } from "./emit.ts";
import { checkCondition } from "./expressions.ts";
import { DEAD_LETTERS } from "./names.ts";
import { many } from "./one_or_many.ts";
import { planPeek } from "./peek.ts";
import { planReduce, planWindowedReduce } from "./reduce.ts";
import { planSink } from "./sink.ts";
import { checkSkippedStage } from "./skipped_stage.ts";
import { planSource } from "./source.ts";
import { findStream, sinkStream } from "./streams.ts";
import { walkStages } from "./walk_stages.ts";

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
    const sink = sinkStream(stage, path);
    if (flow === undefined && sink !== undefined) findStream(sink.stream, sink.path, planning);
  }
  return flow;
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
  refuseDeadLetterLoop(stage, kind, path, flow, planning);
  const at = [...path, kind];
  switch (kind) {
    case "filter":
      return planFilter(stage.filter!, at, site, flow, planning);
    case "map":
      return planEmit([{ item: stage.map!, path: at }], site, flow, planning);
    case "flatMap":
      return planEmit(many(stage.flatMap!, at), site, flow, planning, "flatMap");
    case "branch":
      planBranch(stage.branch!, at, site, flow, planning);
      return undefined;
    case "windowedReduce":
      return planWindowedReduce(stage.windowedReduce!, stage.id, at, site, flow, planning);
    case "reduce":
      return planReduce(stage.reduce!, stage.id, at, site, flow, planning);
    case "peek":
      return planPeek(stage.peek!, at, site, flow, planning);
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
  if (predicate === undefined) return { ...flow, ends: [] };
  const next: Node[] = [];
  const behind = attach(flow, { kind: "filter", ...nodeOf(site), predicate, next }, next);
  return { ...behind, scope: narrowScope(flow.scope, predicate) };
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
    ({ stage }) => stage.windowedReduce !== undefined || stage.reduce !== undefined,
  );
  if (stateful.length < 2) return;
  for (const [n, { stage, path }] of stateful.entries()) {
    if (stage.id !== undefined) continue;
    const message = `"${pipeline}" has ${stateful.length} stateful stages: each needs an "id"`;
    const hint = n === 0 ? `id: ${pipeline} is the id it has had so far` : "id: <name>";
    const kind = stage.reduce === undefined ? "windowedReduce" : "reduce";
    report.error("AMBIGUOUS_ID", [...path, kind], message, { on: "key", hint });
  }
}
