/**
 * Makes tasks: everything that is done once per instance (topics, schema ids, compiled programs), and
 * what is done once per assignment (positions, restore).
 *
 * @module
 */

import type { Plan, Subtopology } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { DEFAULT_STATE_BYTES, MemoryBudget } from "../state/mod.ts";
import { CompiledPrograms } from "./compiled_programs.ts";
import type { Functions } from "./function_call.ts";
import { refuseDisorder } from "./ordered_reducers.ts";
import { Outputs } from "./outputs.ts";
import type { Clock, CommittedOffset, Log, SchemaSource, TopicPartition } from "./ports.ts";
import { FRESH, formatPositionMetadata, parsePositionMetadata } from "./position_metadata.ts";
import { type RestoringEvent, tellProgress } from "./restore_progress.ts";
import type { Snapshots, UsableSnapshot } from "./snapshots.ts";
import { type InputStart, Task } from "./task.ts";
import { type Restored, TaskChangelog } from "./task_changelog.ts";
import type { TaskContext } from "./task_context.ts";
import { DEAD_LETTERS, type Layout, prepareTopics } from "./topics.ts";

export interface RunningTask {
  readonly task: Task;
  readonly changelog: TaskChangelog;
  /** Positions of the last commit, by input. */
  committed: readonly number[];
  readonly restored: Restored;
}

export interface WorkshopOptions {
  readonly plan: Plan;
  readonly log: Log;
  readonly schemas: SchemaSource;
  readonly clock: Clock;
  readonly stateBytes?: number;
  readonly bounded?: boolean;
  readonly preAggregates?: boolean;
  readonly programs?: CompiledPrograms;
  readonly peeked?: TaskContext["peeked"];
  readonly functions?: Functions;
  readonly snapshots?: Snapshots | undefined;
  readonly restoring?: ((event: RestoringEvent) => void) | undefined;
}

export class Workshop {
  readonly layout: Layout;
  readonly budget: MemoryBudget;
  /** Results, repartitioned records, markers, late records, dead letters. */
  readonly outputs = new Outputs();
  /** Written at a commit, after the outputs and before the offsets. */
  readonly changelogs = new Outputs();
  readonly #options: WorkshopOptions;
  readonly #context: TaskContext;
  /** Bounded: where each source partition ended when the instance started. */
  readonly #ends: ReadonlyMap<string, number>;

  private constructor(
    options: WorkshopOptions,
    layout: Layout,
    schemaIds: ReadonlyMap<string, number>,
    ends: ReadonlyMap<string, number>,
  ) {
    this.#options = options;
    this.layout = layout;
    this.#ends = ends;
    this.budget = new MemoryBudget(options.stateBytes ?? DEFAULT_STATE_BYTES);
    this.#context = this.#createContext(schemaIds);
  }

  static async open(options: WorkshopOptions): Promise<Workshop> {
    const { plan, log } = options;
    const layout = await prepareTopics(log, plan);
    refuseDisorder(plan, layout);
    const schemaIds = await registerSchemas(options);
    const ends = new Map<string, number>();
    if (options.bounded) {
      const sources = plan.subtopologies.flatMap(({ inputs }) =>
        inputs.flatMap(({ from }) => (from.kind === "stream" ? [plan.streams[from.stream]!] : [])),
      );
      for (const { topic, written } of sources) {
        const partitions = partitionsOf(layout, topic);
        const offsets = written ? [] : await log.endOffsets(partitions);
        for (const { partition } of partitions) {
          ends.set(`${topic}/${partition}`, offsets[partition] ?? Number.POSITIVE_INFINITY);
        }
      }
    }
    return new Workshop(options, layout, schemaIds, ends);
  }

  topicsOf(subtopology: Subtopology): string[] {
    return subtopology.inputs.map(({ from }) =>
      from.kind === "stream" ? this.#options.plan.streams[from.stream]!.topic : from.topic,
    );
  }

  /** Which tasks an assignment makes: partition i of a subtopology's inputs is its task i. */
  tasksOf(
    partitions: readonly TopicPartition[],
  ): { subtopology: Subtopology; partition: number }[] {
    return this.#options.plan.subtopologies.flatMap((subtopology) => {
      const topics = new Set(this.topicsOf(subtopology));
      const numbers = new Set(
        partitions.filter(({ topic }) => topics.has(topic)).map(({ partition }) => partition),
      );
      return [...numbers].sort((a, b) => a - b).map((partition) => ({ subtopology, partition }));
    });
  }

  /**
   * Reads the committed positions and the state of one task and puts it together: from its snapshot
   * and what the changelog has behind it, or from the whole changelog.
   * @throws {MillraceError} STATE_MISMATCH when what is stored does not fit
   */
  async createTask(subtopology: Subtopology, partition: number): Promise<RunningTask> {
    const inputs = this.topicsOf(subtopology)
      .map((topic) => ({ topic, partition }))
      .filter(({ topic }) => partition < (this.layout.partitions.get(topic) ?? 0));
    const committed = await this.#committedOrFirst(subtopology, inputs);
    const starts = committed.map(({ topic, offset, metadata }): InputStart => {
      const endOffset = this.#ends.get(`${topic}/${partition}`);
      return {
        position: offset,
        metadata: parsePositionMetadata(metadata),
        ...(endOffset === undefined ? {} : { endOffset }),
      };
    });
    const { log, clock, snapshots, restoring } = this.#options;
    const { changelogTopic } = subtopology;
    const fresh = starts.every(({ metadata }) => metadata?.fresh);
    for (let isWhole = fresh; ; isWhole = true) {
      const task = new Task(this.#context, subtopology, partition, starts);
      const changelog = new TaskChangelog(task, this.changelogs.to(changelogTopic, partition));
      let saved: UsableSnapshot | undefined;
      try {
        const at = [{ topic: changelogTopic, partition }];
        const [start] = await log.startOffsets(at);
        const [end] = await log.endOffsets(at);
        if (!isWhole) saved = await snapshots?.open(task, start!, end!);
        const from = saved?.reader.head.offset ?? start!;
        const restored = await changelog.restore(
          {
            snapshot: saved?.reader,
            fetches: from < end! ? log.read({ topic: changelogTopic, partition }, from, end!) : [],
            onProgress:
              restoring && tellProgress({ task: task.name, from, to: end! }, clock, restoring),
          },
          fresh,
        );
        return { task, changelog, committed: starts.map(({ position }) => position), restored };
      } catch (error) {
        task.release();
        changelog.release();
        if (saved === undefined || !isOfSnapshot(error)) throw error;
        await snapshots?.discard(task.name, error);
      } finally {
        await saved?.close();
      }
    }
  }

  /**
   * Positions to start from. Where none is committed the start is committed before anything is
   * processed: state without a committed position is then always someone's mistake.
   */
  async #committedOrFirst(
    subtopology: Subtopology,
    inputs: readonly TopicPartition[],
  ): Promise<CommittedOffset[]> {
    const { log, plan } = this.#options;
    const known = new Map(
      (await log.committed(inputs)).map((offset) => [
        `${offset.topic}/${offset.partition}`,
        offset,
      ]),
    );
    const missing = inputs.filter(({ topic, partition }) => !known.has(`${topic}/${partition}`));
    if (missing.length > 0) {
      if (known.size === 0) await this.#refuseOrphans(subtopology, inputs[0]!.partition);
      const starts = await log.startOffsets(missing);
      const ends = await log.endOffsets(missing);
      const first = missing.map((input, n): CommittedOffset => {
        const stream = Object.values(plan.streams).find(({ topic }) => topic === input.topic);
        const offset = stream?.start === "latest" ? ends[n]! : starts[n]!;
        return { ...input, offset, metadata: formatPositionMetadata(FRESH) };
      });
      await log.commit(first);
      for (const offset of first) known.set(`${offset.topic}/${offset.partition}`, offset);
    }
    return inputs.map(({ topic, partition }) => known.get(`${topic}/${partition}`)!);
  }

  async #refuseOrphans({ changelogTopic, name }: Subtopology, partition: number): Promise<void> {
    const at = [{ topic: changelogTopic, partition }];
    const [end] = await this.#options.log.endOffsets(at);
    if (end === 0) return;
    throw new MillraceError(
      "STATE_MISMATCH",
      `Cannot start ${name}: ${changelogTopic} holds state, but the group ${this.#options.plan.application} has no ` +
        "committed offsets (were they deleted, or did they expire?); start over with --reset",
      { where: { task: `${name}/${partition}`, topic: changelogTopic, partition } },
    );
  }

  #createContext(schemaIds: ReadonlyMap<string, number>): TaskContext {
    const { plan, clock, schemas, log } = this.#options;
    const preAggregates = log.atomicCommits && (this.#options.preAggregates ?? true);
    const programs = this.#options.programs ?? new CompiledPrograms(plan);
    const outputs = new Map<string, ReturnType<TaskContext["outputs"]>>();
    return {
      plan,
      budget: this.budget,
      functions: this.#options.functions ?? {},
      deadLetters: this.outputs.to(plan.streams[DEAD_LETTERS]!.topic, 0),
      now: () => clock.now(),
      peeked: this.#options.peeked,
      stream: (name) => plan.streams[name]!,
      schemaId: (stream, part) => schemaIds.get(`${stream}/${part}`),
      outputs: (topic) => {
        let all = outputs.get(topic);
        if (all === undefined) {
          all = partitionsOf(this.layout, topic).map(({ partition }) =>
            this.outputs.to(topic, partition),
          );
          outputs.set(topic, all);
        }
        return all;
      },
      preAggregates,
      writerSchema: (id) => schemas.byId(id),
      inputProgram: (subtopology, input, schemaId, writer, isGone) =>
        programs.input(preAggregates, subtopology, input, schemaId, writer, isGone),
      resultProgram: (subtopology, stage) => programs.results(preAggregates, subtopology, stage),
    };
  }
}

/** What a restore without the snapshot may not meet. */
function isOfSnapshot(error: unknown): boolean {
  if (!(error instanceof MillraceError)) return true;
  const { faultClass, code } = error;
  return faultClass !== "transient" && faultClass !== "fenced" && code !== "STATE_BUDGET";
}

function partitionsOf(layout: Layout, topic: string): TopicPartition[] {
  const count = layout.partitions.get(topic) ?? 0;
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
}

/** Registers the schemas of written streams under `<topic>-key` and `<topic>-value`. */
async function registerSchemas({ plan, schemas }: WorkshopOptions): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const stream of Object.values(plan.streams)) {
    if (!stream.written) continue;
    const { key, value } = stream;
    if (key.window?.as === "record") {
      ids.set(
        `${stream.name}/key`,
        await schemas.register(`${stream.topic}-key`, key.window.schema),
      );
    } else if (key.format.kind === "avro") {
      ids.set(
        `${stream.name}/key`,
        await schemas.register(`${stream.topic}-key`, key.format.schema),
      );
    }
    if (value.kind === "avro") {
      ids.set(
        `${stream.name}/value`,
        await schemas.register(`${stream.topic}-value`, value.schema),
      );
    }
  }
  return ids;
}
