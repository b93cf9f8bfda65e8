/**
 * Kafka's protocol as data, for either side of a connection; knows neither broker nor client, does no
 * I/O and imports nothing of ours. Everything thrown on account of bytes is a `WireError`.
 *
 * Where the grammars stand:
 *
 * - frames, heads of requests and responses: `codec/codec.ts`
 * - message tables: `messages/`, one file per API or family; their notation: `codec/field.ts`
 * - lengths, nulls, tagged fields: `codec/compile_field.ts`, `codec/compile_struct.ts`
 * - record batches, records, headers: `record_batch/layout.ts`
 * - transaction markers: `record_batch/control_batch.ts`
 * - varints: `varint.ts`; checksums: `crc32c_js.ts`; key hash: `murmur2.ts`
 *
 * @module
 */

export {
  type DecodedRequest,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  decodeResponseBody,
  encodeRequest,
  encodeRequestBody,
  encodeResponse,
  isFlexible,
  type RequestHead,
  type RequestHeader,
  versionRange,
} from "./codec/codec.ts";
export { crc32c, crc32cImplementation } from "./crc32c.ts";
export { crc32cJs } from "./crc32c_js.ts";
export {
  readInt16,
  readInt32,
  readInt64,
  readUint32,
  writeInt16,
  writeInt32,
  writeInt64,
} from "./int64.ts";
export {
  API,
  type ApiKey,
  type ApiName,
  type NameOf,
  type RequestInput,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
} from "./messages/apis.ts";
export { murmur2, partitionFor } from "./murmur2.ts";
export {
  BatchBuilder,
  type BatchBuilderOptions,
  type FinishOptions,
  stampProducer,
} from "./record_batch/batch_builder.ts";
export {
  type BatchInfo,
  batches,
  batchInfo,
  batchSize,
  isCrcValid,
  setBaseOffset,
  setLogAppendTime,
} from "./record_batch/batch_info.ts";
export { type ControlType, controlBatch, controlTypeOf } from "./record_batch/control_batch.ts";
export type { Compression } from "./record_batch/layout.ts";
export { RecordCursor, type RecordCursorOptions } from "./record_batch/record_cursor.ts";
export {
  decodeHeaders,
  encodeHeaders,
  HeaderCursor,
  type RecordHeader,
} from "./record_batch/record_headers.ts";
export {
  uvarintSize,
  VarintReader,
  varintSize,
  varlongSize,
  writeUvarint,
  writeVarint,
  writeVarlong,
} from "./varint.ts";
export { type RequestIdentity, WireError, type WireErrorCode } from "./wire_error.ts";
