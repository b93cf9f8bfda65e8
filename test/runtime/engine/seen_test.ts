import { describe, expect, it } from "vitest";
import {
  finalEntryBytes,
  Identity,
  UPDATE_ENTRY_BYTES,
  writeFinalIdentity,
  writeRecordIdentity,
} from "../../../runtime/engine/identity.ts";
import { Seen } from "../../../runtime/engine/seen.ts";

const WRITER = 2 ** 31 - 1;

function record(
  [writer, input, partition]: readonly [number, number, number],
  offset: number,
  emitIndex: number,
): Identity {
  const bytes = new Uint8Array(UPDATE_ENTRY_BYTES);
  writeRecordIdentity(
    bytes,
    0,
    1000,
    offset,
    emitIndex,
    partition,
    input,
    writer,
    Number.NaN,
    Number.NaN,
  );
  const identity = new Identity();
  identity.read(bytes, 0);
  return identity;
}

function final(partition: number, endMs: number, key: string, emitIndex = 0): Identity {
  const keyBytes = new TextEncoder().encode(key);
  const bytes = new Uint8Array(finalEntryBytes(keyBytes.length));
  writeFinalIdentity(
    bytes,
    0,
    endMs - 1000,
    endMs,
    emitIndex,
    partition,
    WRITER,
    keyBytes,
    0,
    keyBytes.length,
  );
  const identity = new Identity();
  identity.read(bytes, 0);
  return identity;
}

function throughChangelog(seen: Seen): Seen {
  const restored = new Seen();
  restored.restore(JSON.parse(JSON.stringify(seen.snapshot())));
  return restored;
}

describe("a record that a writer repeats", () => {
  it("is accepted once per writer, in rising order, each writer for itself", () => {
    const [a, b, c, d] = [
      [WRITER, 0, 0],
      [WRITER, 0, 1],
      [WRITER, 1, 0],
      [WRITER - 1, 0, 0],
    ] as const;
    const seen = new Seen();
    expect(seen.note(record(a, 5, 0))).toBe(true);
    expect(seen.note(record(a, 5, 1))).toBe(true);
    expect(seen.note(record(a, 5, 1))).toBe(false);
    expect(seen.note(record(a, 5, 0))).toBe(false);
    expect(seen.note(record(a, 4, 9))).toBe(false);
    expect(seen.note(record(b, 4, 0))).toBe(true);
    expect(seen.note(record(c, 4, 0))).toBe(true);
    expect(seen.note(record(d, 4, 0))).toBe(true);
    expect(seen.note(record(a, 5, 1))).toBe(false);
    const restored = throughChangelog(seen);
    expect(restored.note(record(a, 5, 1))).toBe(false);
    expect(restored.note(record(c, 4, 1))).toBe(true);
    expect(restored.note(record(d, 4, 0))).toBe(false);
  });
});

describe("a final result that a writer repeats", () => {
  it("is accepted once per task: by window end, then key bytes, then emit index", () => {
    const seen = new Seen();
    expect(seen.note(final(0, 2000, "b"))).toBe(true);
    expect(seen.note(final(0, 2000, "b"))).toBe(false);
    expect(seen.note(final(0, 2000, "a"))).toBe(false);
    expect(seen.note(final(0, 2000, "b", 1))).toBe(true);
    expect(seen.note(final(0, 2000, "ba"))).toBe(true);
    expect(seen.note(final(0, 1000, "z"))).toBe(false);
    expect(seen.note(final(1, 1000, "z"))).toBe(true);
    expect(seen.note(final(0, 3000, "a"))).toBe(true);
    const restored = throughChangelog(seen);
    expect(restored.note(final(0, 3000, "a"))).toBe(false);
    expect(restored.note(final(0, 3000, "b"))).toBe(true);
    expect(restored.note(final(1, 1000, "z"))).toBe(false);
  });

  it("orders keys by their unsigned bytes, as closing windows do", () => {
    const seen = new Seen();
    expect(seen.note(final(0, 1000, "\u007f"))).toBe(true);
    expect(seen.note(final(0, 1000, "é"))).toBe(true);
    expect(seen.note(final(0, 1000, "z"))).toBe(false);
  });
});
