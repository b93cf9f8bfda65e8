/**
 * Whole records of a stream from plain values, for test data and the feeder.
 *
 * @module
 */

import type { Format, StreamPlan } from "../../topology/language/mod.ts";
import { ByteSink } from "./byte_sink.ts";
import { createFormat } from "./format.ts";
import { writeFrame } from "./frame.ts";
import { fromJsonFor } from "./json.ts";
import type { SubjectSchemas } from "./schemas.ts";

export interface PlainRecord {
  /** Absent or null: a null key. */
  readonly key?: unknown;
  /** Of a windowed key. @default [0, size] */
  readonly window?: readonly [startMs: number, endMs: number];
  /** Absent or null: a null value. */
  readonly value?: unknown;
}

export interface EncodedRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
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
  const keyWindow = stream.key.window;
  const keyFormat: Format =
    keyWindow?.as === "record" ? { kind: "avro", schema: keyWindow.schema } : stream.key.format;
  const encodeKey = partEncoder(keyFormat, schemas, `${stream.topic}-key`, "key");
  const encodeValue = partEncoder(stream.value, schemas, `${stream.topic}-value`, "value");
  return {
    async encode({ key = null, window, value = null }) {
      const [windowStart, windowEnd] = window ?? [0, keyWindow?.sizeMs ?? 0];
      const whole = keyWindow?.as === "record" ? { key, windowStart, windowEnd } : key;
      const writeKey = key === null ? undefined : await encodeKey(whole);
      const writeValue = value === null ? undefined : await encodeValue(value);
      // One sink for all calls: nothing is awaited while it is in use.
      return {
        key:
          writeKey === undefined
            ? null
            : taken(sink, () => {
                writeKey(sink);
                if (keyWindow?.as === "binary") sink.writeInt64(windowStart);
              }),
        value: writeValue === undefined ? null : taken(sink, () => writeValue(sink)),
      };
    },
  };
}

function taken(sink: ByteSink, write: () => void): Uint8Array {
  sink.position = 0;
  write();
  return sink.take();
}

type PartEncoder = (json: unknown) => Promise<(sink: ByteSink) => void>;

function partEncoder(
  format: Format,
  schemas: SubjectSchemas,
  subject: string,
  root: string,
): PartEncoder {
  const { encode } = createFormat(format, root);
  let registered: Promise<number> | undefined;
  return async (json) => {
    const value = fromJsonFor(json, format, root);
    if (format.kind !== "avro") return (sink) => encode(value, sink);
    registered ??= schemas.register(subject, format.schema);
    let id: number;
    try {
      id = await registered;
    } catch (error) {
      // The registry may answer the next time.
      registered = undefined;
      throw error;
    }
    return (sink) => {
      writeFrame(id, sink);
      encode(value, sink);
    };
  };
}
