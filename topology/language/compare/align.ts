/**
 * Which stage of one plan is which of another: by id where it has one, else by what it does and by
 * its place among the others.
 *
 * @module
 */

import { isNamed, type PlanSnapshot, type StageSequence, type StageSnapshot } from "./snapshot.ts";

/** A stage of both plans, of the new one alone (added), or of the old one alone (removed). */
export interface StagePair {
  readonly before?: StageSnapshot;
  readonly after?: StageSnapshot;
  /** It stands elsewhere among the others, or in another pipeline. */
  readonly moved: boolean;
}

/** In the order of the new plan; what is gone stands last. */
export function alignStages(
  before: Pick<PlanSnapshot, "sequences">,
  after: Pick<PlanSnapshot, "sequences">,
): readonly StagePair[] {
  const old = new Map(before.sequences.map((sequence) => [sequence.path, sequence.stages]));
  const partners = new Map<StageSnapshot, StageSnapshot>();
  const moved = new Set<StageSnapshot>();
  for (const { path, stages } of after.sequences)
    alignSequence(old.get(path) ?? [], stages, partners);
  const taken = new Set(partners.values());
  const named = new Map(
    stagesOf(before.sequences)
      .filter((stage) => isNamed(stage) && !taken.has(stage))
      .map((stage) => [stage.stage, stage]),
  );
  for (const stage of stagesOf(after.sequences)) {
    const partner = isNamed(stage) && !partners.has(stage) ? named.get(stage.stage) : undefined;
    if (partner === undefined) continue;
    partners.set(stage, partner);
    taken.add(partner);
    moved.add(stage);
  }
  const pairs = stagesOf(after.sequences).map((stage): StagePair => {
    const partner = partners.get(stage);
    if (partner === undefined) return { after: stage, moved: false };
    return { before: partner, after: stage, moved: moved.has(stage) };
  });
  const gone = stagesOf(before.sequences).filter((stage) => !taken.has(stage));
  return [...pairs, ...gone.map((stage) => ({ before: stage, moved: false }))];
}

function stagesOf(sequences: readonly StageSequence[]): readonly StageSnapshot[] {
  return sequences.flatMap(({ stages }) => stages);
}

/** What is alike keeps its order; between that, what is of one kind is paired in turn. */
function alignSequence(
  before: readonly StageSnapshot[],
  after: readonly StageSnapshot[],
  partners: Map<StageSnapshot, StageSnapshot>,
): void {
  let [b, a] = [0, 0];
  for (const [nextB, nextA] of [...commonRun(before, after), [before.length, after.length]]) {
    const open = before.slice(b, nextB).filter((stage) => !isNamed(stage));
    for (const stage of after.slice(a, nextA)) {
      if (isNamed(stage)) continue;
      const at = open.findIndex(({ kind }) => kind === stage.kind);
      if (at >= 0) partners.set(stage, open.splice(0, at + 1)[at]!);
    }
    if (nextA! < after.length) partners.set(after[nextA!]!, before[nextB!]!);
    [b, a] = [nextB! + 1, nextA! + 1];
  }
}

/** Longest common subsequence. @returns places in `before` and `after` */
function commonRun(
  before: readonly StageSnapshot[],
  after: readonly StageSnapshot[],
): readonly (readonly [number, number])[] {
  const [old, now] = [before.map(identity), after.map(identity)];
  // Cell (b, a): length of the longest one of what begins at b and at a.
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let b = old.length - 1; b >= 0; b--) {
    for (let a = now.length - 1; a >= 0; a--) {
      lengths[b * width + a] =
        old[b] === now[a]
          ? lengths[(b + 1) * width + a + 1]! + 1
          : Math.max(lengths[(b + 1) * width + a]!, lengths[b * width + a + 1]!);
    }
  }
  const run: (readonly [number, number])[] = [];
  for (let [b, a] = [0, 0]; b < old.length && a < now.length; ) {
    if (old[b] === now[a]) run.push([b++, a++]);
    else if (lengths[(b + 1) * width + a]! >= lengths[b * width + a + 1]!) b++;
    else a++;
  }
  return run;
}

function identity(stage: StageSnapshot): string {
  if (isNamed(stage)) return `id ${stage.stage}`;
  // There is one source, and it stands first, whatever it reads.
  if (stage.kind === "source") return "source";
  return `${stage.kind} ${JSON.stringify(Object.entries(stage.parts).sort())}`;
}
