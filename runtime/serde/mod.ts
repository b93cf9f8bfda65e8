/**
 * Bytes ↔ values: Avro (whole values, and projections that read only the fields that are used), the
 * primitive formats of Kafka's own serialisers, JSON, schema registry frames and window keys.
 *
 * Everything that reads takes a `Uint8Array` and the range of the value in it, copies no more than it
 * returns, and throws a `MillraceError` (UNDECODABLE, LONG_UNSAFE) that names the field. Bytes that
 * are there bound what is allocated; limits beside that are in `avro/limits.ts`.
 *
 * @module
 */

export {
  createDecoder,
  createEncoder,
  createProjection,
  type Decoder,
  type Encoder,
  type GeneratedProjectionOptions,
  generateProjection,
  MAX_EMPTY_ITEMS,
  MAX_RECURSION,
  type Projection,
  type ProjectionNames,
  type ProjectionOptions,
  projectionLibrary,
} from "./avro/mod.ts";
export { ByteSink } from "./byte_sink.ts";
export { createFormat, encodeKey, type Serde } from "./format.ts";
export { FRAME_BYTES, readFrame, writeFrame } from "./frame.ts";
export { fromJson, fromJsonFor, toJson } from "./json.ts";
export { createRecordDecoder, type DecodedRecord, type RecordDecoder } from "./record_decoder.ts";
export {
  createRecordEncoder,
  type EncodedRecord,
  type PlainRecord,
  type RecordEncoder,
} from "./record_encoder.ts";
export { type RawRecord, recordsOf } from "./records_of.ts";
export type { SubjectSchemas, WriterSchemas } from "./schemas.ts";
export { isWellFormed } from "./utf8.ts";
export {
  createWindowKeyCheck,
  createWindowKeyDecoder,
  createWindowKeySplitter,
  createWindowKeyWriter,
  type WindowKeyRecord,
} from "./window_key.ts";
