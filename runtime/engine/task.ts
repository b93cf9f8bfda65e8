/**
 * A task: one subtopology for one partition. It owns the state, the time and the counters of that
 * partition, and waits for nothing but a writer schema that it has not met.
 *
 * @module
 */

import { isReduce, type Subtopology } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import type { Pane, StageTable } from "../state/mod.ts";
import { RecordCursor } from "../wire/mod.ts";
import { emitNewest, forgetKeys } from "./closing.ts";
import { headerKind } from "./identity.ts";
import { framingFault, Input, NO_SCHEMA, UNFRAMED } from "./input.ts";
import { TaskLedger } from "./ledger.ts";
import { locatedFault } from "./located_fault.ts";
import { type Claim, decodeMarker } from "./marker.ts";
import { type PartialReader, type Partials, partialReader, partialsBefore } from "./partials.ts";
import type { Fetched } from "./ports.ts";
import type { PositionMetadata } from "./position_metadata.ts";
import { flattenNodes, type InputProgram } from "./program/mod.ts";
import { type RecordBytes, Rows } from "./rows.ts";
import { Stage, type StageContext } from "./stage.ts";
import type { PeekedSample, TaskContext } from "./task_context.ts";
import { TaskOutput } from "./task_output.ts";
import { writerId } from "./topic_numbers.ts";
import { WatermarkMinimum } from "./watermark.ts";

/** Where one input of a task starts. */
export interface InputStart {
  readonly position: number;
  readonly metadata?: PositionMetadata;
  /** Bounded: where the input ends, Infinity while that is not known. */
  readonly endOffset?: number;
}

export class Task {
  readonly subtopology: Subtopology;
  readonly partition: number;
  readonly name: string;
  readonly ledger = new TaskLedger();
  readonly inputs: readonly Input[];
  readonly stages: readonly Stage[];
  readonly out: TaskOutput;
  /** Set for a table: the newest record of each key. */
  readonly rows: Rows | undefined;
  /** By the number of a repartition node: what is put together before it. */
  readonly partials: ReadonlyMap<number, Partials>;
  /** By input: who takes in what others have put together. */
  readonly #partialReaders: readonly (PartialReader | undefined)[];
  /** `W`: nothing older is expected. */
  watermarkMs = Number.NEGATIVE_INFINITY;
  /** Wall clock when the fetch being worked through was taken up, or of the last `advance`. */
  nowMs = Number.NEGATIVE_INFINITY;
  /** Something was processed or closed since the last commit. */
  dirty = false;
  /** Windows closed since the last commit that stand in the changelog. */
  closed: Pane[] = [];
  readonly #context: TaskContext;
  readonly #cursor = new RecordCursor();

  constructor(
    context: TaskContext,
    subtopology: Subtopology,
    partition: number,
    starts: readonly InputStart[],
  ) {
    this.#context = context;
    this.subtopology = subtopology;
    this.partition = partition;
    this.name = `${subtopology.name}/${partition}`;
    this.out = new TaskOutput({
      partition,
      changelogTopic: subtopology.changelogTopic,
      deadLetters: context.deadLetters,
      writer: writerId(context.plan, subtopology.name),
      now: () => context.now(),
    });
    const nowMs = context.now();
    this.inputs = subtopology.inputs.map((input, n) => {
      const { position, metadata, endOffset } = starts[n]!;
      const made = new Input({
        plan: context.plan,
        input,
        partition,
        ledger: this.ledger,
        nowMs,
        restored: metadata,
        bounded: endOffset !== undefined,
      });
      made.position = position;
      made.endOffset = endOffset ?? Number.POSITIVE_INFINITY;
      if (metadata !== undefined) {
        this.watermarkMs = Math.max(this.watermarkMs, metadata.watermarkMs);
      }
      return made;
    });
    const stageContext: StageContext = {
      ledger: this.ledger,
      budget: context.budget,
      inputs: this.inputs.length,
      functions: context.functions,
      stream: (name) => context.stream(name),
      schemaId: (stream, part) => context.schemaId(stream, part),
      outputs: (topic) => context.outputs(topic),
    };
    this.stages = flattenNodes(subtopology).map((node) => {
      const bounds = isReduce(node)
        ? subtopology.stores.find(({ stage }) => stage === node.store)
        : undefined;
      return new Stage(node, bounds, stageContext);
    });
    const [first] = subtopology.inputs;
    if (first?.from.kind === "stream" && first.from.rows !== undefined) {
      const { format } = context.plan.streams[first.from.stream]!.key;
      this.rows = new Rows({ key: format, budget: context.budget });
    }
    this.partials = context.preAggregates
      ? partialsBefore(this.stages, context.plan, stageContext)
      : new Map();
    this.#partialReaders = subtopology.inputs.map((input) =>
      partialReader(input, this.stages, context.plan),
    );
    this.stages.forEach((stage, n) => {
      if (stage.table !== undefined) stage.result = context.resultProgram(subtopology, n)(this);
    });
  }

  /** Works through one fetch of one input, in order. What it causes is in the outputs afterwards. */
  async process(inputNumber: number, fetched: Fetched): Promise<void> {
    const input = this.inputs[inputNumber]!;
    const nowMs = this.#context.now();
    this.nowMs = nowMs;
    const before = input.position;
    input.latestMs =
      input.maxFutureMs === null ? Number.MAX_SAFE_INTEGER : nowMs + input.maxFutureMs;
    const cursor = this.#cursor;
    try {
      cursor.reset(fetched.bytes);
      cursor.skipTo(input.position);
      while (cursor.nextBatch()) {
        while (!cursor.isControl && cursor.nextRecord()) {
          if (input.isSource || !this.#heard(input, inputNumber, nowMs)) {
            // Before anything is noted: a registry that is away makes this record come again.
            const program =
              input.programs.get(input.schemaIdAt(cursor)) ??
              (await this.#load(input, inputNumber, cursor, false));
            const keySchema = input.newKeySchemaAt(cursor);
            if (keySchema !== NO_SCHEMA) {
              await input.learnKeySchema(keySchema, (id) => this.#context.writerSchema(id));
            }
            if (this.rows !== undefined) await this.#changeRow(input, this.rows, program);
            else if (input.isSource || this.#isNew(input)) {
              this.out.begin(input, inputNumber, cursor);
              if (input.identity.takesBack) await this.#runGone(input, inputNumber, cursor);
              else program(cursor);
            }
            this.dirty = true;
          }
          input.position = cursor.offset + 1;
        }
        input.position = Math.max(input.position, cursor.lastOffset + 1);
      }
    } catch (error) {
      throw locatedFault(error, this.name, input, cursor);
    }
    if (input.position > before) input.clock.read(nowMs);
    const { highWatermark, lastStableOffset, asOfMs } = fetched;
    const isAtEnd = input.position >= highWatermark && lastStableOffset >= highWatermark;
    input.clock.caughtUp(isAtEnd ? asOfMs : undefined);
  }

  /** Moves the watermark and closes what it has passed. */
  advance(): void {
    const nowMs = this.#context.now();
    this.nowMs = nowMs;
    const minimum = new WatermarkMinimum();
    for (const input of this.inputs) {
      if (input.ended) minimum.add(Number.POSITIVE_INFINITY, false);
      else if (input.isSource) minimum.add(input.clock.timeMs, input.clock.idle);
      else input.upstream.accumulate(minimum, nowMs);
    }
    if (minimum.valueMs > this.watermarkMs) {
      this.watermarkMs = minimum.valueMs;
      for (const stage of this.stages) {
        const closed: Pane[] = [];
        if (stage.windows?.close(this.watermarkMs, closed)) this.dirty = true;
        for (const pane of closed) {
          if (pane.isLogged) this.closed.push(pane);
          else pane.release();
        }
        if (forgetKeys(stage, this.watermarkMs)) this.dirty = true;
      }
    }
    for (const stage of this.stages) {
      if (emitNewest(stage, nowMs, this.ended)) this.dirty = true;
    }
  }

  /** True when all inputs have ended, so that nothing more can come out. */
  get ended(): boolean {
    return this.inputs.every(({ ended }) => ended);
  }

  /**
   * What this task tells those downstream.
   * @param delayMs how far what it writes there may lie behind its watermark
   */
  claim(delayMs: number): Claim {
    const { ended } = this;
    const idle = !ended && this.inputs.every((input) => input.isSource && input.clock.idle);
    return { task: this.partition, watermarkMs: this.watermarkMs - delayMs, idle, end: ended };
  }

  /** What is committed beside an input's offset. */
  metadata(input: Input): PositionMetadata {
    const { clock, isSource } = input;
    return {
      streamTimeMs: isSource ? clock.streamTimeMs : Number.NEGATIVE_INFINITY,
      lastReadMs: isSource ? clock.lastReadMs : Number.NEGATIVE_INFINITY,
      watermarkMs: this.watermarkMs,
      fresh: false,
      idle: isSource && clock.idle,
    };
  }

  /** A peek shows a record: called by generated code. */
  peek(
    stage: Stage,
    topic: string,
    partition: number,
    offset: number,
    timestampMs: number,
    sample: PeekedSample,
  ): void {
    const { stage: name } = stage.node;
    this.#context.peeked?.({ stage: name, topic, partition, offset, timestampMs, ...sample });
  }

  /** Sends on what was put together since the last time; a marker that covers it comes behind. */
  sendPartials(): void {
    for (const partials of this.partials.values()) partials.send(this.#context.now());
  }

  /** What it keeps in state: there is one at most. */
  get table(): StageTable | undefined {
    return this.rows?.table ?? this.stages.find(({ table }) => table !== undefined)?.table;
  }

  /** Gives state back to the budget. */
  release(): void {
    for (const partials of this.partials.values()) partials.release();
    for (const reader of this.#partialReaders) reader?.release();
    for (const { table, windows, gone } of this.stages) {
      windows?.release();
      gone?.release();
      table?.release();
    }
    this.rows?.table.release();
    for (const pane of this.closed) pane.release();
    this.closed = [];
  }

  /** Takes in a record of a repartition topic that is a marker or a partial result; false for data. */
  #heard(input: Input, inputNumber: number, nowMs: number): boolean {
    const { buffer, headersStart, headersEnd, valueStart, valueEnd } = this.#cursor;
    switch (headerKind(buffer, headersStart, headersEnd)) {
      case "marker":
        input.upstream.hear(decodeMarker(buffer, valueStart, valueEnd), nowMs);
        return true;
      case "data":
        return false;
      case "partial": {
        const reader = this.#partialReaders[inputNumber];
        if (reader === undefined) break;
        reader.take(this.#cursor, inputNumber, this.watermarkMs);
        this.dirty = true;
        return true;
      }
      case "foreign":
        break;
    }
    throw new MillraceError(
      "INVARIANT",
      `Cannot process a record of ${input.topic} that Millrace did not write: internal topics are its own`,
    );
  }

  /**
   * The record at the cursor takes the place of its key's row. Nothing of it is written where the row, as
   * it was restored, is of this record or a later one: before such an entry, its results were.
   */
  async #changeRow(input: Input, rows: Rows, program: InputProgram): Promise<void> {
    const cursor = this.#cursor;
    const { changes } = this.out;
    this.out.begin(input, 0, cursor);
    input.rowTimeMs = Number.NaN;
    try {
      rows.find(input, cursor);
    } catch (error) {
      if (!(error instanceof MillraceError && error.faultClass === "record")) throw error;
      this.#undecodable(input, error)(cursor);
      return;
    }
    const isCovered = rows.isCovered(cursor.offset);
    changes.begin(isCovered);
    const { row } = rows;
    if (row !== undefined && !isCovered) {
      const keySchema = input.newKeySchemaAt(row);
      if (keySchema !== NO_SCHEMA) {
        await input.learnKeySchema(keySchema, (id) => this.#context.writerSchema(id));
      }
      changes.takeBack(row.offset);
      await this.#runGone(input, 0, row);
    }
    program(cursor);
    if (Number.isNaN(input.rowTimeMs) || isCovered) return;
    changes.finish(input.rowTimeMs, input.clock.streamTimeMs);
    rows.set(cursor, input.rowTimeMs);
  }

  async #runGone(input: Input, inputNumber: number, record: RecordBytes): Promise<void> {
    const program =
      input.gonePrograms.get(input.schemaIdAt(record)) ??
      (await this.#load(input, inputNumber, record, true));
    program(record);
  }

  /** False for what a writer repeats after a crash. */
  #isNew(input: Input): boolean {
    input.readCarried(this.#cursor);
    return input.seen.note(input.identity);
  }

  /** Finds or compiles the program for a writer schema that this input has not met. */
  async #load(
    input: Input,
    inputNumber: number,
    record: RecordBytes,
    isGone: boolean,
  ): Promise<InputProgram> {
    const id = input.schemaIdAt(record);
    // A row was decoded when it came.
    const undecodable = (error: MillraceError): InputProgram => {
      if (isGone) throw error;
      return this.#undecodable(input, error);
    };
    if (id === UNFRAMED) return undecodable(framingFault(this.#cursor));
    let program: InputProgram;
    try {
      const writer = id === NO_SCHEMA ? undefined : await this.#context.writerSchema(id);
      if (writer === undefined && id !== NO_SCHEMA) {
        // Not kept: the registry may yet learn of the id; its client remembers the answer for a while.
        const message = `Cannot decode value: the registry has no schema ${id}`;
        return undecodable(new MillraceError("UNKNOWN_SCHEMA_ID", message));
      }
      program = this.#context.inputProgram(this.subtopology, inputNumber, id, writer, isGone)(this);
    } catch (error) {
      // A schema that is no Avro, or cannot be read as ours: each of its records is a bad record.
      if (!(error instanceof MillraceError && error.faultClass === "record")) throw error;
      program = undecodable(error);
    }
    (isGone ? input.gonePrograms : input.programs).set(id, program);
    return program;
  }

  /** For a record that no program reads: its time still counts, unless an expression would make it. */
  #undecodable(input: Input, error: MillraceError): InputProgram {
    if (!input.isSource) throw error;
    const { counts, clock } = input;
    const cursor = this.#cursor;
    return () => {
      counts.read++;
      if (!input.timed) {
        const time = cursor.timestamp;
        if (!(time >= 0 && time <= input.latestMs)) {
          counts.invalid++;
          this.out.invalidTime(input, cursor, time);
          return;
        }
        if (time > clock.streamTimeMs) clock.streamTimeMs = time;
      }
      counts.dead++;
      this.out.deadSource(input, cursor, error);
    };
  }
}
