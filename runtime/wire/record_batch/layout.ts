/**
 * Record batch, format version 2 (KIP-98). All integers big-endian; varints as in `../varint.ts`.
 *
 *      0  baseOffset            int64
 *      8  batchLength           int32    bytes after this field
 *     12  partitionLeaderEpoch  int32
 *     16  magic                 int8     2
 *     17  crc                   uint32   CRC-32C of everything from `attributes` to the end
 *     21  attributes            int16    bits 0-2 codec, 3 log append time, 4 transactional, 5 control
 *     23  lastOffsetDelta       int32
 *     27  baseTimestamp         int64    Unix epoch ms
 *     35  maxTimestamp          int64
 *     43  producerId            int64    -1: none
 *     51  producerEpoch         int16
 *     53  baseSequence          int32
 *     57  recordCount           int32
 *     61  records               compressed as a whole when a codec is set
 *
 *     record  = length:varint attributes:int8 timestampDelta:varlong offsetDelta:varint
 *               key:blob value:blob headerCount:varint header*        length counts what follows it
 *     header  = keyLength:varint key:utf8 value:blob
 *     blob    = length:varint byte*                                   length -1: null
 *
 * The offset and the leader epoch stand before the CRC, so that a broker can assign them without
 * reading the records.
 *
 * @module
 */

export const BATCH_LENGTH_AT = 8;
export const LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const RECORD_COUNT_AT = 57;
/** Where the records begin; also the size of a batch without any. */
export const RECORDS_AT = 61;

/** Bytes up to and including `batchLength`, which does not count them. */
export const LOG_OVERHEAD_BYTES = 12;

export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME_BIT = 0x08;
export const TRANSACTIONAL_BIT = 0x10;
export const CONTROL_BIT = 0x20;

/** Codec names by number. */
export const COMPRESSIONS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Compression = (typeof COMPRESSIONS)[number];
