/** Batches in and out, and waiting for conditions, for tests of logs. */

import type { Fetched, Log } from "../../runtime/engine/mod.ts";
import { BatchBuilder, RecordCursor } from "../../runtime/wire/mod.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const LIMIT_MS = 20_000;
let topics = 0;

/** A name no other test of any process uses. */
export function topicName(): string {
  return `t-${process.pid}-${Date.now().toString(36)}-${topics++}`;
}

/** One batch of records without keys. */
export function batchOf(...values: readonly string[]): Uint8Array {
  return keyedBatchOf(...values.map((value) => [null, value] as const));
}

export function keyedBatchOf(
  ...records: readonly (readonly [key: string | null, value: string | null])[]
): Uint8Array {
  const builder = new BatchBuilder();
  for (const [key, value] of records) {
    const keyBytes = encoder.encode(key ?? "");
    const valueBytes = encoder.encode(value ?? "");
    builder.append(
      Date.now(),
      keyBytes,
      key === null ? -1 : 0,
      keyBytes.length,
      valueBytes,
      value === null ? -1 : 0,
      valueBytes.length,
    );
  }
  return builder.finish();
}

export interface TestRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** The data records in fetched bytes at or after an offset. */
export function recordsOf(fetched: readonly Fetched[], fromOffset = 0): TestRecord[] {
  const cursor = new RecordCursor();
  const records: TestRecord[] = [];
  const text = (start: number, end: number) =>
    start < 0 ? null : decoder.decode(cursor.buffer.subarray(start, end));
  for (const { bytes } of fetched) {
    cursor.reset(bytes);
    cursor.skipTo(fromOffset);
    while (cursor.nextBatch()) {
      if (cursor.isControl) continue;
      while (cursor.nextRecord()) {
        records.push({
          offset: cursor.offset,
          key: text(cursor.keyStart, cursor.keyEnd),
          value: text(cursor.valueStart, cursor.valueEnd),
        });
      }
    }
  }
  return records;
}

/** Polls until what was fetched since the start satisfies the condition, and returns it. */
export async function pollUntil(
  log: { poll: Log["poll"] },
  condition: (fetched: readonly Fetched[]) => boolean,
): Promise<readonly Fetched[]> {
  const deadline = Date.now() + LIMIT_MS;
  const all: Fetched[] = [];
  while (!condition(all)) {
    if (Date.now() > deadline) throw new Error("polled in vain");
    // Bytes belong to the reader only until the next poll.
    for (const part of await log.poll(100)) all.push({ ...part, bytes: part.bytes.slice() });
  }
  return all;
}

export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
