/**
 * Keys of windowed results: `binary` as Kafka Streams writes them, or an Avro `record`.
 *
 *     binary := serialised key, int64BE start of the window, ms since 1970
 *     record := frame, Avro { key, windowStart: long ms, windowEnd: long ms }
 *
 * @module
 */

import type { AvroType, Format, WindowKeyFormat } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { createDecoder, createEncoder, type Decoder } from "./avro/mod.ts";
import type { ByteSink } from "./byte_sink.ts";
import { createFormat, int64 } from "./format.ts";
import { writeFrame } from "./frame.ts";

/** At the end of a `binary` key. */
export const WINDOW_START_BYTES = 8;

/** Completes a windowed key: the serialised key has just been written. */
export function writeWindowStart(startMs: number, sink: ByteSink): void {
  sink.writeInt64(startMs);
}

/**
 * Takes a `binary` windowed key apart.
 *
 * @returns where the serialised key ends, and the window's start
 * @throws {MillraceError} UNDECODABLE when it is too short or its window begins before 1970,
 * LONG_UNSAFE for an impossible start
 */
export function splitWindowKey(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly keyEnd: number; readonly startMs: number } {
  const keyEnd = end - WINDOW_START_BYTES;
  if (keyEnd < start) {
    throw undecodable(
      `it has ${end - start} bytes, and the window's start alone has ${WINDOW_START_BYTES}`,
    );
  }
  const startMs = int64(bytes, keyEnd, "key");
  if (startMs < 0) throw beforeTheEpoch(startMs);
  return { keyEnd, startMs };
}

/**
 * Takes a decoded `record` windowed key for what it must be.
 *
 * @throws {MillraceError} UNDECODABLE when its window begins before 1970, or is of another size
 */
export function checkWindowKey({ windowStart, windowEnd }: WindowKeyRecord, sizeMs: number): void {
  if (windowStart < 0) throw beforeTheEpoch(windowStart);
  if (windowEnd - windowStart === sizeMs) return;
  throw undecodable(
    `its window is of ${windowEnd - windowStart} ms, those of the stream are of ${sizeMs}`,
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
 * @returns writes the whole key of a base key in `bytes[start, end)`, which may not be the sink's
 */
export function createWindowKeyWriter(
  format: Format,
  window: WindowKeyFormat,
  schemaId: number | undefined,
): (bytes: Uint8Array, start: number, end: number, startMs: number, sink: ByteSink) => void {
  if (window.as === "binary" || schemaId === undefined) {
    return (bytes, start, end, startMs, sink) => {
      sink.writeBytes(bytes, start, end);
      writeWindowStart(startMs, sink);
    };
  }
  const { decode } = createFormat(format, "key");
  const { encode } = createEncoder(window.schema, "key");
  return (bytes, start, end, startMs, sink) => {
    const key = decode(bytes, start, end);
    writeFrame(schemaId, sink);
    encode({ key, windowStart: startMs, windowEnd: startMs + window.sizeMs }, sink);
  };
}
