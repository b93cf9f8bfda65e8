/**
 * Everything that leaves a task: results, late records, dead letters. Called
 * by generated code (as `out`), so its parameters are ranges of bytes, not objects.
 *
 * @module
 */

import { ExpressionError } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { partitionFor, type RecordCursor } from "../wire/mod.ts";
import type { Input } from "./input.ts";
import type { StageCounts } from "./ledger.ts";
import {
  DEAD_LETTER_HEADERS,
  deadLetterHeaders,
  LATE_HEADERS,
  lateHeaders,
  OMITTED,
  omittedHeader,
} from "./letters.ts";
import type { HeaderEntries } from "./made_headers.ts";
import type { PartitionOutput } from "./outputs.ts";
import { RepartitionOutput } from "./repartition_output.ts";
import { RowChanges } from "./row_changes.ts";
import type { Stage } from "./stage.ts";

type Policy = Stage["node"]["onError"];

const NO_BYTES = new Uint8Array(0);
const utf8 = new TextEncoder();

export interface TaskOutputOptions {
  /** Of the task. */
  readonly partition: number;
  /** Stands for the topic of a dead result, which has no record. */
  readonly changelogTopic: string;
  readonly deadLetters: PartitionOutput;
  /** Id of the subtopology in the repartition topics that it writes. */
  readonly writer: number;
  now(): number;
}

export class TaskOutput {
  readonly #options: TaskOutputOptions;
  /** To repartition topics. */
  readonly forward: RepartitionOutput;
  /** Of what is made of rows of a table. */
  readonly changes = new RowChanges(this);
  #input!: Input;
  #windowStartMs = 0;
  #windowEndMs = 0;

  constructor(options: TaskOutputOptions) {
    this.#options = options;
    this.forward = new RepartitionOutput(options);
  }

  /** The next record comes from this input; the cursor stands on it. */
  begin(input: Input, inputNumber: number, cursor: RecordCursor): void {
    this.#input = input;
    this.forward.begin(input, inputNumber, cursor);
  }

  /** The next result is of this window (NaN: of none) and key. */
  beginResult(
    startMs: number,
    endMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    isFinal: boolean,
  ): void {
    this.#windowStartMs = startMs;
    this.#windowEndMs = endMs;
    this.forward.beginResult(startMs, endMs, key, keyStart, keyEnd, isFinal);
  }

  /**
   * Writes to a sink. The window is NaN where there is none, `to` where the base key decides the
   * partition.
   */
  write(
    stage: Stage,
    headers: HeaderEntries,
    to: number,
    timeMs: number,
    windowStartMs: number,
    windowEndMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const output = this.outputFor(stage, to, key, keyStart, keyEnd);
    if (stage.writeWindowKey !== undefined && keyStart >= 0) {
      const sink = stage.windowKey;
      sink.position = 0;
      stage.writeWindowKey(key, keyStart, keyEnd, windowStartMs, windowEndMs, sink);
      key = sink.bytes;
      keyStart = 0;
      keyEnd = sink.position;
    }
    output.append(
      timeMs,
      key ?? NO_BYTES,
      keyStart,
      keyEnd,
      value,
      valueStart,
      valueEnd,
      headers.buffer,
      headers.headersStart,
      headers.headersEnd,
      headers.headerCount,
    );
  }

  /**
   * Where a sink writes a record of this base key, and `to` as above.
   * @throws {MillraceError} PARTITION_OUT_OF_RANGE
   */
  outputFor(
    { outputs }: Stage,
    to: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
  ): PartitionOutput {
    if (to < 0 || to >= outputs.length) throw noSuchPartition(to, outputs.length);
    if (to >= 0) return outputs[to]!;
    if (keyStart < 0) return outputs[this.#options.partition % outputs.length]!;
    return outputs[partitionFor(key, keyStart, keyEnd, outputs.length)]!;
  }

  /**
   * A record that came after windows of its closed: to the late stream, as it came, once for all of
   * them. They follow each other: a record is late for the first ones or for none.
   * @param dueMs when the first of them closed
   */
  late(
    stage: Stage,
    cursor: RecordCursor,
    timeMs: number,
    clockMs: number,
    reason: "late" | "closed-while-idle",
    firstWindowMs: number,
    lastWindowMs: number,
    windows: number,
    dueMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const added = lateHeaders({
      stage: stage.node.stage,
      firstWindowMs,
      lastWindowMs,
      windows,
      latenessMs: clockMs - dueMs,
      reason,
    });
    const { bytes, count } = this.#withHeaders(cursor, added, LATE_HEADERS);
    if (value === cursor.buffer && this.#input.unframed && stage.lateSchemaId !== undefined) {
      const sink = stage.value;
      sink.position = 0;
      sink.writeByte(0);
      sink.writeInt32(stage.lateSchemaId);
      sink.writeBytes(value, valueStart, valueEnd);
      value = sink.bytes;
      valueStart = 0;
      valueEnd = sink.position;
    }
    const output = stage.late[partitionFor(key, keyStart, keyEnd, stage.late.length)]!;
    const size = keyEnd - keyStart + valueEnd - valueStart + bytes.length;
    if (!output.holds(size)) {
      const message = `Cannot write to ${output.topic}: the late record has ${size} bytes with its headers`;
      const { stage: name, onError } = stage.node;
      this.#letter(name, onError, cursor, new MillraceError("RECORD_TOO_LARGE", message));
      return;
    }
    output.append(
      timeMs,
      key,
      keyStart,
      keyEnd,
      value,
      valueStart,
      valueEnd,
      bytes,
      0,
      bytes.length,
      count,
    );
  }

  /** A record that a stage could not process; `cursor` is null for a result. */
  dead(
    stage: Stage,
    cursor: RecordCursor | null,
    error: unknown,
    key: Uint8Array | null,
    keyStart: number,
    keyEnd: number,
  ): void {
    (stage.counts as StageCounts).dead++;
    if (cursor === null) this.deadResult(stage, error, key, keyStart, keyEnd);
    else this.#letter(stage.node.stage, stage.node.onError, cursor, error);
  }

  /** A result that could not be made or written: its key and, as JSON, its window. */
  deadResult(
    stage: Stage,
    error: unknown,
    key: Uint8Array | null,
    keyStart: number,
    keyEnd: number,
  ): void {
    const { stage: name, onError } = stage.node;
    const code = codeOf(error, onError, name);
    if (code === undefined) return;
    const wallMs = this.#options.now();
    const headers = deadLetterHeaders({
      topic: this.#options.changelogTopic,
      partition: this.#options.partition,
      offset: -1,
      stage: name,
      code,
      error,
      wallMs,
    });
    const isWindow = !Number.isNaN(this.#windowStartMs);
    const window = utf8.encode(
      JSON.stringify(isWindow ? { window: [this.#windowStartMs, this.#windowEndMs] } : {}),
    );
    this.#options.deadLetters.append(
      wallMs,
      key ?? NO_BYTES,
      key === null ? -1 : keyStart,
      key === null ? -1 : keyEnd,
      window,
      0,
      window.length,
      headers,
      0,
      headers.length,
      DEAD_LETTER_HEADERS,
    );
  }

  /** A record that its source could not decode. */
  deadSource(input: Input, cursor: RecordCursor, error: unknown): void {
    this.#letter(input.name, input.onError, cursor, error);
  }

  invalidTime(input: Input, cursor: RecordCursor, timeMs: number): void {
    const error = new MillraceError(
      "INVALID_TIME",
      `Cannot use event time ${timeMs}: it must be a whole number from 0 to ${input.latestMs}`,
    );
    this.#letter(input.name, input.onError, cursor, error);
  }

  #letter(stage: string, policy: Policy, cursor: RecordCursor, error: unknown): void {
    const code = codeOf(error, policy, stage);
    if (code === undefined) return;
    const input = this.#input;
    const wallMs = this.#options.now();
    const added = deadLetterHeaders({
      ...input.sourceOf(cursor.offset),
      stage,
      code,
      error,
      wallMs,
    });
    const output = this.#options.deadLetters;
    const { buffer, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    // A record may be larger at its source than what we write: its letter must not stop the partition.
    for (let omitted = 0; omitted <= OMITTED.length; omitted++) {
      const hasValue = omitted < 1;
      const hasOriginals = omitted < 2;
      const hasKey = omitted < 3;
      const own = omitted === 0 ? added : joined(added, omittedHeader(OMITTED.slice(0, omitted)));
      const ownCount = omitted === 0 ? DEAD_LETTER_HEADERS : DEAD_LETTER_HEADERS + 1;
      const { bytes, count } = hasOriginals
        ? this.#withHeaders(cursor, own, ownCount)
        : { bytes: own, count: ownCount };
      const size =
        (hasKey ? keyEnd - keyStart : 0) + (hasValue ? valueEnd - valueStart : 0) + bytes.length;
      if (!output.holds(size)) continue;
      output.append(
        wallMs,
        buffer,
        hasKey ? keyStart : -1,
        hasKey ? keyEnd : -1,
        buffer,
        hasValue ? valueStart : -1,
        hasValue ? valueEnd : -1,
        bytes,
        0,
        bytes.length,
        count,
      );
      return;
    }
  }

  /** Original headers (ours left out) followed by `added`. */
  #withHeaders(cursor: RecordCursor, added: Uint8Array, addedCount: number) {
    const { internalHeaders: internal, internalHeaderBytes } = this.#input;
    const start = cursor.headersStart + internalHeaderBytes;
    const originals = cursor.buffer.subarray(start, cursor.headersEnd);
    return {
      bytes: joined(originals, added),
      count: cursor.headerCount - internal + addedCount,
    };
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function noSuchPartition(partition: number, partitions: number): MillraceError {
  return new MillraceError(
    "PARTITION_OUT_OF_RANGE",
    `Cannot write to partition ${partition}: there are 0 to ${partitions - 1}`,
  );
}

/**
 * Code of a bad record; undefined when the policy is to skip it.
 * @throws what is not the record's fault, and RECORD_REFUSED when the policy is to fail
 */
function codeOf(error: unknown, policy: Policy, stage: string): string | undefined {
  let code: string;
  if (error instanceof ExpressionError) code = error.code;
  else if (error instanceof MillraceError && error.faultClass === "record") code = error.code;
  else throw error;
  if (policy === "fail") {
    const message = error instanceof Error ? error.message : String(error);
    throw new MillraceError("RECORD_REFUSED", `Cannot process record at ${stage}: ${message}`, {
      cause: error,
      where: { stage },
    });
  }
  return policy === "skip" ? undefined : code;
}
