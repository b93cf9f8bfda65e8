/**
 * Whole records of a stream from plain values, for test data and the feeder.
 *
 * @module
 */

import type { Format, StreamPlan } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { ByteSink } from "./byte_sink.ts";
import { createFormat } from "./format.ts";
import { writeFrame } from "./frame.ts";
import { fromJsonFor } from "./json.ts";
import type { SubjectSchemas } from "./schemas.ts";
import { createWindowKeyWriter } from "./window_key.ts";

export interface PlainRecord {
  /** Absent or null: a null key. */
  readonly key?: unknown;
  /** Of a windowed key, which must have one. */
  readonly window?: readonly [startMs: number, endMs: number];
  /** Absent or null: a null value. */
  readonly value?: unknown;
}

export interface EncodedRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** What decides the partition: the key, without its window. */
  readonly baseKey: Uint8Array | null;
}

export interface RecordEncoder {
  /**
   * @param record Values as `fromJson` takes them.
   * @throws {MillraceError} UNENCODABLE, naming the field; what registering a schema throws
   */
  encode(record: PlainRecord): Promise<EncodedRecord>;
}

/** Registers the stream's schemas under `<topic>-key` and `<topic>-value` when they are first needed. */
export function createRecordEncoder(stream: StreamPlan, schemas: SubjectSchemas): RecordEncoder {
  const sink = new ByteSink();
  const { format, window: keyWindow } = stream.key;
  const keySubject = `${stream.topic}-key`;
  // The frame of a record key stands before the whole of it, not before the base key.
  const encodeKey = partEncoder(
    format,
    "key",
    keyWindow?.as === "record" ? undefined : registration(format, schemas, keySubject),
  );
  const windowSchemaId =
    keyWindow?.as === "record"
      ? registration({ kind: "avro", schema: keyWindow.schema }, schemas, keySubject)
      : undefined;
  let writeWindowKey: ReturnType<typeof createWindowKeyWriter> | undefined;
  const encodeValue = partEncoder(
    stream.value,
    "value",
    registration(stream.value, schemas, `${stream.topic}-value`),
  );
  return {
    async encode({ key = null, window, value = null }) {
      const writeKey = key === null ? undefined : await encodeKey(key);
      const writeValue = value === null ? undefined : await encodeValue(value);
      const windowId = key === null ? undefined : await windowSchemaId?.();
      // One sink for all calls: nothing is awaited while it is in use.
      const baseKey = writeKey === undefined ? null : taken(sink, writeKey);
      let wholeKey = baseKey;
      if (keyWindow !== undefined && baseKey !== null) {
        if (window === undefined) throw new MillraceError("UNENCODABLE", NO_WINDOW);
        const write = (writeWindowKey ??= createWindowKeyWriter(format, keyWindow, windowId));
        wholeKey = taken(sink, () => write(baseKey, 0, baseKey.length, ...window, sink));
      }
      return {
        key: wholeKey,
        baseKey,
        value: writeValue === undefined ? null : taken(sink, writeValue),
      };
    },
  };
}

const NO_WINDOW = "Cannot encode key: it is windowed, and its window is not said";

function taken(sink: ByteSink, write: (sink: ByteSink) => void): Uint8Array {
  sink.position = 0;
  write(sink);
  return sink.take();
}

type PartEncoder = (json: unknown) => Promise<(sink: ByteSink) => void>;

/** @param schemaId of what stands in a frame before each */
function partEncoder(
  format: Format,
  root: string,
  schemaId: (() => Promise<number>) | undefined,
): PartEncoder {
  const { encode } = createFormat(format, root);
  return async (json) => {
    const value = fromJsonFor(json, format, root);
    const id = await schemaId?.();
    return (sink) => {
      if (id !== undefined) writeFrame(id, sink);
      encode(value, sink);
    };
  };
}

/** Gives the id of a schema, which is registered once; undefined for a format that has none. */
function registration(
  format: Format,
  schemas: SubjectSchemas,
  subject: string,
): (() => Promise<number>) | undefined {
  if (format.kind !== "avro") return undefined;
  let registered: Promise<number> | undefined;
  return async () => {
    registered ??= schemas.register(subject, format.schema);
    try {
      return await registered;
    } catch (error) {
      // The registry may answer the next time.
      registered = undefined;
      throw error;
    }
  };
}
