/**
 * What a record carries through a repartition topic, in its first header: whose it is, and how late it
 * may be. Five forms, told apart by the header's name:
 *
 *     m  a record, or the update that a record has caused in a reduce without a window:
 *        float64BE T_p of the causing record, int64BE its offset, int32BE emit index,
 *        int32BE its partition, int16BE input number in the writer's plan, int32BE writer
 *     u  the update that a record has caused in a window, or a record whose key came with a window: as
 *        m, then int64BE window start, int64BE window end
 *     s  as m: a row of a table that stands in the place of one of the same key, which came just before
 *     r  what a row of a table was, which the record has replaced or deleted, stamped with the row's time:
 *        as m, then int64BE offset of the row, int64BE time of the record, and a byte, 1 where form s follows,
 *        of the same key
 *     f  the final result of a window: int64BE window end, int64BE window start, int32BE emit index,
 *        int32BE partition of the task, int32BE writer, then the bytes of its key
 *
 * Identities only rise: those of records per partition that the writer reads, those of finals per task
 * (by window end, key bytes, window start, emit index). So a receiver that keeps the highest of each
 * drops what an at-least-once writer repeats after a crash.
 *
 * @module
 */

import { readInt64, writeInt64, writeVarlong } from "../wire/mod.ts";

const NO_BYTES = new Uint8Array(0);
const RECORD_NAME = 0x6d;
const UPDATE_NAME = 0x75;
const FINAL_NAME = 0x66;
const MARKER_NAME = 0x77;
const RECORD_BYTES = 30;
const UPDATE_BYTES = RECORD_BYTES + 16;
const FINAL_HEAD_BYTES = 28;
const REPLACING_NAME = 0x73;
const ROW_NAME = 0x72;
const ROW_BYTES = RECORD_BYTES + 17;
const PARTIAL_NAME = 0x70;
const PARTIAL_BYTES = 16;
/** Of a partial result, as a header entry: what stands before its start and bound. */
export const PARTIAL_HEAD: readonly number[] = [2, PARTIAL_NAME, PARTIAL_BYTES * 2];
export const PARTIAL_ENTRY_BYTES = 3 + PARTIAL_BYTES;
/** `m` as a header entry: varint name length, name, varint value length, value. */
export const RECORD_ENTRY_BYTES = 3 + RECORD_BYTES;
export const UPDATE_ENTRY_BYTES = 3 + UPDATE_BYTES;
export const ROW_ENTRY_BYTES = 3 + ROW_BYTES;

/** At most, as a header entry. */
export function finalEntryBytes(keyBytes: number): number {
  return 2 + 5 + FINAL_HEAD_BYTES + keyBytes;
}

/** First header of a record in a repartition topic. */
export type RepartitionHeader = "data" | "partial" | "marker" | "foreign";

/** Tells data, partial results (`partials.ts`) and markers apart by the first header entry. */
export function headerKind(bytes: Uint8Array, start: number, end: number): RepartitionHeader {
  if (end - start < 3 || bytes[start] !== 2) return "foreign";
  const valueBytes = end - start - 3;
  switch (bytes[start + 1]) {
    case MARKER_NAME:
      return "marker";
    case RECORD_NAME:
    case REPLACING_NAME:
      return bytes[start + 2] === RECORD_BYTES * 2 && valueBytes >= RECORD_BYTES
        ? "data"
        : "foreign";
    case UPDATE_NAME:
      return bytes[start + 2] === UPDATE_BYTES * 2 && valueBytes >= UPDATE_BYTES
        ? "data"
        : "foreign";
    case ROW_NAME:
      return bytes[start + 2] === ROW_BYTES * 2 && valueBytes >= ROW_BYTES ? "data" : "foreign";
    case PARTIAL_NAME:
      return bytes[start + 2] === PARTIAL_BYTES * 2 && valueBytes >= PARTIAL_BYTES
        ? "partial"
        : "foreign";
    case FINAL_NAME:
      return valueBytes >= FINAL_HEAD_BYTES ? "data" : "foreign";
    default:
      return "foreign";
  }
}

/** The identity that was read last, of any form. */
export class Identity {
  form: "record" | "final" = "record";
  /** Bytes of the header entry. */
  entryBytes = 0;
  /** Results of windows are never late: -Infinity. */
  streamTimeMs = 0;
  offset = 0;
  emitIndex = 0;
  partition = 0;
  input = 0;
  writer = 0;
  /** NaN where the record is no result of a window. */
  windowStartMs = Number.NaN;
  windowEndMs = Number.NaN;
  /** The record before it, of the same key, has left its result to this one. */
  replaces = false;
  /** It is what a row was that is gone: to be taken back. */
  takesBack = false;
  /** Of that: the row's offset, when it went, and whether what has replaced it follows. */
  rowOffset = 0;
  goneAtMs = 0;
  isReplaced = false;
  /** Key of a final result, in these bytes. */
  bytes: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;

  read(bytes: Uint8Array, start: number): void {
    const name = bytes[start + 1];
    if (name === FINAL_NAME) this.#readFinal(bytes, start + 2);
    else this.#readRecord(bytes, start + 3, name === UPDATE_NAME);
    this.replaces = name === REPLACING_NAME;
    this.takesBack = name === ROW_NAME;
    if (this.takesBack) this.#readRow(bytes, start + 3);
  }

  #readRecord(bytes: Uint8Array, at: number, isUpdate: boolean): void {
    const view = viewOf(bytes);
    this.form = "record";
    this.entryBytes = isUpdate ? UPDATE_ENTRY_BYTES : RECORD_ENTRY_BYTES;
    this.streamTimeMs = view.getFloat64(at);
    this.offset = readInt64(bytes, at + 8);
    this.emitIndex = view.getInt32(at + 16);
    this.partition = view.getInt32(at + 20);
    this.input = view.getInt16(at + 24);
    this.writer = view.getInt32(at + 26);
    this.windowStartMs = isUpdate ? readInt64(bytes, at + RECORD_BYTES) : Number.NaN;
    this.windowEndMs = isUpdate ? readInt64(bytes, at + RECORD_BYTES + 8) : Number.NaN;
  }

  #readRow(bytes: Uint8Array, at: number): void {
    this.entryBytes = ROW_ENTRY_BYTES;
    this.rowOffset = readInt64(bytes, at + RECORD_BYTES);
    this.goneAtMs = readInt64(bytes, at + RECORD_BYTES + 8);
    this.isReplaced = bytes[at + RECORD_BYTES + 16] === 1;
  }

  #readFinal(bytes: Uint8Array, lengthAt: number): void {
    let at = lengthAt;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const end = at + (length >>> 1);
    const view = viewOf(bytes);
    this.form = "final";
    this.entryBytes = end - lengthAt + 2;
    this.streamTimeMs = Number.NEGATIVE_INFINITY;
    this.windowEndMs = readInt64(bytes, at);
    this.windowStartMs = readInt64(bytes, at + 8);
    this.emitIndex = view.getInt32(at + 16);
    this.partition = view.getInt32(at + 20);
    this.writer = view.getInt32(at + 24);
    this.offset = -1;
    this.input = 0;
    this.bytes = bytes;
    this.keyStart = at + FINAL_HEAD_BYTES;
    this.keyEnd = end;
  }
}

/** Writes form m, or with a window start form u, as a header entry. @returns the position behind it */
export function writeRecordIdentity(
  bytes: Uint8Array,
  at: number,
  streamTimeMs: number,
  offset: number,
  emitIndex: number,
  partition: number,
  input: number,
  writer: number,
  windowStartMs: number,
  windowEndMs: number,
): number {
  const view = viewOf(bytes);
  const isUpdate = !Number.isNaN(windowStartMs);
  bytes[at] = 2;
  bytes[at + 1] = isUpdate ? UPDATE_NAME : RECORD_NAME;
  bytes[at + 2] = (isUpdate ? UPDATE_BYTES : RECORD_BYTES) * 2;
  view.setFloat64(at + 3, streamTimeMs);
  writeInt64(bytes, at + 11, offset);
  view.setInt32(at + 19, emitIndex);
  view.setInt32(at + 23, partition);
  view.setInt16(at + 27, input);
  view.setInt32(at + 29, writer);
  if (!isUpdate) return at + RECORD_ENTRY_BYTES;
  writeInt64(bytes, at + 33, windowStartMs);
  writeInt64(bytes, at + 41, windowEndMs);
  return at + UPDATE_ENTRY_BYTES;
}

/** Makes form m, just written, form s. */
export function turnToReplacing(bytes: Uint8Array, at: number): void {
  bytes[at + 1] = REPLACING_NAME;
}

/** Makes form m, just written, form r. @returns the position behind it */
export function extendToRow(
  bytes: Uint8Array,
  at: number,
  rowOffset: number,
  goneAtMs: number,
  isReplaced: boolean,
): number {
  bytes[at + 1] = ROW_NAME;
  bytes[at + 2] = ROW_BYTES * 2;
  writeInt64(bytes, at + RECORD_ENTRY_BYTES, rowOffset);
  writeInt64(bytes, at + RECORD_ENTRY_BYTES + 8, goneAtMs);
  bytes[at + RECORD_ENTRY_BYTES + 16] = isReplaced ? 1 : 0;
  return at + ROW_ENTRY_BYTES;
}

/** Writes form f as a header entry. @returns the position behind it */
export function writeFinalIdentity(
  bytes: Uint8Array,
  at: number,
  windowStartMs: number,
  windowEndMs: number,
  emitIndex: number,
  partition: number,
  writer: number,
  key: Uint8Array,
  keyStart: number,
  keyEnd: number,
): number {
  bytes[at] = 2;
  bytes[at + 1] = FINAL_NAME;
  const value = writeVarlong(bytes, at + 2, FINAL_HEAD_BYTES + keyEnd - keyStart);
  const view = viewOf(bytes);
  writeInt64(bytes, value, windowEndMs);
  writeInt64(bytes, value + 8, windowStartMs);
  view.setInt32(value + 16, emitIndex);
  view.setInt32(value + 20, partition);
  view.setInt32(value + 24, writer);
  bytes.set(key.subarray(keyStart, keyEnd), value + FINAL_HEAD_BYTES);
  return value + FINAL_HEAD_BYTES + keyEnd - keyStart;
}

let viewed: Uint8Array | undefined;
let view: DataView;

/** One DataView per buffer in use, not per record. */
function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return view;
}
