/**
 * The rows of one partition of a table: the newest record of each key, as its bytes came.
 *
 * A row is an entry without accumulators: its event time stands where the highest one would, its offset
 * where entries keep theirs. Rows are found by their keys as state has them, without a schema id: a new
 * version of the key's schema does not make another row.
 *
 * @module
 */

import type { Format } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { ByteSink, createFormat } from "../serde/mod.ts";
import {
  type AccumulatorCodec,
  type AccumulatorObject,
  ENTRY_OFFSETS,
  ENTRY_RECORDS,
  MAX_KEY_BYTES,
  type MemoryBudget,
  type Pane,
  WindowTable,
} from "../state/mod.ts";
import type { RecordCursor } from "../wire/mod.ts";
import { limitBytesOf } from "./aggregators/mod.ts";
import type { Input } from "./input.ts";

/** What programs read of the record that they work on. */
export type RecordBytes = Pick<
  RecordCursor,
  | "buffer"
  | "keyStart"
  | "keyEnd"
  | "valueStart"
  | "valueEnd"
  | "timestamp"
  | "offset"
  | "headersStart"
  | "headersEnd"
  | "headerCount"
>;

/** Bytes of a record, behind a byte that keeps them from being none. */
interface RowBytes extends AccumulatorObject {
  readonly bytes: Uint8Array;
}

/** What a process takes for an array of its own, as it was measured. */
const OBJECT_BYTES = 300;

const CODEC: AccumulatorCodec = {
  encode: (row) => (row as RowBytes).bytes,
  // What is read is a part of something larger.
  decode: (bytes) => rowBytes(bytes.slice()),
};

export interface RowsOptions {
  /** Format of keys as they come: with a schema id where that is Avro. */
  readonly key: Format;
  readonly budget: MemoryBudget;
}

export class Rows {
  readonly table: WindowTable;
  readonly #encodeKey: ((value: unknown, sink: ByteSink) => void) | undefined;
  readonly #limitBytes: number;
  readonly #keySink = new ByteSink();
  /** The key that was looked for last; a start below 0 means null. */
  #key: Uint8Array = new Uint8Array(0);
  #keyStart = -1;
  #keyEnd = -1;
  /** Its row's entry, -1 where there is none. */
  #entry = -1;

  constructor({ key, budget }: RowsOptions) {
    // Keys that state has in another form than they come in are kept as they came, too.
    const keptKeys = key.kind === "avro" ? [CODEC] : [];
    const objects = [CODEC, ...keptKeys];
    this.table = new WindowTable({
      inputs: 1,
      keepsMaxTime: true,
      accumulators: [],
      objects,
      budget,
    });
    this.#limitBytes = limitBytesOf(objects.length);
    if (key.kind === "avro") this.#encodeKey = createFormat(key).encode;
  }

  /**
   * Looks for the row of the record at the cursor.
   * @throws {MillraceError} for a key that cannot be decoded, or is too long; RECORD_TOO_LARGE for a
   *   value that state cannot hold
   */
  find(input: Input, cursor: RecordCursor): void {
    const { buffer, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    this.#entry = -1;
    this.#keyStart = -1;
    if (keyStart < 0) return;
    this.#key = buffer;
    this.#keyStart = keyStart;
    this.#keyEnd = keyEnd;
    if (this.#encodeKey !== undefined) {
      const sink = this.#keySink;
      sink.position = 0;
      this.#encodeKey(input.decodeKey(buffer, keyStart, keyEnd), sink);
      this.#key = sink.bytes;
      this.#keyStart = 0;
      this.#keyEnd = sink.position;
    }
    const keyBytes = Math.max(keyEnd - keyStart, this.#keyEnd - this.#keyStart);
    if (keyBytes > MAX_KEY_BYTES) throw tooLarge(`key of ${keyBytes}`, MAX_KEY_BYTES);
    const valueBytes = valueEnd - valueStart;
    if (valueBytes >= this.#limitBytes) throw tooLarge(`value of ${valueBytes}`, this.#limitBytes);
    this.#entry = this.#pane().seek(this.#key, this.#keyStart, this.#keyEnd);
  }

  /** The row is of this record or a later one already, as it was restored. */
  isCovered(offset: number): boolean {
    return this.#entry >= 0 && this.#pane().isCovered(this.#entry, 0, offset);
  }

  /** The row that was found, undefined where there is none: what programs read of it. */
  get row(): RecordBytes | undefined {
    const entry = this.#entry;
    const pane = this.#pane();
    const { f64 } = pane;
    if (entry < 0 || f64[entry + ENTRY_RECORDS] === 0) return undefined;
    const value = this.#kept(pane, entry, 0);
    // One buffer for both: a program reads key and value at one place.
    const isKeyKept = this.#encodeKey !== undefined;
    const key = isKeyKept
      ? this.#kept(pane, entry, 1)
      : pane.keys.subarray(pane.keyStart(entry), pane.keyEnd(entry));
    const keyStart = value.length + (isKeyKept ? 1 : 0);
    const buffer = new Uint8Array(value.length + key.length);
    buffer.set(value);
    buffer.set(key, value.length);
    return {
      buffer,
      keyStart,
      keyEnd: buffer.length,
      valueStart: 1,
      valueEnd: value.length,
      timestamp: f64[entry + this.table.maxTime!]!,
      offset: f64[entry + ENTRY_OFFSETS]!,
      headersStart: 0,
      headersEnd: 0,
      headerCount: 0,
    };
  }

  /** The record at the cursor, which was looked for, is the row from now on; with a null value, none is. */
  set(cursor: RecordCursor, timeMs: number): void {
    const { buffer, keyStart, keyEnd, valueStart, valueEnd, offset } = cursor;
    const pane = this.#pane();
    if (valueStart < 0) {
      const entry = this.#entry;
      if (entry < 0 || pane.f64[entry + ENTRY_RECORDS] === 0) return;
      pane.covers(entry, 0, offset);
      pane.delete(entry);
      return;
    }
    const entry = pane.find(this.#key, this.#keyStart, this.#keyEnd);
    pane.covers(entry, 0, offset);
    pane.f64[entry + ENTRY_RECORDS] = 1;
    pane.f64[entry + this.table.maxTime!] = timeMs;
    this.#keep(pane, entry, 0, buffer, valueStart, valueEnd);
    if (this.#encodeKey !== undefined) this.#keep(pane, entry, 1, buffer, keyStart, keyEnd);
  }

  #pane(): Pane {
    return this.table.pane(0, 0);
  }

  #kept(pane: Pane, entry: number, n: number): Uint8Array {
    return (pane.objects[pane.objectsAt(entry) + n] as RowBytes).bytes;
  }

  #keep(
    pane: Pane,
    entry: number,
    n: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const bytes = new Uint8Array(end - start + 1);
    bytes.set(buffer.subarray(start, end), 1);
    const place = pane.objectsAt(entry) + n;
    pane.keep(place, rowBytes(bytes), pane.objects[place]?.heapBytes ?? 0);
  }
}

function rowBytes(bytes: Uint8Array): RowBytes {
  return { bytes, heapBytes: OBJECT_BYTES + bytes.length };
}

function tooLarge(what: string, limitBytes: number): MillraceError {
  return new MillraceError(
    "RECORD_TOO_LARGE",
    `Cannot keep a row with a ${what} bytes: the limit is ${limitBytes}`,
  );
}
