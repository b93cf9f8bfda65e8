/**
 * Whole records of a stream, for the cold paths: dashboard, `tail`, tests. (The engine reads fields.)
 *
 * @module
 */

import type { AvroType, Format, StreamPlan } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { createDecoder, type Decoder } from "./avro/mod.ts";
import { createFormat } from "./format.ts";
import { FRAME_BYTES, readFrame } from "./frame.ts";
import type { WriterSchemas } from "./schemas.ts";
import {
  createWindowKeyDecoder,
  createWindowKeySplitter,
  type WindowKeyRecord,
} from "./window_key.ts";

export interface DecodedRecord {
  readonly key: unknown;
  /** Start and end of the key's window, ms since 1970; for streams of windowed results. */
  readonly window?: readonly [startMs: number, endMs: number];
  /** null for a null value. */
  readonly value: unknown;
}

export interface RecordDecoder {
  /**
   * @throws {MillraceError} UNDECODABLE, LONG_UNSAFE, UNKNOWN_SCHEMA_ID; transient when the schema
   * registry cannot be asked
   */
  decode(key: Uint8Array | null, value: Uint8Array | null): Promise<DecodedRecord>;
}

/** Writer schemas whose decoders are kept, for keys and for values each. */
const MAX_DECODERS = 256;

export function createRecordDecoder(stream: StreamPlan, schemas: WriterSchemas): RecordDecoder {
  const decodeKey = partDecoder(stream.key.format, schemas, "key");
  const decodeValue = partDecoder(stream.value, schemas, "value");
  const { window } = stream.key;
  const split = window && createWindowKeySplitter(window.extent);
  const decodeRecordKey =
    window?.as === "record"
      ? partDecoder({ kind: "avro", schema: window.schema }, schemas, "key", createWindowKeyDecoder)
      : undefined;
  return {
    async decode(key, value) {
      const decodedValue = value === null ? null : await decodeValue(value, value.length);
      if (key === null) return { key: null, value: decodedValue };
      if (window === undefined) {
        return { key: await decodeKey(key, key.length), value: decodedValue };
      }
      if (decodeRecordKey !== undefined) {
        const record = (await decodeRecordKey(key, key.length)) as WindowKeyRecord;
        const { windowStart, windowEnd } = record;
        return { key: record.key, window: [windowStart, windowEnd], value: decodedValue };
      }
      const { keyEnd, startMs, endMs } = split!(key, 0, key.length);
      return {
        key: await decodeKey(key, keyEnd),
        window: [startMs, endMs],
        value: decodedValue,
      };
    },
  };
}

type PartDecoder = (bytes: Uint8Array, end: number) => unknown;

function partDecoder(
  format: Format,
  schemas: WriterSchemas,
  root: string,
  create: (writer: AvroType, reader: AvroType, root: string) => Decoder = createDecoder,
): PartDecoder {
  if (format.kind !== "avro") {
    const { decode } = createFormat(format, root);
    return (bytes, end) => decode(bytes, 0, end);
  }
  const decoders = new Map<number, Decoder>();
  return async (bytes, end) => {
    const id = readFrame(bytes, 0, end, root);
    let decode = decoders.get(id);
    if (decode === undefined) {
      const writer = await writerOf(id, schemas, root);
      decode = create(writer, format.schema, root);
      if (decoders.size >= MAX_DECODERS) decoders.delete(decoders.keys().next().value!);
      decoders.set(id, decode);
    }
    return decode(bytes, FRAME_BYTES, end);
  };
}

async function writerOf(id: number, schemas: WriterSchemas, root: string): Promise<AvroType> {
  const writer = await schemas.byId(id);
  if (writer !== undefined) return writer;
  throw new MillraceError(
    "UNKNOWN_SCHEMA_ID",
    `Cannot decode ${root}: the schema registry has no schema with id ${id}`,
  );
}
