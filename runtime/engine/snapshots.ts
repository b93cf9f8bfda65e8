/**
 * When snapshots of tasks are taken, and which of them a restore may use.
 *
 * A snapshot is taken between a completed commit and the next record. All that the commit wrote stands
 * before the changelog's end as it is then, all that follows behind it: the snapshot and the changelog
 * from there on are the whole changelog. Its copy is written while records are processed again.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { SnapshotReader } from "../state/mod.ts";
import type { Clock, Log, SnapshotStore } from "./ports.ts";
import type { Task } from "./task.ts";
import { TOMBSTONE_RETENTION_MS } from "./topics.ts";
import type { RunningTask } from "./workshop.ts";

const DEFAULT_INTERVAL_MS = 60_000;
/** An hour before the changelog may forget what was deleted: clocks differ, and a restore takes time. */
const MAX_AGE_MS = TOMBSTONE_RETENTION_MS - 3_600_000;

export interface SnapshotsOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Of one task, where something has changed, ms. @default 60_000 */
  readonly snapshotIntervalMs?: number;
  readonly onEvent?: (event: SnapshotEvent) => void;
}

/** A snapshot that is of no use: `discarded` by a restore, or one that could not be written. */
export interface SnapshotEvent {
  readonly kind: "snapshot";
  readonly task: string;
  readonly outcome: "discarded" | "failed";
  readonly reason: string;
}

/** A snapshot that fits, to be closed. */
export interface UsableSnapshot {
  readonly reader: SnapshotReader;
  close(): Promise<void>;
}

export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #store: SnapshotStore;
  /** One is written at a time. */
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  /** When the last one was taken or, before that, the task was first seen. */
  readonly #takenMs = new WeakMap<RunningTask, number>();
  /** Tasks that process nothing any more, since a commit: the changelog's end behind it. */
  readonly #resting = new Map<RunningTask, number>();

  constructor(options: SnapshotsOptions, store: SnapshotStore) {
    this.#options = options;
    this.#store = store;
  }

  /** After a commit: begins a snapshot of the first task whose turn it is. */
  async takeDue(tasks: readonly RunningTask[]): Promise<void> {
    if (this.#isWriting) return;
    const { clock, snapshotIntervalMs: intervalMs = DEFAULT_INTERVAL_MS } = this.#options;
    const nowMs = clock.monotonic();
    const due = tasks.find((running) => {
      if (!this.#takenMs.has(running)) this.#takenMs.set(running, nowMs);
      const sinceMs = nowMs - this.#takenMs.get(running)!;
      return running.changelog.unsaved && !running.task.dirty && sinceMs >= intervalMs;
    });
    if (due === undefined) return;
    this.#takenMs.set(due, nowMs);
    const ends = await this.#endsOf([due]);
    const end = ends?.get(due);
    if (end === undefined) return;
    const parts = await this.#copy(due, end);
    this.#queue(due.task.name, async () => parts);
  }

  /** After the last commit before these tasks may go to someone else, who writes behind it. */
  async rest(tasks: readonly RunningTask[]): Promise<void> {
    const changed = tasks.filter(({ task, changelog }) => changelog.unsaved && !task.dirty);
    for (const [running, end] of (await this.#endsOf(changed)) ?? []) {
      this.#resting.set(running, end);
    }
  }

  /** The tasks that rest and were not handed over go on. */
  wake(): void {
    this.#resting.clear();
  }

  /** The task is someone else's now: its last state is written, then `release` is called. */
  handOver(running: RunningTask, release: () => void): void {
    const end = this.#resting.get(running);
    this.#resting.delete(running);
    if (end === undefined) release();
    else this.#queue(running.task.name, () => this.#copy(running, end), release);
  }

  /** All that was begun is written. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /**
   * The task's snapshot; one that does not fit is discarded, and said so.
   * @param start log start and end of the changelog
   */
  async open(task: Task, start: number, end: number): Promise<UsableSnapshot | undefined> {
    await this.#writing;
    const { clock } = this.#options;
    let stored: Awaited<ReturnType<SnapshotStore["open"]>>;
    try {
      stored = await this.#store.open(task.name);
      if (stored === undefined) return undefined;
      const reader = await SnapshotReader.open(stored);
      const { head } = reader;
      const origin = await this.#originOf(task);
      const ageMs = clock.now() - head.takenAtMs;
      if (head.fingerprint !== origin.fingerprint) throw unfit("the stage was another one");
      if (head.topic !== origin.topic || head.partition !== origin.partition) {
        throw unfit(`it is of ${head.topic}/${head.partition}`);
      }
      if (origin.topicId === null) throw unfit("the broker does not tell topics of one name apart");
      if (head.topicId !== origin.topicId) throw unfit(`${head.topic} was made anew since`);
      if (!(head.offset >= start && head.offset <= end)) {
        throw unfit(`the changelog holds ${start} to ${end}, and not ${head.offset}`);
      }
      if (!(ageMs >= 0 && ageMs <= MAX_AGE_MS)) {
        throw unfit("the changelog may have forgotten what was deleted since");
      }
      const close = stored.close.bind(stored);
      return { reader, close };
    } catch (error) {
      await stored?.close();
      if (error instanceof MillraceError && error.faultClass === "transient") throw error;
      await this.discard(task.name, error);
      return undefined;
    }
  }

  /** What was opened turned out to be of no use. */
  async discard(task: string, reason: unknown): Promise<void> {
    this.#tell(task, "discarded", reason);
    try {
      await this.#store.discard(task);
    } catch (error) {
      this.#tell(task, "failed", error);
    }
  }

  async #copy(running: RunningTask, end: number): Promise<readonly Uint8Array[] | undefined> {
    const origin = await this.#originOf(running.task);
    return running.changelog.snapshot(origin, end, this.#options.clock.now());
  }

  #queue(
    task: string,
    copy: () => Promise<readonly Uint8Array[] | undefined>,
    done?: () => void,
  ): void {
    this.#isWriting = true;
    const writing = this.#writing.then(async () => {
      try {
        const parts = await copy();
        if (parts !== undefined) await this.#store.write(task, parts);
      } catch (error) {
        this.#tell(task, "failed", error);
      } finally {
        done?.();
        if (this.#writing === writing) this.#isWriting = false;
      }
    });
    this.#writing = writing;
  }

  /** A broker that cannot be asked just now costs a snapshot, nothing else. */
  async #endsOf(
    tasks: readonly RunningTask[],
  ): Promise<ReadonlyMap<RunningTask, number> | undefined> {
    if (tasks.length === 0) return undefined;
    try {
      const ends = await this.#options.log.endOffsets(
        tasks.map(({ task }) => ({
          topic: task.subtopology.changelogTopic,
          partition: task.partition,
        })),
      );
      return new Map(tasks.map((running, n) => [running, ends[n]!]));
    } catch (error) {
      for (const { task } of tasks) this.#tell(task.name, "failed", error);
      return undefined;
    }
  }

  async #originOf({ subtopology, partition, inputs, stages, table }: Task) {
    const stage = stages.find((one) => one.table !== undefined);
    const layout = table?.shape.layout;
    const [store] = subtopology.stores;
    const fingerprint = JSON.stringify({
      stage: store?.stage ?? null,
      window: store?.window ?? null,
      inputs: inputs.map(({ topic }) => topic),
      // JSON has no infinities.
      initial: layout && Array.from(layout.initial, String),
      aggregators:
        stage !== undefined && "aggregators" in stage.node
          ? stage.node.aggregators.map(({ aggregator }) => aggregator.name)
          : [],
    });
    const topic = subtopology.changelogTopic;
    const topicId = (await this.#options.log.topicId(topic)) ?? null;
    return { fingerprint, topic, partition, topicId };
  }

  #tell(task: string, outcome: SnapshotEvent["outcome"], reason: unknown): void {
    const text = reason instanceof Error ? reason.message : String(reason);
    this.#options.onEvent?.({ kind: "snapshot", task, outcome, reason: text });
  }
}

function unfit(why: string): MillraceError {
  return new MillraceError("STATE_MISMATCH", `Cannot use snapshot: ${why}`);
}
