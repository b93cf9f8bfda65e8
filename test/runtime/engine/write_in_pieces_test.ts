import { expect, test } from "vitest";
import { MAX_BATCH_BYTES, Outputs, PIECE_BYTES } from "../../../runtime/engine/outputs.ts";
import { writeInPieces } from "../../../runtime/engine/write_in_pieces.ts";
import { RecordCursor } from "../../../runtime/wire/mod.ts";

const RECORD_BYTES = 100_000;

test("what many partitions write goes out in pieces, whole and in order, in memory that is used again", async () => {
  const outputs = new Outputs();
  const value = new Uint8Array(RECORD_BYTES);
  function* write(partition: number, records: number): Generator<void, void, void> {
    const output = outputs.to("t", partition);
    for (let n = 0; n < records; n++) {
      if (output.append(n, value, -1, -1, value, 0, value.length)) yield;
    }
  }
  const pieces: number[] = [];
  const memory = new Set<ArrayBufferLike>();
  const records = [0, 0];
  await writeInPieces([write(0, 200), write(1, 150)], outputs, async (taken) => {
    pieces.push(
      taken.flatMap(({ batches }) => batches).reduce((sum, { length }) => sum + length, 0),
    );
    for (const { partition, batches } of taken) {
      for (const batch of batches) {
        memory.add(batch.buffer);
        const cursor = new RecordCursor();
        cursor.reset(batch);
        cursor.nextBatch();
        while (cursor.nextRecord()) expect(cursor.timestamp).toBe(records[partition]!++);
      }
    }
    outputs.give(taken);
  });
  expect(records).toEqual([200, 150]);
  expect(pieces.length).toBeGreaterThan(5);
  expect(Math.max(...pieces)).toBeLessThan(PIECE_BYTES + 3 * MAX_BATCH_BYTES);
  expect(memory.size).toBeLessThan(15);
});
