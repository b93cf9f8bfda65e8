/**
 * Whether the tasks of a plan can go on with the positions and changelogs of another one's: they are
 * kept by the subtopology's name, the topics it reads and its number of tasks.
 *
 * @module
 */

import type { PlanSnapshot, SubtopologySnapshot } from "./snapshot.ts";

export class SubtopologyChanges {
  readonly #before: PlanSnapshot;
  readonly #after: PlanSnapshot;
  readonly #tasksBefore: ReadonlyMap<string, number>;
  readonly #tasksAfter: ReadonlyMap<string, number>;

  constructor(before: PlanSnapshot, after: PlanSnapshot) {
    this.#before = before;
    this.#after = after;
    this.#tasksBefore = tasksOf(before);
    this.#tasksAfter = tasksOf(after);
  }

  /** Why a subtopology finds nothing of its own any more; undefined when it does, or when it is new. */
  moved(name: string): string | undefined {
    const after = find(this.#after, name);
    const before = find(this.#before, name);
    if (after === undefined) return undefined;
    if (before === undefined) {
      const former = this.#before.subtopologies.find(
        (other) => showInputs(other) === showInputs(after),
      );
      return former && `its tasks are called ${name}, and were ${former.name}`;
    }
    if (showInputs(before) === showInputs(after)) return undefined;
    return `its tasks read ${showInputs(after)}, and read ${showInputs(before)}`;
  }

  /** How its number of tasks has changed. */
  repartitioned(name: string): string | undefined {
    const [before, after] = [this.#tasksBefore.get(name), this.#tasksAfter.get(name)];
    if (before === undefined || after === undefined || before === after) return undefined;
    const { changelogTopic } = find(this.#after, name)!;
    return `${after} partitions, and were ${before}, which ${changelogTopic} still has`;
  }
}

function find({ subtopologies }: PlanSnapshot, name: string): SubtopologySnapshot | undefined {
  return subtopologies.find((subtopology) => subtopology.name === name);
}

/** In their order: positions in the changelog are kept by it. */
function showInputs({ inputs }: SubtopologySnapshot): string {
  return inputs.map(({ topic }) => topic).join(", ");
}

/** Tasks by subtopology; of those whose source topics have been seen. */
function tasksOf({ subtopologies, partitions }: PlanSnapshot): ReadonlyMap<string, number> {
  const tasks = new Map<string, number>();
  for (const { name, inputs } of subtopologies) {
    const counts = inputs.flatMap(({ topic, writers }) =>
      writers === undefined ? [partitions[topic]] : writers.map((writer) => tasks.get(writer)),
    );
    if (counts.every((count) => count !== undefined)) tasks.set(name, Math.max(...counts));
  }
  return tasks;
}
