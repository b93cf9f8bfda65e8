/**
 * An instance: it joins the group, runs the tasks it is given, and commits.
 *
 * One loop does everything in turn: poll, process, close windows, flush, commit. Nothing else writes
 * or commits, so a flush always falls between two records and a commit between two flushes.
 *
 *     stopped ──start──▶ running ──stop / drained──▶ stopped
 *                           │  a fatal error: nothing is committed any more
 *                           ▼
 *                         failed
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { Bounds } from "./bounds.ts";
import type { CompiledPrograms } from "./compiled_programs.ts";
import type { EngineEvent } from "./engine_event.ts";
import type { Functions } from "./function_call.ts";
import { type Ledger, sumLedgers } from "./ledger.ts";
import { Markers } from "./markers.ts";
import type { Outputs } from "./outputs.ts";
import type {
  Appended,
  AssignmentListener,
  Clock,
  Log,
  SchemaSource,
  SnapshotStore,
  TopicPartition,
} from "./ports.ts";
import { formatPositionMetadata } from "./position_metadata.ts";
import { Retries } from "./retries.ts";
import { hasMoved, RunningTasks, type TakenEntries } from "./running_tasks.ts";
import { Skew } from "./skew.ts";
import { Snapshots } from "./snapshots.ts";
import type { Task } from "./task.ts";
import { Workshop } from "./workshop.ts";
import { writeInPieces } from "./write_in_pieces.ts";

export interface EngineOptions {
  readonly plan: Plan;
  readonly log: Log;
  readonly schemas: SchemaSource;
  readonly clock: Clock;
  /** Results and markers are flushed this often, ms. @default 100 */
  readonly flushIntervalMs?: number;
  /** Changelog and offsets are committed this often, ms. @default 1000 */
  readonly commitIntervalMs?: number;
  /** Bytes of state this instance may hold. @default 1 GiB */
  readonly stateBytes?: number;
  /** Ends with its sources (see `Bounds`); this instance runs all tasks. @default false */
  readonly bounded?: boolean;
  /** Records are put together before repartition topics, where commits are atomic. @default true */
  readonly preAggregates?: boolean;
  /** What the module of functions exports that the plan names. @default nothing */
  readonly functions?: Functions;
  /** Shared with other instances of this plan in the process. @default its own */
  readonly programs?: CompiledPrograms;
  /** Where snapshots of tasks are kept, for a quick start. @default state is restored from changelogs */
  readonly snapshots?: SnapshotStore;
  /** A task's snapshot is taken this often while its state changes, ms. @default 60_000 */
  readonly snapshotIntervalMs?: number;
  /** What the instance does, for people to read. */
  readonly onEvent?: (event: EngineEvent) => void;
}

interface Intervals {
  readonly flushIntervalMs: number;
  readonly commitIntervalMs: number;
}

const DEFAULTS: Intervals = Object.freeze({ flushIntervalMs: 100, commitIntervalMs: 1000 });
/** Positions that only markers moved are committed this often. */
const QUIET_COMMIT_MS = 30_000;
const PURGE_INTERVAL_MS = 30_000;
/** How long `stop` waits for a poll to come back by itself. */
const POLL_PATIENCE_MS = 1500;

export class Engine {
  readonly #options: EngineOptions & Intervals;
  readonly #workshop: Workshop;
  readonly #markers: Markers;
  readonly #outputs: Outputs;
  readonly #bounds: Bounds;
  readonly #skew: Skew;
  readonly #snapshots: Snapshots | undefined;
  readonly #tasks: RunningTasks;
  readonly #retries: Retries;
  #nextFlushMs = 0;
  #nextCommitMs = 0;
  #quietSinceMs = 0;
  #nextPurgeMs = 0;
  #state: "stopped" | "running" | "failed" = "stopped";
  #stopping = new AbortController();
  /** Inside `log.poll`, which can wait long: for the other members of a rebalance. */
  #polling = false;

  private constructor(
    options: EngineOptions & Intervals,
    workshop: Workshop,
    snapshots: Snapshots | undefined,
  ) {
    this.#options = options;
    this.#workshop = workshop;
    this.#snapshots = snapshots;
    this.#tasks = new RunningTasks(snapshots);
    this.#outputs = workshop.outputs;
    this.#markers = new Markers(options.plan, workshop.layout);
    this.#bounds = new Bounds(options);
    this.#skew = new Skew(options, workshop.layout);
    const { clock, onEvent } = options;
    this.#retries = new Retries(clock, this.#stopping.signal, (what, error) => {
      onEvent?.({ kind: "retrying", what, error });
    });
  }

  /**
   * Creates the application's topics, registers its schemas, joins the group and restores what it is
   * given.
   * @throws {MillraceError} what keeps it from starting; nothing is left running then
   */
  static async start(given: EngineOptions): Promise<Engine> {
    const options: EngineOptions & Intervals = {
      ...given,
      flushIntervalMs: given.flushIntervalMs ?? DEFAULTS.flushIntervalMs,
      commitIntervalMs: given.commitIntervalMs ?? DEFAULTS.commitIntervalMs,
    };
    const { onEvent } = given;
    const snapshots = given.snapshots && new Snapshots(given, given.snapshots);
    const workshop = await Workshop.open({
      ...options,
      snapshots,
      peeked: onEvent && ((peeked) => onEvent({ kind: "peeked", ...peeked })),
      restoring: onEvent,
    });
    const engine = new Engine(options, workshop, snapshots);
    const now = options.clock.monotonic();
    engine.#nextFlushMs = now + options.flushIntervalMs;
    engine.#nextCommitMs = now + options.commitIntervalMs;
    engine.#quietSinceMs = now;
    engine.#nextPurgeMs = now + PURGE_INTERVAL_MS;
    engine.#state = "running";
    try {
      await options.log.join(
        {
          group: options.plan.application,
          coPartitioned: options.plan.subtopologies.map((subtopology) =>
            workshop.topicsOf(subtopology),
          ),
        },
        engine.#listener(),
      );
    } catch (error) {
      engine.#state = "failed";
      await options.log.leave().catch(() => undefined);
      throw error;
    }
    return engine;
  }

  /** Names of the tasks that run here: `<subtopology>/<partition>`. */
  get tasks(): readonly string[] {
    return this.#tasks.names;
  }

  /** Counts of the tasks that run here, summed over partitions. */
  ledger(): Ledger {
    return sumLedgers(this.#tasks.all.map(({ task }) => task.ledger.snapshot()));
  }

  get stateBytes(): number {
    return this.#workshop.budget.usedBytes;
  }

  /**
   * One turn of the loop.
   * @param maxWaitMs how long to wait for records at most
   * @throws {MillraceError} what must stop the instance; it has left the group then
   */
  async step(maxWaitMs: number): Promise<void> {
    try {
      this.#polling = true;
      const fetched = await this.#retries.until("read", () => this.#options.log.poll(maxWaitMs));
      this.#polling = false;
      for (const part of fetched) {
        const reader = this.#tasks.reader(part);
        if (reader === undefined) continue;
        await this.#retries.until("look up a schema", () =>
          reader.running.task.process(reader.input, part),
        );
        await this.#flushIfDue();
      }
      await this.#retries.until("look at the skew", () => this.#skew.align(this.#ownTasks()));
      for (const task of this.#ownTasks()) task.advance();
      await this.#flushIfDue();
      await this.#commitIfDue();
    } catch (error) {
      if (error instanceof MillraceError && error.faultClass === "fenced") {
        this.#drop(error.message);
        return;
      }
      this.#state = "failed";
      this.#drop(String(error));
      await this.#options.log.leave().catch(() => undefined);
      throw error;
    }
  }

  /** Turns the loop until `stop` is called or, bounded, until everything is drained. */
  async run(): Promise<void> {
    const { clock, bounded } = this.#options;
    while (this.#state === "running" && !this.#stopping.signal.aborted) {
      await this.step(Math.max(0, this.#nextFlushMs - clock.monotonic()));
      if (!bounded) continue;
      if (await this.#bounds.reached(this.#ownTasks(), () => this.#publish())) break;
    }
    if (this.#state === "running") await this.#leave();
  }

  /** Makes `run` commit, leave the group and return. Without a `run`, call `close`. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    // A poll that waits for the rest of the group is ended by leaving.
    void this.#options.clock.sleep(POLL_PATIENCE_MS).then(() => {
      if (this.#polling && this.#state === "running") void this.#options.log.leave();
    });
  }

  /** Commits, leaves the group. For those who call `step` themselves. */
  async close(): Promise<void> {
    this.stop();
    if (this.#state === "running") await this.#leave();
  }

  /** Flushes and commits now. */
  async commit(): Promise<void> {
    const { log, clock } = this.#options;
    await this.#retries.until("confirm the assignment", () => log.confirm());
    for (const task of this.#ownTasks()) task.sendPartials();
    await this.#write(true);
    const quiet = clock.monotonic() - this.#quietSinceMs >= QUIET_COMMIT_MS;
    const committing = this.#tasks.all.filter(
      ({ task, changelog, committed }) =>
        task.dirty || changelog.pending || (quiet && hasMoved(task, committed)),
    );
    if (committing.length === 0) {
      // Markers of tasks that have nothing to commit: others wait for them.
      if (log.atomicCommits) await this.#retries.until("commit markers", () => log.commit([]));
      return;
    }
    const { changelogs } = this.#workshop;
    const writers = committing.map(({ changelog }) => changelog.write(clock.now()));
    await writeInPieces(writers, changelogs, (piece) =>
      this.#append("write the changelog", changelogs, piece),
    );
    const offsets = committing.flatMap(({ task }) =>
      task.inputs.map((input) => ({
        topic: input.topic,
        partition: input.partition,
        offset: input.position,
        metadata: formatPositionMetadata(task.metadata(input)),
      })),
    );
    await this.#retries.until("commit offsets", () => log.commit(offsets));
    for (const running of committing) {
      running.changelog.committed();
      running.task.dirty = false;
      running.committed = running.task.inputs.map(({ position }) => position);
    }
    this.#quietSinceMs = clock.monotonic();
  }

  /** Writes results and markers out. */
  async flush(): Promise<void> {
    // Where all becomes visible at the commit, markers come with it: they cover what is sent on then.
    await this.#write(!this.#options.log.atomicCommits);
  }

  async #write(withMarkers: boolean): Promise<void> {
    const nowMs = this.#options.clock.now();
    if (withMarkers) this.#markers.append(this.#ownTasks(), this.#outputs, nowMs);
    await this.#append("write results", this.#outputs, this.#outputs.take());
  }

  async #append(what: string, outputs: Outputs, taken: readonly Appended[]): Promise<void> {
    if (taken.length === 0) return;
    await this.#retries.until(what, () => this.#options.log.append(taken));
    outputs.give(taken);
  }

  /** Makes what was written visible to all. */
  async #publish(): Promise<void> {
    await (this.#options.log.atomicCommits ? this.commit() : this.flush());
  }

  async #flushIfDue(): Promise<void> {
    const { clock, flushIntervalMs } = this.#options;
    const now = clock.monotonic();
    if (now < this.#nextFlushMs) return;
    for (const { task } of this.#tasks.all) task.advance();
    await this.flush();
    this.#nextFlushMs = now + flushIntervalMs;
  }

  async #commitIfDue(): Promise<void> {
    const { clock, commitIntervalMs } = this.#options;
    const now = clock.monotonic();
    if (now < this.#nextCommitMs) return;
    await this.commit();
    this.#nextCommitMs = now + commitIntervalMs;
    await this.#snapshots?.takeDue(this.#tasks.all);
    if (now >= this.#nextPurgeMs) {
      this.#nextPurgeMs = now + PURGE_INTERVAL_MS;
      await this.#purge();
    }
  }

  /** What every reader of a repartition partition has committed can go. */
  async #purge(): Promise<void> {
    const before = this.#tasks.all.flatMap(({ task, committed }) =>
      task.inputs.flatMap((input, n) =>
        input.isSource
          ? []
          : [{ topic: input.topic, partition: input.partition, offset: committed[n]! }],
      ),
    );
    if (before.length > 0) await this.#options.log.purge(before);
  }

  #listener(): AssignmentListener {
    const { onEvent } = this.#options;
    return {
      assigned: async (partitions) => {
        const entries = await this.#take(partitions);
        onEvent?.({ kind: "assigned", tasks: this.tasks, ...entries });
      },
      revoked: async () => {
        if (this.#state === "running" && this.#tasks.all.length > 0) {
          await this.commit();
          await this.#snapshots?.rest(this.#tasks.all);
        }
        onEvent?.({ kind: "revoked" });
      },
      lost: async () => this.#drop("the group went on without this member"),
    };
  }

  /** Runs exactly the tasks of these partitions. */
  async #take(partitions: readonly TopicPartition[]): Promise<TakenEntries> {
    const wanted = this.#workshop.tasksOf(partitions);
    const entries = await this.#tasks.take(wanted, ({ subtopology, partition }, name) =>
      this.#retries.until(`restore ${name}`, () =>
        this.#workshop.createTask(subtopology, partition),
      ),
    );
    this.#markers.reset();
    await this.#retries.until("look at the skew", () => this.#skew.assigned(this.#ownTasks()));
    return entries;
  }

  /** Forgets everything uncommitted: the tasks are someone else's, or the instance has failed. */
  #drop(reason: string): void {
    this.#tasks.drop();
    this.#outputs.take();
    this.#workshop.changelogs.take();
    this.#options.log.fetchFrom([]);
    this.#options.onEvent?.({ kind: "lost", reason });
  }

  #ownTasks(): Task[] {
    return this.#tasks.all.map(({ task }) => task);
  }

  async #leave(): Promise<void> {
    try {
      await this.#options.log.leave();
      await this.#tasks.handOver();
    } finally {
      this.#state = "stopped";
    }
  }
}
