/**
 * Definition → plan: names, schemas, types, subtopologies, dashboard and tests.
 *
 * @module
 */

import type { Report } from "../document/mod.ts";
import type { CheckedTopology } from "../fields/mod.ts";
import type { InputPlan, Plan, StreamPlan, Subtopology } from "../plan.ts";
import type { Files, Planning, Subjects, SubtopologyDraft } from "./context.ts";
import { planDashboard } from "./dashboard.ts";
import { lint } from "./lints.ts";
import { changelogTopic, DEAD_LETTERS } from "./names.ts";
import { pipelineOrder } from "./order.ts";
import { planPipeline } from "./pipelines.ts";
import { deadLetterStream, draftStreams, planStream } from "./streams.ts";
import { planTests, type TestList } from "./tests.ts";

export type { Files, Subjects } from "./context.ts";

/** @returns a plan that holds if and only if nothing was reported as an error */
export function planDefinition(
  topology: CheckedTopology,
  files: Files,
  report: Report,
  subjects?: Subjects,
  testFiles: readonly TestList[] = [],
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
  };
  checkNames(planning);
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
    if (draft.stage !== undefined) continue;
    const name = draft.stores[0]?.stage ?? draft.pipelines[0]!;
    // A hyphen cannot stand in an id, so this name is free.
    const free = taken.has(name) ? `${name}-source` : name;
    taken.add(free);
    names.set(draft, free);
  }
  return drafts.map((draft) => ({
    name: names.get(draft)!,
    inputs: [inputOf(draft, names)],
    changelogTopic: changelogTopic(planning.application, names.get(draft)!),
    stores: draft.stores,
  }));
}

function inputOf(
  { from, nodes }: SubtopologyDraft,
  names: ReadonlyMap<SubtopologyDraft, string>,
): InputPlan {
  if (from.kind === "stream") return { from, nodes };
  return { from: { ...from, writer: names.get(from.writer)! }, nodes };
}
