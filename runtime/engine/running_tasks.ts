/**
 * The tasks that an instance runs, and who reads which partition.
 *
 * @module
 */

import type { Subtopology } from "../../topology/language/mod.ts";
import type { TopicPartition } from "./ports.ts";
import type { Snapshots } from "./snapshots.ts";
import type { Task } from "./task.ts";
import type { RunningTask } from "./workshop.ts";

/** A task that is to run. */
export interface WantedTask {
  readonly subtopology: Subtopology;
  readonly partition: number;
}

export interface TakenEntries {
  /** Restored from changelogs. */
  readonly restoredEntries: number;
  readonly snapshotEntries: number;
}

export class RunningTasks {
  readonly #snapshots: Snapshots | undefined;
  #tasks = new Map<string, RunningTask>();
  /** By topic and partition. */
  #readers = new Map<string, { running: RunningTask; input: number }>();

  constructor(snapshots: Snapshots | undefined) {
    this.#snapshots = snapshots;
  }

  /** `<subtopology>/<partition>` */
  get names(): readonly string[] {
    return [...this.#tasks.keys()];
  }

  get all(): readonly RunningTask[] {
    return [...this.#tasks.values()];
  }

  reader(partition: TopicPartition): { running: RunningTask; input: number } | undefined {
    return this.#readers.get(nameOf(partition));
  }

  /** Runs exactly these; those that ran already go on as they are, others are handed over. */
  async take(
    wanted: readonly WantedTask[],
    create: (wanted: WantedTask, name: string) => Promise<RunningTask>,
  ): Promise<TakenEntries> {
    const before = this.#tasks;
    this.#tasks = new Map();
    const names = wanted.map(({ subtopology, partition }) => `${subtopology.name}/${partition}`);
    for (const name of names) {
      const kept = before.get(name);
      before.delete(name);
      if (kept !== undefined) this.#tasks.set(name, kept);
    }
    for (const running of before.values()) this.#handOver(running);
    let [restoredEntries, snapshotEntries] = [0, 0];
    for (const [n, name] of names.entries()) {
      if (this.#tasks.has(name)) continue;
      const running = await create(wanted[n]!, name);
      restoredEntries += running.restored.entries;
      snapshotEntries += running.restored.snapshotEntries;
      this.#tasks.set(name, running);
    }
    this.#snapshots?.wake();
    // In the order of the assignment, whichever were there before.
    this.#tasks = new Map(names.map((name) => [name, this.#tasks.get(name)!]));
    this.#readers = new Map();
    for (const running of this.#tasks.values()) {
      running.task.inputs.forEach((input, n) => {
        this.#readers.set(nameOf(input), { running, input: n });
      });
    }
    return { restoredEntries, snapshotEntries };
  }

  /** Gives all away after their last commit. */
  async handOver(): Promise<void> {
    if (this.#snapshots === undefined) return;
    for (const running of this.#tasks.values()) this.#handOver(running);
    await this.#snapshots.settled();
  }

  /** Forgets everything uncommitted. */
  drop(): void {
    for (const running of this.#tasks.values()) release(running);
    this.#tasks = new Map();
    this.#readers = new Map();
  }

  #handOver(running: RunningTask): void {
    if (this.#snapshots === undefined) release(running);
    else this.#snapshots.handOver(running, () => release(running));
  }
}

function release({ task, changelog }: RunningTask): void {
  task.release();
  changelog.release();
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** Whether a task has read anything since it stood at these positions, by input. */
export function hasMoved({ inputs }: Task, positions: readonly number[]): boolean {
  return inputs.some(({ position }, n) => position !== positions[n]);
}
