/**
 * What a change of a row makes of what was written for it before: the stages behind a table run for the
 * row that was, and for the one that is. What the first one had written and the second one does not is
 * taken back: at a sink by a tombstone, before a repartition topic by sending it on as gone. Called by
 * generated code (as `out.changes`), so its parameters are ranges of bytes, not objects.
 *
 * A stage that failed on the row that was fails on it again: it has written nothing, and is skipped.
 *
 * @module
 */

import { ExpressionError } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { partitionFor } from "../wire/mod.ts";
import { carriedEntryBytes } from "./carried_key.ts";
import { GoneByKey } from "./gone_by_key.ts";
import { ROW_ENTRY_BYTES } from "./identity.ts";
import { type HeaderEntries, NO_HEADERS } from "./made_headers.ts";
import type { CarriedBytes, GoneRow } from "./repartition_output.ts";
import type { Stage } from "./stage.ts";
import type { TaskOutput } from "./task_output.ts";

/** Something that a sink has written for a row, under this key. */
interface GoneResult {
  readonly stage: Stage;
  /** As the sink was told; NaN: by key. */
  readonly to: number;
  readonly key: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

export class RowChanges {
  readonly #out: TaskOutput;
  readonly #rows = new GoneByKey<GoneRow>();
  readonly #results = new GoneByKey<GoneResult>();
  #rowOffset = -1;
  /** A repetition: all of it was written before. */
  #isMuted = false;

  constructor(out: TaskOutput) {
    this.#out = out;
  }

  /** @param isMuted nothing is to be written for what comes */
  begin(isMuted: boolean): void {
    this.#rows.clear();
    this.#results.clear();
    this.#isMuted = isMuted;
  }

  /** The stages run for a row that was read at this offset, and is replaced or deleted. */
  takeBack(rowOffset: number): void {
    this.#rowOffset = rowOffset;
  }

  /** A stage fails on the row that was, as it has before. @throws what is not the row's fault */
  skip(error: unknown): void {
    if (error instanceof ExpressionError) return;
    if (error instanceof MillraceError && error.faultClass === "record") return;
    throw error;
  }

  /** A sink has written the row that was, unless it had no place for it. */
  goneResult(
    stage: Stage,
    { headersStart, headersEnd }: HeaderEntries,
    to: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    _value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    if (keyStart < 0) return;
    const output = this.#out.outputFor(stage, to, key, keyStart, keyEnd);
    const bytes = keyEnd - keyStart + valueEnd - valueStart + headersEnd - headersStart;
    if (!output.holds(bytes)) return;
    const isSame = (gone: GoneResult) => Object.is(gone.to, to);
    // One that was written several times under one key is taken back once.
    this.#results.take(stage, key, keyStart, keyEnd, isSame);
    this.#results.add({ stage, to, key: key.slice(keyStart, keyEnd) });
  }

  /** The row that was has been sent on. */
  goneRow(
    stage: Stage,
    entries: HeaderEntries,
    timeMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const { buffer, headersStart, headersEnd, headerCount } = entries;
    const carried = this.#out.forward.takeCarried();
    refuseLarge(stage, entries, carried, key, keyStart, keyEnd, valueEnd - valueStart);
    this.#rows.add({
      stage,
      timeMs,
      offset: this.#rowOffset,
      carried,
      entries: { bytes: buffer.slice(headersStart, headersEnd), count: headerCount },
      key: key.slice(keyStart, keyEnd),
      value: value.slice(valueStart, valueEnd),
    });
  }

  /** A sink writes the row that is. */
  result(
    stage: Stage,
    headers: HeaderEntries,
    to: number,
    timeMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    if (this.#isMuted) return;
    this.#out.write(
      stage,
      headers,
      to,
      timeMs,
      Number.NaN,
      Number.NaN,
      key,
      keyStart,
      keyEnd,
      value,
      valueStart,
      valueEnd,
    );
    this.#results.take(stage, key, keyStart, keyEnd, (gone) => Object.is(gone.to, to));
  }

  /** The row that is is sent on; behind what it was of the same key, which then needs no result. */
  row(
    stage: Stage,
    entries: HeaderEntries,
    timeMs: number,
    streamTimeMs: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const { forward } = this.#out;
    const carried = forward.takeCarried();
    refuseLarge(stage, entries, carried, key, keyStart, keyEnd, valueEnd - valueStart);
    if (this.#isMuted) return;
    const gone = this.#rows.take(stage, key, keyStart, keyEnd);
    if (gone !== undefined) forward.row(gone, streamTimeMs, timeMs, true);
    forward.carryAgain(carried);
    forward.record(
      stage,
      entries,
      timeMs,
      streamTimeMs,
      Number.NaN,
      Number.NaN,
      key,
      keyStart,
      keyEnd,
      value,
      valueStart,
      valueEnd,
      gone !== undefined,
    );
  }

  /** Takes back what the row that is has not replaced. */
  finish(timeMs: number, streamTimeMs: number): void {
    if (this.#isMuted) return;
    for (const row of this.#rows) this.#out.forward.row(row, streamTimeMs, timeMs, false);
    for (const { stage, to, key } of this.#results) {
      this.#out.write(
        stage,
        NO_HEADERS,
        to,
        timeMs,
        Number.NaN,
        Number.NaN,
        key,
        0,
        key.length,
        NO_BYTES,
        -1,
        -1,
      );
    }
  }
}

/**
 * A row that is sent on has to have room to be taken back some time.
 * @throws {MillraceError} RECORD_TOO_LARGE
 */
function refuseLarge(
  { outputs }: Stage,
  { headersStart, headersEnd }: HeaderEntries,
  carried: CarriedBytes | undefined,
  key: Uint8Array,
  keyStart: number,
  keyEnd: number,
  valueBytes: number,
): void {
  const carriedBytes = carried === undefined ? 0 : carriedEntryBytes(carried.key?.length ?? 0);
  const headerBytes = ROW_ENTRY_BYTES + carriedBytes + headersEnd - headersStart;
  const bytes = keyEnd - keyStart + valueBytes + headerBytes;
  const output = outputs[partitionFor(key, keyStart, keyEnd, outputs.length)]!;
  if (output.holds(bytes)) return;
  throw new MillraceError(
    "RECORD_TOO_LARGE",
    `Cannot write to ${output.topic}: the row has ${bytes} bytes with its headers`,
  );
}
