import { expect, test } from "vitest";
import type { Input } from "../../../runtime/engine/input.ts";
import { Rows } from "../../../runtime/engine/rows.ts";
import { MemoryBudget } from "../../../runtime/state/mod.ts";
import { BatchBuilder, RecordCursor } from "../../../runtime/wire/mod.ts";

test("rows with Avro keys stay the same rows when the schema of their keys changes", async () => {
  const rows = new Rows({
    key: { kind: "avro", schema: { kind: "string" } },
    budget: new MemoryBudget(1e6),
  });
  const input = {
    decodeKey: (bytes: Uint8Array, start: number, end: number) =>
      new TextDecoder().decode(bytes.subarray(start + 5, end)),
  } as unknown as Input;
  const record = (schemaId: number, value: number | null) => {
    const key = Uint8Array.of(0, 0, 0, 0, schemaId, 107);
    const builder = new BatchBuilder();
    const bytes = Uint8Array.of(value ?? 0);
    const [start, end] = value === null ? [-1, -1] : [0, 1];
    builder.append(5, key, 0, key.length, bytes, start, end, new Uint8Array(0), 0, 0, 0);
    const cursor = new RecordCursor();
    cursor.reset(builder.finish());
    cursor.nextBatch();
    cursor.nextRecord();
    return cursor;
  };
  const first = record(1, 8);
  rows.find(input, first);
  expect(rows.row).toBeUndefined();
  rows.set(first, 5);
  rows.find(input, record(2, null));
  const { buffer, keyStart, keyEnd, valueStart, valueEnd, timestamp } = rows.row!;
  expect([...buffer.subarray(keyStart, keyEnd)]).toEqual([0, 0, 0, 0, 1, 107]);
  expect([...buffer.subarray(valueStart, valueEnd)]).toEqual([8]);
  expect(timestamp).toBe(5);
});
