/**
 * What a task sends on to the tasks that own the keys, each with its identity. Called by generated code
 * (as `out.forward`), so its parameters are ranges of bytes, not objects.
 *
 * @module
 */

import { partitionFor, type RecordCursor } from "../wire/mod.ts";
import type { Forwarding } from "./aggregators/mod.ts";
import { carriedEntryBytes, writeCarriedKey } from "./carried_key.ts";
import {
  extendToRow,
  finalEntryBytes,
  ROW_ENTRY_BYTES,
  turnToReplacing,
  UPDATE_ENTRY_BYTES,
  writeFinalIdentity,
  writeRecordIdentity,
} from "./identity.ts";
import type { Input } from "./input.ts";
import type { HeaderEntries } from "./made_headers.ts";
import type { Stage } from "./stage.ts";

export interface RepartitionOutputOptions {
  /** Of the task. */
  readonly partition: number;
  /** Id of the subtopology in the repartition topics that it writes. */
  readonly writer: number;
}

/** A key that travels beside another one, in bytes of its own. */
export interface CarriedBytes {
  readonly key: Uint8Array | null;
}

/** What a row was sent on as. */
export interface GoneRow {
  readonly stage: Stage;
  /** Of the row. */
  readonly timeMs: number;
  readonly offset: number;
  readonly carried: CarriedBytes | undefined;
  readonly entries: { readonly bytes: Uint8Array; readonly count: number };
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

export class RepartitionOutput implements Forwarding {
  readonly #options: RepartitionOutputOptions;
  #input!: Input;
  #inputNumber = 0;
  #cursor!: RecordCursor;
  #emitIndex = 0;
  #headers = new Uint8Array(1024);
  #windowStartMs = Number.NaN;
  #windowEndMs = Number.NaN;
  #resultKey: Uint8Array = new Uint8Array(0);
  #resultKeyStart = 0;
  #resultKeyEnd = 0;
  #carries = false;
  #carried: Uint8Array = new Uint8Array(0);
  #carriedStart = -1;
  #carriedEnd = -1;

  constructor(options: RepartitionOutputOptions) {
    this.#options = options;
  }

  /** The next record comes from this input; the cursor stands on it. */
  begin(input: Input, inputNumber: number, cursor: RecordCursor): void {
    this.#input = input;
    this.#inputNumber = inputNumber;
    this.#cursor = cursor;
    this.#emitIndex = 0;
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
    this.#resultKey = key;
    this.#resultKeyStart = keyStart;
    this.#resultKeyEnd = keyEnd;
    // Updates are counted with the record that has caused them.
    if (isFinal) this.#emitIndex = 0;
  }

  /** The next thing that is sent on had this key before; a start below 0 means null. */
  carry(key: Uint8Array, start: number, end: number): void {
    this.#carries = true;
    this.#carried = key;
    this.#carriedStart = start;
    this.#carriedEnd = end;
  }

  /** The key that was handed over for the next thing, which has none then; undefined: there is none. */
  takeCarried(): CarriedBytes | undefined {
    if (!this.#carries) return undefined;
    this.#carries = false;
    const isNull = this.#carriedStart < 0;
    return { key: isNull ? null : this.#carried.slice(this.#carriedStart, this.#carriedEnd) };
  }

  /** Hands over what `takeCarried` gave. */
  carryAgain(carried: CarriedBytes | undefined): void {
    if (carried === undefined) return;
    const { key } = carried;
    if (key === null) this.carry(NO_BYTES, -1, -1);
    else this.carry(key, 0, key.length);
  }

  get writer(): number {
    return this.#options.writer;
  }

  get partition(): number {
    return this.#options.partition;
  }

  get topic(): string {
    return this.#input.topic;
  }

  get offset(): number {
    return this.#cursor.offset;
  }

  get windowStartMs(): number {
    return this.#windowStartMs;
  }

  get resultKey(): Uint8Array {
    return this.#resultKey.subarray(this.#resultKeyStart, this.#resultKeyEnd);
  }

  nextEmit(): number {
    return this.#emitIndex++;
  }

  /**
   * Sends a record on to the task that owns its key. The window is NaN where there is none.
   * @param replaces a row of the same key, which was sent on as gone just before
   */
  record(
    stage: Stage,
    entries: HeaderEntries,
    timeMs: number,
    streamTimeMs: number,
    windowStartMs: number,
    windowEndMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    replaces = false,
  ): void {
    const originals = entries.headersEnd - entries.headersStart;
    this.#reserve(UPDATE_ENTRY_BYTES + originals);
    const identityEnd = this.#writeIdentity(streamTimeMs, windowStartMs, windowEndMs);
    if (replaces) turnToReplacing(this.#headers, 0);
    let end = this.#writeCarried(identityEnd);
    const headers = this.#headers;
    if (originals > 0) {
      headers.set(entries.buffer.subarray(entries.headersStart, entries.headersEnd), end);
      end += originals;
    }
    this.#forward(
      stage,
      timeMs,
      key,
      keyStart,
      keyEnd,
      value,
      valueStart,
      valueEnd,
      end,
      entries.headerCount,
    );
  }

  /** Sends on what a row was that the current record has replaced or deleted. */
  row(gone: GoneRow, streamTimeMs: number, goneAtMs: number, isReplaced: boolean): void {
    const { carried, entries, key, value } = gone;
    this.carryAgain(carried);
    this.#reserve(ROW_ENTRY_BYTES + entries.bytes.length);
    this.#writeIdentity(streamTimeMs, Number.NaN, Number.NaN);
    const identityEnd = extendToRow(this.#headers, 0, gone.offset, goneAtMs, isReplaced);
    const end = this.#writeCarried(identityEnd);
    this.#headers.set(entries.bytes, end);
    this.#forward(
      gone.stage,
      gone.timeMs,
      key,
      0,
      key.length,
      value,
      0,
      value.length,
      end + entries.bytes.length,
      entries.count,
    );
  }

  /** Sends the update that the current record has caused on to the task that owns its key. */
  update(
    stage: Stage,
    timeMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const startMs = this.#windowStartMs;
    // What comes out of a window comes before the watermark that covers it, whenever it was caused.
    const streamTimeMs = Number.isNaN(startMs)
      ? this.#input.streamTimeMs
      : Number.NEGATIVE_INFINITY;
    this.#reserve(UPDATE_ENTRY_BYTES);
    const identityEnd = this.#writeIdentity(streamTimeMs, startMs, this.#windowEndMs);
    const end = this.#writeCarried(identityEnd);
    this.#forward(stage, timeMs, key, keyStart, keyEnd, value, valueStart, valueEnd, end, 0);
  }

  /** Sends what a final result has become on to the task that owns its key. */
  final(
    stage: Stage,
    timeMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const resultKeyBytes = this.#resultKeyEnd - this.#resultKeyStart;
    this.#reserve(finalEntryBytes(resultKeyBytes));
    const identityEnd = writeFinalIdentity(
      this.#headers,
      0,
      this.#windowStartMs,
      this.#windowEndMs,
      this.#emitIndex++,
      this.#options.partition,
      this.#options.writer,
      this.#resultKey,
      this.#resultKeyStart,
      this.#resultKeyEnd,
    );
    const end = this.#writeCarried(identityEnd);
    this.#forward(stage, timeMs, key, keyStart, keyEnd, value, valueStart, valueEnd, end, 0);
  }

  /** Makes room for headers of so many bytes beside the carried key. */
  #reserve(bytes: number): void {
    const carried = this.#carries ? carriedEntryBytes(this.#carriedEnd - this.#carriedStart) : 0;
    if (this.#headers.length < bytes + carried) {
      this.#headers = new Uint8Array((bytes + carried) * 2);
    }
  }

  #writeIdentity(streamTimeMs: number, windowStartMs: number, windowEndMs: number): number {
    return writeRecordIdentity(
      this.#headers,
      0,
      streamTimeMs,
      this.#cursor.offset,
      this.#emitIndex++,
      this.#options.partition,
      this.#inputNumber,
      this.#options.writer,
      windowStartMs,
      windowEndMs,
    );
  }

  #writeCarried(at: number): number {
    if (!this.#carries) return at;
    return writeCarriedKey(this.#headers, at, this.#carried, this.#carriedStart, this.#carriedEnd);
  }

  #forward(
    { outputs }: Stage,
    timeMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headersEnd: number,
    originalHeaders: number,
  ): void {
    const internal = this.#carries ? 2 : 1;
    this.#carries = false;
    outputs[partitionFor(key, keyStart, keyEnd, outputs.length)]!.append(
      timeMs,
      key,
      keyStart,
      keyEnd,
      value,
      valueStart,
      valueEnd,
      this.#headers,
      0,
      headersEnd,
      internal + originalHeaders,
    );
  }
}
