/**
 * The marker that ends a transaction in a partition: a control batch of one record.
 *
 *     key   = version:int16 (0)  type:int16 (0 abort, 1 commit)
 *     value = version:int16 (0)  coordinatorEpoch:int32
 *
 * @module
 */

import { readInt16, writeInt16, writeInt32 } from "../int64.ts";
import { WireError } from "../wire_error.ts";
import { BatchBuilder, stampProducer } from "./batch_builder.ts";

export type ControlType = "abort" | "commit";

const KEY_BYTES = 4;
const VALUE_BYTES = 6;

/** A whole batch with base offset 0 that commits or aborts what the producer wrote. */
export function controlBatch(
  producerId: number,
  producerEpoch: number,
  type: ControlType,
  timestampMs: number,
  coordinatorEpoch = 0,
): Uint8Array {
  const record = new Uint8Array(KEY_BYTES + VALUE_BYTES);
  writeInt16(record, 2, type === "commit" ? 1 : 0);
  writeInt32(record, KEY_BYTES + 2, coordinatorEpoch);
  const builder = new BatchBuilder({ initialBytes: 128 });
  builder.append(timestampMs, record, 0, KEY_BYTES, record, KEY_BYTES, record.length);
  const batch = builder.finish({ isTransactional: true, isControl: true });
  stampProducer(batch, producerId, producerEpoch, -1, true);
  return batch;
}

/**
 * What a control record's key says; undefined for types other than transaction markers, which readers
 * must ignore.
 *
 * @throws {WireError} MALFORMED when the key is null or short
 */
export function controlTypeOf(
  buffer: Uint8Array,
  keyStart: number,
  keyEnd: number,
): ControlType | undefined {
  if (keyStart < 0 || keyEnd - keyStart < KEY_BYTES) {
    throw new WireError("MALFORMED", "Control record's key is too short", Math.max(0, keyStart));
  }
  // The version in front only ever adds fields behind.
  const type = readInt16(buffer, keyStart + 2);
  if (type === 0) return "abort";
  return type === 1 ? "commit" : undefined;
}
