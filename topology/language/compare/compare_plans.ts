/**
 * What a new plan means for an application that ran an old one.
 *
 * @module
 */

import { alignStages, type StagePair } from "./align.ts";
import { partChanges } from "./parts.ts";
import type { PlanSnapshot, StageSnapshot } from "./snapshot.ts";
import { compareStates } from "./state.ts";
import { SubtopologyChanges } from "./subtopologies.ts";

/**
 * - `unchanged`
 * - `hot`: no state is concerned, the new stage goes on where the old one stopped
 * - `compatible`: the state goes on being used
 * - `newState`: the state of the old stage does not fit the new one, or nobody uses it any more
 * - `repartition`: partition counts have changed, so keys are elsewhere
 */
export type ChangeClass = "unchanged" | "hot" | "compatible" | "newState" | "repartition";

export interface StageChange {
  /** Its id, else its place: `orders.1`. */
  readonly stage: string;
  /** In the new definition; in the old one where it is gone. */
  readonly path: string;
  readonly kind: string;
  readonly class: ChangeClass;
  /** What has changed, a phrase each; empty when nothing has. */
  readonly reasons: readonly string[];
  /** What goes with it, where state is lost. */
  readonly lost?: string;
}

export interface TopicChange {
  readonly topic: string;
  /** `orphaned`: the application leaves it behind; `reset`: `--reset` deletes it, and what it holds. */
  readonly change: "created" | "orphaned" | "reset";
}

export interface PlanComparison {
  readonly application: string;
  /** False: nothing is known of an earlier run. */
  readonly ranBefore: boolean;
  readonly stages: readonly StageChange[];
  readonly topics: readonly TopicChange[];
  /** The worst of it: `losing` when the new plan cannot run on what the old one left. */
  readonly verdict: "unchanged" | "changes" | "losing";
}

/**
 * Compares stage by stage. Pure.
 *
 * @param before what the application last ran; undefined: nothing is known
 * @param after what it shall run, with partition counts as they are now
 * @param existing topics that are there now
 */
export function comparePlans(
  before: PlanSnapshot | undefined,
  after: PlanSnapshot,
  existing: ReadonlySet<string>,
): PlanComparison {
  const known = before ?? { ...after, sequences: [] };
  const subtopologies = new SubtopologyChanges(known, after);
  const readBefore = new Set(before?.topics.sources);
  const stages = alignStages(known, after).map((pair) => classify(pair, subtopologies, readBefore));
  const loses = stages.some(isLosing);
  const topics = compareTopics(known, after, existing, loses);
  const changes = topics.length > 0 || stages.some((stage) => stage.class !== "unchanged");
  return {
    application: after.application,
    ranBefore: before !== undefined,
    stages,
    topics,
    verdict: loses ? "losing" : changes ? "changes" : "unchanged",
  };
}

/** Whether the state of an earlier run stands in the way. */
export function isLosing(change: StageChange): boolean {
  return change.class === "newState" || change.class === "repartition";
}

function classify(
  pair: StagePair,
  subtopologies: SubtopologyChanges,
  readBefore: ReadonlySet<string>,
): StageChange {
  const { before, after } = pair;
  if (after === undefined) return goneStage(before!);
  const { stage, path, kind } = after;
  const here = { stage, path, kind };
  const lost = lostBy(after);
  const holds = kind === "source" || after.state !== undefined;
  const repartition = holds ? subtopologies.repartitioned(after.subtopology) : undefined;
  if (repartition !== undefined) {
    return { ...here, class: "repartition", reasons: [repartition], lost };
  }
  const moved = holds ? subtopologies.moved(after.subtopology) : undefined;
  if (before === undefined) return addedStage(after, moved, readBefore);
  const state = compareStateOf(before, after);
  const losses = [...(moved === undefined ? [] : [moved]), ...state.lost];
  if (losses.length > 0) return { ...here, class: "newState", reasons: losses, lost };
  const reasons = [...state.kept, ...otherChanges(pair, state.kept.length > 0)];
  if (reasons.length === 0) return { ...here, class: "unchanged", reasons };
  return { ...here, class: state.kept.length > 0 ? "compatible" : "hot", reasons };
}

function goneStage({ stage, path, kind, ...old }: StageSnapshot): StageChange {
  const reasons = ["removed"];
  if (old.state === undefined) return { stage, path, kind, class: "hot", reasons };
  return { stage, path, kind, class: "newState", reasons, lost: lostBy({ kind, ...old }) };
}

function addedStage(
  after: StageSnapshot,
  moved: string | undefined,
  readBefore: ReadonlySet<string>,
): StageChange {
  const { stage, path, kind, state } = after;
  const isLate = state?.rows !== undefined && state.sources.some((topic) => readBefore.has(topic));
  if (isLate && moved === undefined) {
    const reasons = ["added behind a table that has been read: rows that stand would be missing"];
    return { stage, path, kind, class: "newState", reasons, lost: lostBy(after) };
  }
  if (moved !== undefined) {
    return { stage, path, kind, class: "newState", reasons: [moved], lost: lostBy(after) };
  }
  if (state === undefined) return { stage, path, kind, class: "hot", reasons: ["added"] };
  const reasons = [
    state.rows === undefined
      ? "added: it begins empty, with the records that come from now on"
      : "added: it begins empty, with the first record of its table",
  ];
  return { stage, path, kind, class: "compatible", reasons };
}

/** A stage that has got state, or has none any more, is another stage under the same name. */
function compareStateOf(before: StageSnapshot, after: StageSnapshot) {
  if (before.state !== undefined && after.state !== undefined) {
    return compareStates(before.state, after.state);
  }
  const isSame = before.state === undefined && after.state === undefined;
  return { lost: isSame ? [] : [`kind: ${before.kind}, now ${after.kind}`], kept: [] };
}

/** Parts that the comparison of the states speaks for. */
const PARTS_OF_STATE = ["window", "emit", "key", "aggregators"];

function otherChanges(
  { before, after, moved }: StagePair,
  isStateNamed: boolean,
): readonly string[] {
  const skipped = new Set(isStateNamed ? PARTS_OF_STATE : []);
  const kept = (stage: StageSnapshot) =>
    Object.fromEntries(Object.entries(stage.parts).filter(([name]) => !skipped.has(name)));
  const kinds = before!.kind === after!.kind ? [] : [`kind: ${before!.kind}, now ${after!.kind}`];
  return [
    ...kinds,
    ...(moved ? ["stands elsewhere"] : []),
    ...partChanges(kept(before!), kept(after!)),
  ];
}

function lostBy({ kind, subtopology }: Pick<StageSnapshot, "kind" | "subtopology">): string {
  switch (kind) {
    case "source":
      return `how far ${subtopology} has read, and its counts`;
    case "table":
      return `the rows of ${subtopology}, and its counts`;
    default:
      return `what ${subtopology} holds in open windows, and its counts`;
  }
}

function compareTopics(
  before: PlanSnapshot,
  after: PlanSnapshot,
  existing: ReadonlySet<string>,
  loses: boolean,
): readonly TopicChange[] {
  const own = [...after.topics.written, ...after.topics.internal];
  const used = new Set([...after.topics.sources, ...own]);
  const left = [...before.topics.written, ...before.topics.internal];
  const listed = (topics: readonly string[], change: TopicChange["change"]) =>
    topics.map((topic): TopicChange => ({ topic, change }));
  return [
    ...listed(
      [...used].filter((topic) => !existing.has(topic)),
      "created",
    ),
    ...listed(
      left.filter((topic) => !used.has(topic) && existing.has(topic)),
      "orphaned",
    ),
    ...listed(loses ? own.filter((topic) => existing.has(topic)) : [], "reset"),
  ];
}
