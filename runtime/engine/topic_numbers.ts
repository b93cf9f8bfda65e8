/**
 * Where the writers of a repartition topic read, and how the stage behind it numbers those topics: by
 * their names, so that the order of records does not depend on who has read them.
 *
 * @module
 */

import type { Plan, Subtopology, WriterPlan } from "../../topology/language/mod.ts";

/** Topics that a subtopology reads, by input. */
export function inputTopics({ inputs }: Subtopology, { streams }: Plan): readonly string[] {
  return inputs.map(({ from }) =>
    from.kind === "stream" ? streams[from.stream]!.topic : from.topic,
  );
}

/** By writer's id, those topics by input. */
export function writersTopics(
  plan: Plan,
  writers: readonly WriterPlan[],
): ReadonlyMap<number, readonly string[]> {
  return new Map(
    writers.map(({ id, subtopology }) => [
      id,
      inputTopics(plan.subtopologies.find(({ name }) => name === subtopology)!, plan),
    ]),
  );
}

/** By writer's id, the numbers of its topics among those of all writers, by input. */
export function topicNumbers(
  plan: Plan,
  writers: readonly WriterPlan[],
): ReadonlyMap<number, readonly number[]> {
  const topics = writersTopics(plan, writers);
  const all = [...new Set([...topics.values()].flat())].sort();
  return new Map(
    [...topics].map(([writer, names]) => [writer, names.map((name) => all.indexOf(name))]),
  );
}

/** Id that the subtopology has in the repartition topics it writes: everywhere the same. */
export function writerId(plan: Plan, subtopology: string): number {
  for (const { inputs } of plan.subtopologies) {
    for (const { from } of inputs) {
      if (from.kind !== "repartition") continue;
      const writer = from.writers.find((candidate) => candidate.subtopology === subtopology);
      if (writer !== undefined) return writer.id;
    }
  }
  return 0;
}
