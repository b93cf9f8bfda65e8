/**
 * Formats: whole keys and values to and from bytes. The primitive ones are those of Kafka's own
 * serialisers:
 *
 *     string   UTF-8                      bytes    as they are
 *     int      int32BE                    long     int64BE
 *     double   IEEE 754, big-endian       boolean  one byte, 0 or 1
 *     json     JSON text in UTF-8         avro     Avro binary without a frame
 *
 * @module
 */

import type { AvroType, Format } from "../../topology/language/mod.ts";
import { type FaultCode, MillraceError } from "../fault/mod.ts";
import { createDecoder, createEncoder } from "./avro/mod.ts";
import type { ByteSink } from "./byte_sink.ts";
import { readJson } from "./json.ts";
import { formatJsonText, parseJsonText } from "./json_text.ts";
import { readUtf8 } from "./utf8.ts";

/** Decodes and encodes one value; both functions work detached. */
export interface Serde {
  /**
   * @returns what the whole of `bytes[start, end)` stands for; the caller owns it
   * @throws {MillraceError} UNDECODABLE, LONG_UNSAFE
   */
  readonly decode: (bytes: Uint8Array, start: number, end: number) => unknown;
  /** @throws {MillraceError} UNENCODABLE when the value does not fit */
  readonly encode: (value: unknown, sink: ByteSink) => void;
}

/** By schema and root: tasks of one plan read and write the same ones. */
const avroSerdes = new WeakMap<AvroType, Map<string, Serde>>();

/** @param root Name of the value in messages. */
export function createFormat(format: Format, root = "value"): Serde {
  if (format.kind === "avro") return avroSerde(format.schema, root);
  return format.kind === "json" ? jsonSerde(format.schema, root) : PRIMITIVES[format.kind](root);
}

function avroSerde(schema: AvroType, root: string): Serde {
  let byRoot = avroSerdes.get(schema);
  if (byRoot === undefined) {
    byRoot = new Map();
    avroSerdes.set(schema, byRoot);
  }
  let serde = byRoot.get(root);
  if (serde === undefined) {
    const { encode } = createEncoder(schema, root);
    serde = { decode: createDecoder(schema, undefined, root), encode };
    byRoot.set(root, serde);
  }
  return serde;
}

function jsonSerde(schema: AvroType | undefined, root: string): Serde {
  return {
    decode: (bytes, start, end) => {
      const json = parseJsonText(textOf(bytes, start, end, root), root, schema !== undefined);
      return schema === undefined ? json : readJson(json, schema, root);
    },
    encode: (value, sink) => writeText(formatJsonText(value, root), sink, root),
  };
}

/**
 * Writes a key as state and repartition topics hold it: without a schema id.
 *
 * @throws {MillraceError} UNENCODABLE
 */
export function encodeKey(value: unknown, format: Format, sink: ByteSink): void {
  createFormat(format, "key").encode(value, sink);
}

const number = new DataView(new ArrayBuffer(8));
const numberBytes = new Uint8Array(number.buffer);

const PRIMITIVES: Readonly<
  Record<Exclude<Format["kind"], "avro" | "json">, (root: string) => Serde>
> = {
  string: (root) => ({
    decode: (bytes, start, end) => textOf(bytes, start, end, root),
    encode: (value, sink) => {
      if (typeof value !== "string") throw unfit(root, "a string", value);
      writeText(value, sink, root);
    },
  }),
  int: (root) => ({
    decode: (bytes, start, end) => {
      checkLength(start, end, 4, "an int", root);
      return int32(bytes, start);
    },
    encode: (value, sink) => {
      if (typeof value !== "number" || (value | 0) !== value) throw unfit(root, "an int", value);
      sink.writeInt32(value);
    },
  }),
  long: (root) => ({
    decode: (bytes, start, end) => {
      checkLength(start, end, 8, "a long", root);
      return int64(bytes, start, root);
    },
    encode: (value, sink) => {
      if (!Number.isSafeInteger(value)) throw unfit(root, "a long within ±(2^53−1)", value);
      sink.writeInt64(value as number);
    },
  }),
  double: (root) => ({
    decode: (bytes, start, end) => {
      checkLength(start, end, 8, "a double", root);
      for (let i = 0; i < 8; i++) numberBytes[i] = bytes[start + i]!;
      return number.getFloat64(0);
    },
    encode: (value, sink) => {
      if (typeof value !== "number") throw unfit(root, "a number", value);
      sink.writeFloat64(value);
    },
  }),
  boolean: (root) => ({
    decode: (bytes, start, end) => {
      checkLength(start, end, 1, "a boolean", root);
      const byte = bytes[start]!;
      if (byte > 1) throw fault("UNDECODABLE", "decode", root, `${byte} is not a boolean`);
      return byte === 1;
    },
    encode: (value, sink) => {
      if (typeof value !== "boolean") throw unfit(root, "a boolean", value);
      sink.writeByte(value ? 1 : 0);
    },
  }),
  bytes: (root) => ({
    // A Buffer's own slice would share the memory.
    decode: (bytes, start, end) => Uint8Array.prototype.slice.call(bytes, start, end),
    encode: (value, sink) => {
      if (!(value instanceof Uint8Array)) throw unfit(root, "bytes (Uint8Array)", value);
      sink.writeBytes(value);
    },
  }),
};

export function int32(bytes: Uint8Array, start: number): number {
  return (
    (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
  );
}

/** @throws {MillraceError} LONG_UNSAFE outside ±(2^53−1) */
export function int64(bytes: Uint8Array, start: number, root: string): number {
  const high = int32(bytes, start);
  const value = high * 2 ** 32 + (int32(bytes, start + 4) >>> 0);
  if (Number.isSafeInteger(value)) return value;
  const exactly = (BigInt(high) << 32n) | BigInt(int32(bytes, start + 4) >>> 0);
  throw fault(
    "LONG_UNSAFE",
    "decode",
    root,
    `the long ${exactly} is outside ±(2^53−1), where numbers are not exact`,
  );
}

function textOf(bytes: Uint8Array, start: number, end: number, root: string): string {
  const text = readUtf8(bytes, start, end);
  if (text === undefined) throw fault("UNDECODABLE", "decode", root, "its bytes are not UTF-8");
  return text;
}

function writeText(text: string, sink: ByteSink, root: string): void {
  if (sink.writeUtf8(text)) return;
  const why = "the text has half a surrogate pair, which has no form in UTF-8";
  throw fault("UNENCODABLE", "encode", root, why);
}

function checkLength(start: number, end: number, size: number, what: string, root: string): void {
  if (end - start === size) return;
  const why = `${what} has ${size} byte${size === 1 ? "" : "s"}, not ${end - start}`;
  throw fault("UNDECODABLE", "decode", root, why);
}

function unfit(root: string, expected: string, value: unknown): MillraceError {
  const got = typeof value === "object" && value !== null ? "an object" : String(value);
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : got;
  return fault("UNENCODABLE", "encode", root, `expected ${expected}, got ${shown}`);
}

function fault(code: FaultCode, verb: string, root: string, why: string): MillraceError {
  return new MillraceError(code, `Cannot ${verb} ${root}: ${why}`);
}
