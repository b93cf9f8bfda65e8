import type { TestDriver } from "../../runtime/testing/mod.ts";
import { RecordCursor } from "../../runtime/wire/mod.ts";
import { bytesHex } from "./kafka_streams/window_key_hex.ts";

/** Bytes of keys as they were written to a partition, of the records from `offset` on. */
export function keysFrom(
  { cluster }: TestDriver,
  topic: string,
  partition: number,
  offset: number,
): readonly string[] {
  const found = cluster.partition({ topic, partition }).read(offset, Number.POSITIVE_INFINITY);
  if (found === undefined) return [];
  const cursor = new RecordCursor();
  cursor.reset(found.bytes);
  cursor.skipTo(offset);
  const keys: string[] = [];
  while (cursor.nextBatch()) {
    while (cursor.nextRecord()) {
      keys.push(bytesHex(cursor.buffer.subarray(cursor.keyStart, cursor.keyEnd)));
    }
  }
  return keys;
}
