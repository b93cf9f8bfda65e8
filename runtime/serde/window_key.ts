/**
 * Keys of windowed results: `binary` as Kafka Streams writes them, or an Avro `record`.
 *
 *     binary := serialised key, [int64BE end of the session,] int64BE start of the window, ms since 1970
 *     record := frame, Avro { key, windowStart: long ms, windowEnd: long ms }
 *
 * @module
 */

import {
  type AvroType,
  createEndOf,
  type Format,
  type WindowExtent,
  type WindowKeyFormat,
} from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { createDecoder, createEncoder, type Decoder } from "./avro/mod.ts";
import type { ByteSink } from "./byte_sink.ts";
import { createFormat, int64 } from "./format.ts";
import { writeFrame } from "./frame.ts";

/** At the end of a `binary` key: a start, and before it the end of a session. */
const TIME_BYTES = 8;

/** Where a `binary` windowed key is to be cut, and the window that it is of. */
export interface SplitWindowKey {
  /** Where the serialised key ends. */
  readonly keyEnd: number;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Makes what takes `binary` windowed keys apart.
 *
 * @returns throws {@link MillraceError} UNDECODABLE for a key that is too short or whose window is none,
 * LONG_UNSAFE for an impossible time
 */
export function createWindowKeySplitter(
  extent: WindowExtent,
): (bytes: Uint8Array, start: number, end: number) => SplitWindowKey {
  const isSession = extent.kind === "session";
  const windowBytes = isSession ? 2 * TIME_BYTES : TIME_BYTES;
  const endOf = isSession ? undefined : createEndOf(extent);
  return (bytes, start, end) => {
    const keyEnd = end - windowBytes;
    if (keyEnd < start) {
      throw undecodable(`it has ${end - start} bytes, and its window alone has ${windowBytes}`);
    }
    const startMs = int64(bytes, end - TIME_BYTES, "key");
    if (startMs < 0) throw beforeTheEpoch(startMs);
    const endMs = endOf === undefined ? int64(bytes, keyEnd, "key") : safeEnd(endOf, startMs);
    if (endMs < startMs) throw undecodable(`its session ends at ${endMs}, before ${startMs}`);
    return { keyEnd, startMs, endMs };
  };
}

/**
 * Makes what takes a decoded `record` windowed key for what it must be.
 *
 * @returns throws {@link MillraceError} UNDECODABLE when its window begins before 1970 or is none of
 * the stream's
 */
export function createWindowKeyCheck(extent: WindowExtent): (record: WindowKeyRecord) => void {
  const endOf = extent.kind === "session" ? undefined : createEndOf(extent);
  return ({ windowStart, windowEnd }) => {
    if (windowStart < 0) throw beforeTheEpoch(windowStart);
    const isWindow =
      endOf === undefined ? windowEnd >= windowStart : windowEnd === safeEnd(endOf, windowStart);
    if (isWindow) return;
    throw undecodable(
      `its window is of ${windowEnd - windowStart} ms, which none of the stream's is`,
    );
  };
}

/** Latest time that `Date`, and so a calendar, knows. */
const LAST_DATE_MS = 8.64e15;

function safeEnd(endOf: (startMs: number) => number, startMs: number): number {
  const endMs = startMs > LAST_DATE_MS ? Number.NaN : endOf(startMs);
  if (endMs <= Number.MAX_SAFE_INTEGER) return endMs;
  throw new MillraceError(
    "LONG_UNSAFE",
    `Cannot decode key: the window that begins at ${startMs} ends outside ±(2^53−1)`,
  );
}

/**
 * Decodes `record` windowed keys without their frame. The record itself may be called anything: no
 * definition names it.
 *
 * @returns gives a {@link WindowKeyRecord}
 */
export function createWindowKeyDecoder(writer: AvroType, reader: AvroType): Decoder {
  const isRecord = writer.kind === "record" && reader.kind === "record";
  return createDecoder(writer, isRecord ? { ...reader, name: writer.name } : reader, "key");
}

function beforeTheEpoch(startMs: number): MillraceError {
  return undecodable(`its window begins ${-startMs} ms before 1970`);
}

function undecodable(why: string): MillraceError {
  return new MillraceError("UNDECODABLE", `Cannot decode key: ${why}`);
}

/** What stands in a record key. */
export interface WindowKeyRecord {
  readonly key: unknown;
  readonly windowStart: number;
  readonly windowEnd: number;
}

/**
 * Makes keys of windowed results from base keys.
 *
 * @param format Of the base key, which has no frame.
 * @param schemaId Of the record's schema; undefined for `binary`.
 */
export function createWindowKeyWriter(
  format: Format,
  window: WindowKeyFormat,
  schemaId: number | undefined,
): WindowKeyWriter {
  if (window.as === "binary" || schemaId === undefined) {
    const isSession = window.extent.kind === "session";
    return (bytes, start, end, startMs, endMs, sink) => {
      sink.writeBytes(bytes, start, end);
      if (isSession) sink.writeInt64(endMs);
      sink.writeInt64(startMs);
    };
  }
  const { decode } = createFormat(format, "key");
  const { encode } = createEncoder(window.schema, "key");
  return (bytes, start, end, startMs, endMs, sink) => {
    const key = decode(bytes, start, end);
    writeFrame(schemaId, sink);
    encode({ key, windowStart: startMs, windowEnd: endMs }, sink);
  };
}

/** Writes the whole key of a base key in `bytes[start, end)`, which may not be the sink's. */
export type WindowKeyWriter = (
  bytes: Uint8Array,
  start: number,
  end: number,
  startMs: number,
  endMs: number,
  sink: ByteSink,
) => void;
