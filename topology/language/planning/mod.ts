/**
 * Definition → plan: names, schemas, types, subtopologies, dashboard and tests.
 *
 * @module
 */

import type { Report } from "../document/mod.ts";
import type { CheckedTopology } from "../fields/mod.ts";
import type { InputPlan, Plan, StreamPlan, Subtopology } from "../plan.ts";
import { MAX_TRIALS_COST } from "./aggregators/mod.ts";
import { checkModule } from "./call.ts";
import type {
  Files,
  FunctionModules,
  FunctionPlace,
  Planning,
  Subjects,
  SubtopologyDraft,
} from "./context.ts";
import { planDashboard } from "./dashboard.ts";
import { lint } from "./lints.ts";
import { changelogTopic, DEAD_LETTERS } from "./names.ts";
import { pipelineOrder } from "./order.ts";
import { planPipeline } from "./pipelines.ts";
import { planWriters } from "./repartition.ts";
import { deadLetterStream, draftStreams, planStream } from "./streams.ts";
import { planTests, type TestList } from "./tests.ts";

export {
  AGGREGATORS,
  type AggregatorSpec,
  type ArgumentKind,
  type ArgumentSpec,
} from "./aggregators/mod.ts";
export type {
  ExportedValue,
  Files,
  FunctionModules,
  FunctionPlace,
  ModuleExports,
  Subjects,
} from "./context.ts";

/**
 * @param places takes in where functions are used
 * @returns a plan that holds if and only if nothing was reported as an error
 */
export function planDefinition(
  topology: CheckedTopology,
  files: Files,
  report: Report,
  subjects?: Subjects,
  testFiles: readonly TestList[] = [],
  functions?: FunctionModules,
  places: FunctionPlace[] = [],
): Plan | undefined {
  const planning: Planning = {
    report,
    files: remembered(files),
    subjects,
    application: topology.topology,
    topology,
    incomplete: false,
    streams: draftStreams(topology, report),
    subtopologies: [],
    ends: new Map(),
    windows: [],
    ids: new Map(),
    functions,
    functionPlaces: places,
    trials: { costLeft: MAX_TRIALS_COST },
  };
  checkNames(planning);
  checkModule(planning);
  for (const pipeline of pipelineOrder(planning)) planPipeline(pipeline, planning);

  const streams: Record<string, StreamPlan> = Object.create(null);
  for (const draft of planning.streams.values()) {
    const plan = planStream(draft, planning);
    if (plan !== undefined) streams[draft.name] = plan;
  }
  streams[DEAD_LETTERS] = deadLetterStream(planning.application);
  const planned: Planning = { ...planning, incomplete: report.failed };
  const dashboard = planDashboard(planned);
  const tests = planTests(planned, testFiles);
  // What an error leaves unplanned would look unused.
  if (!report.failed) lint(planning);
  if (report.failed) return undefined;
  const subtopologies = nameSubtopologies(planning);
  return {
    application: planning.application,
    ...(topology.description !== undefined && { description: topology.description }),
    streams,
    subtopologies,
    dashboard,
    tests,
  };
}

function remembered(files: Files): Files {
  const texts = new Map<string, string | undefined>();
  return {
    read(path) {
      if (!texts.has(path)) texts.set(path, files.read(path));
      return texts.get(path);
    },
  };
}

/** Streams and pipelines share one namespace. */
function checkNames({ report, streams, topology }: Planning): void {
  for (const pipeline of Object.keys(topology.pipelines)) {
    if (!streams.has(pipeline) && pipeline !== DEAD_LETTERS) continue;
    const message = `"${pipeline}" is already the name of a stream`;
    report.error("DUPLICATE_NAME", ["pipelines", pipeline], message, { on: "key" });
  }
}

function nameSubtopologies(planning: Planning): readonly Subtopology[] {
  const drafts = planning.subtopologies;
  const names = new Map<SubtopologyDraft, string>();
  for (const draft of drafts) if (draft.stage !== undefined) names.set(draft, draft.stage);
  const taken = new Set(names.values());
  for (const draft of drafts) {
    if (draft.from.kind !== "stream") continue;
    const [pipeline] = draft.pipelines;
    const isMerged = drafts.some(
      (other) => other !== draft && other.from.kind === "stream" && other.pipelines[0] === pipeline,
    );
    const name =
      draft.stores[0]?.stage ?? (isMerged ? `${pipeline}-${draft.from.stream}` : pipeline!);
    // A hyphen cannot stand in an id or a stream's name, so one of these is free.
    const free = [name, `${name}-source`, `${name}-source-`].find((one) => !taken.has(one))!;
    taken.add(free);
    names.set(draft, free);
  }
  const planned = new Map<SubtopologyDraft, Subtopology>();
  // Those that write the input of a subtopology stand before it.
  for (const draft of drafts) {
    const name = names.get(draft)!;
    planned.set(draft, {
      name,
      inputs: [inputOf(draft, planned)],
      changelogTopic: changelogTopic(planning.application, name),
      stores: draft.stores,
    });
  }
  return [...planned.values()];
}

function inputOf(
  { from, nodes }: SubtopologyDraft,
  planned: ReadonlyMap<SubtopologyDraft, Subtopology>,
): InputPlan {
  if (from.kind === "stream") return { from, nodes };
  const writers = from.writers.map((draft) => planned.get(draft)!);
  return { from: { ...from, writers: planWriters(from.topic, writers) }, nodes };
}
