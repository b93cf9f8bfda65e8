import { describe, expect, it } from "vitest";
import { withoutAborted } from "../../../runtime/kafka/aborted.ts";
import {
  BatchBuilder,
  batches,
  controlBatch,
  isCrcValid,
  RecordCursor,
  setBaseOffset,
  stampProducer,
} from "../../../runtime/wire/mod.ts";

const encoder = new TextEncoder();

function at(offset: number, batch: Uint8Array): Uint8Array {
  setBaseOffset(batch, 0, offset, 0);
  return batch;
}

function written(producerId: number, key: Uint8Array, ...values: string[]): Uint8Array {
  const builder = new BatchBuilder();
  for (const value of values) {
    const bytes = encoder.encode(value);
    builder.append(1_000, key, 0, key.length, bytes, 0, bytes.length);
  }
  const batch = builder.finish({ compression: values.length > 1 ? "gzip" : "none" });
  stampProducer(batch, producerId, 0, 0, true);
  return batch;
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function valuesOf(bytes: Uint8Array): string[] {
  const cursor = new RecordCursor();
  cursor.reset(bytes);
  const values: string[] = [];
  while (cursor.nextBatch()) {
    if (cursor.isControl) continue;
    while (cursor.nextRecord()) {
      values.push(
        new TextDecoder().decode(cursor.buffer.subarray(cursor.valueStart, cursor.valueEnd)),
      );
    }
  }
  return values;
}

const KEY = encoder.encode("k");
/** What kafkajs takes for the marker that ends an aborted transaction. */
const INT32_ZERO = new Uint8Array(4);

describe("leaving out aborted records", () => {
  it("returns the same bytes when nothing was aborted", () => {
    const bytes = at(0, written(1, KEY, "a"));
    expect(withoutAborted(bytes, [])).toBe(bytes);
  });

  it("takes out one producer's transaction and keeps the other's and the next one", () => {
    const bytes = join(
      at(0, written(1, KEY, "a1", "a2")),
      at(2, written(2, KEY, "kept")),
      at(3, written(1, KEY, "a3")),
      at(4, controlBatch(1, 0, "abort", 0)),
      at(5, written(1, KEY, "next")),
      at(6, controlBatch(1, 0, "commit", 0)),
      at(7, controlBatch(2, 0, "commit", 0)),
    );
    const cleaned = withoutAborted(bytes, [{ producerId: 1, firstOffset: 0 }]);
    expect(valuesOf(cleaned)).toEqual(["kept", "next"]);
    // Offsets still advance over what was taken out, and every batch is sound.
    expect([...batches(cleaned)].map((b) => b.lastOffset)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const batch of batches(cleaned)) expect(isCrcValid(cleaned, batch.at)).toBe(true);
  });

  it("does not end a transaction at a record whose key is an int32 zero", () => {
    const bytes = join(
      at(0, written(1, INT32_ZERO, "a1")),
      at(1, written(1, KEY, "a2")),
      at(2, controlBatch(1, 0, "abort", 0)),
    );
    expect(valuesOf(withoutAborted(bytes, [{ producerId: 1, firstOffset: 0 }]))).toEqual([]);
  });

  it("takes out two transactions of one producer, not the committed one between them", () => {
    const bytes = join(
      at(0, written(1, KEY, "a")),
      at(1, controlBatch(1, 0, "abort", 0)),
      at(2, written(1, KEY, "b")),
      at(3, controlBatch(1, 0, "commit", 0)),
      at(4, written(1, KEY, "c")),
      at(5, controlBatch(1, 0, "abort", 0)),
    );
    const aborted = [
      { producerId: 1, firstOffset: 4 },
      { producerId: 1, firstOffset: 0 },
    ];
    expect(valuesOf(withoutAborted(bytes, aborted))).toEqual(["b"]);
  });
});
