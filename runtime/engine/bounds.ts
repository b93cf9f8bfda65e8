/**
 * Where a bounded run ends. What others write ends where it ended when the run began. What the
 * application writes itself, and reads, ends when every task that writes it has ended: all of them run
 * in one instance.
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import type { Log } from "./ports.ts";
import type { Task } from "./task.ts";
import { DEAD_LETTERS, writtenStreams } from "./topics.ts";

export interface BoundsOptions {
  readonly plan: Plan;
  readonly log: Pick<Log, "endOffsets">;
}

export class Bounds {
  readonly #log: BoundsOptions["log"];
  /** By topic whose end is not known yet: the subtopologies that write to it. */
  readonly #writers: Map<string, ReadonlySet<string>>;

  constructor({ plan, log }: BoundsOptions) {
    this.#log = log;
    this.#writers = writersOfSources(plan);
  }

  /**
   * Ends the inputs that are complete.
   * @param flush writes out what has been made
   * @returns whether everything has been processed and closed
   */
  async reached(tasks: readonly Task[], flush: () => Promise<void>): Promise<boolean> {
    if (tasks.length === 0) return false;
    const open = new Set(tasks.filter(({ ended }) => !ended).map((task) => task.subtopology.name));
    const complete = [...this.#writers]
      .filter(([, writers]) => [...writers].every((writer) => !open.has(writer)))
      .map(([topic]) => topic);
    if (complete.length === 0) return open.size === 0;
    await flush();
    const inputs = tasks.flatMap((task) =>
      task.inputs.filter(({ isSource, topic }) => isSource && complete.includes(topic)),
    );
    const ends = await this.#log.endOffsets(inputs);
    inputs.forEach((input, n) => {
      input.endOffset = ends[n]!;
    });
    for (const topic of complete) this.#writers.delete(topic);
    return false;
  }
}

function writersOfSources(plan: Plan): Map<string, ReadonlySet<string>> {
  const writers = new Map<string, ReadonlySet<string>>();
  const behind = behindDeadLetters(plan);
  for (const { inputs } of plan.subtopologies) {
    for (const { from } of inputs) {
      const stream = from.kind === "stream" ? plan.streams[from.stream] : undefined;
      if (!stream?.written) continue;
      const writing = plan.subtopologies.filter((other) =>
        stream.name === DEAD_LETTERS
          ? !behind.has(other.name)
          : writtenStreams(other).has(stream.name),
      );
      writers.set(stream.topic, new Set(writing.map(({ name }) => name)));
    }
  }
  return writers;
}

/** Subtopologies that dead letters reach: they make none. */
function behindDeadLetters({ subtopologies }: Plan): ReadonlySet<string> {
  const behind = new Set<string>();
  const streams = new Set([DEAD_LETTERS]);
  // Not in one go: which of them writes a stream may stand behind one that reads it.
  for (let before = -1; before < behind.size; ) {
    before = behind.size;
    for (const subtopology of subtopologies) {
      const isReached = subtopology.inputs.some(({ from }) =>
        from.kind === "stream"
          ? streams.has(from.stream)
          : from.writers.some((writer) => behind.has(writer.subtopology)),
      );
      if (!isReached) continue;
      behind.add(subtopology.name);
      for (const stream of writtenStreams(subtopology)) streams.add(stream);
    }
  }
  return behind;
}
