import { describe, expect, it } from "vitest";
import {
  headerKind,
  IDENTITY_ENTRY_BYTES,
  Identity,
  Seen,
  writeIdentity,
} from "../../../runtime/engine/identity.ts";
import {
  FRESH,
  formatPositionMetadata,
  parsePositionMetadata,
} from "../../../runtime/engine/position_metadata.ts";
import { decodeHeaders, encodeHeaders } from "../../../runtime/wire/mod.ts";

function identity(input: number, partition: number, offset: number, emitIndex: number): Identity {
  const bytes = new Uint8Array(IDENTITY_ENTRY_BYTES);
  writeIdentity(bytes, 0, 1000, offset, emitIndex, partition, input);
  const read = new Identity();
  read.read(bytes, 0);
  return read;
}

describe("the identity of a repartitioned record", () => {
  it("is a well-formed header entry that reads back", () => {
    const bytes = new Uint8Array(IDENTITY_ENTRY_BYTES + 5);
    expect(writeIdentity(bytes, 5, 1447171200000, 2 ** 40, 3, 17, 2)).toBe(bytes.length);
    const entry = bytes.subarray(5);
    const [[name, value]] = decodeHeaders(entry, 0, entry.length, 1) as [[string, Uint8Array]];
    expect([name, value.length]).toEqual(["m", 26]);
    expect(headerKind(entry, 0, entry.length)).toBe("data");
    const read = new Identity();
    read.read(bytes, 5);
    expect({ ...read }).toEqual({
      streamTimeMs: 1447171200000,
      offset: 2 ** 40,
      emitIndex: 3,
      partition: 17,
      input: 2,
    });
  });

  it("is told from a marker and from a stranger's record", () => {
    const marker = encodeHeaders([["w", new Uint8Array(0)]]);
    expect(headerKind(marker, 0, marker.length)).toBe("marker");
    const other = encodeHeaders([["m", new Uint8Array(3)]]);
    expect(headerKind(other, 0, other.length)).toBe("foreign");
    expect(headerKind(other, 0, 0)).toBe("foreign");
  });

  it("is accepted once per writer, in rising order, each writer for itself", () => {
    const seen = new Seen();
    expect(seen.note(identity(0, 0, 5, 0))).toBe(true);
    expect(seen.note(identity(0, 0, 5, 1))).toBe(true);
    expect(seen.note(identity(0, 0, 5, 1))).toBe(false);
    expect(seen.note(identity(0, 0, 5, 0))).toBe(false);
    expect(seen.note(identity(0, 0, 4, 9))).toBe(false);
    expect(seen.note(identity(0, 1, 4, 0))).toBe(true);
    expect(seen.note(identity(1, 0, 4, 0))).toBe(true);
    const restored = new Seen();
    restored.restore(JSON.parse(JSON.stringify(seen.snapshot())));
    expect(restored.note(identity(0, 0, 5, 1))).toBe(false);
    expect(restored.note(identity(1, 0, 4, 1))).toBe(true);
  });
});

describe("offset metadata", () => {
  it("comes back as it was and stays short", () => {
    for (const metadata of [
      FRESH,
      { streamTimeMs: 1447171200000, lastReadMs: 1.7e12, watermarkMs: Infinity, fresh: false },
    ]) {
      const text = formatPositionMetadata(metadata);
      expect(text.length).toBeLessThan(80);
      expect(parsePositionMetadata(text)).toEqual(metadata);
    }
  });

  it.each(["", "v1 1 2", "v2 - - - run", "v1 x - - run", "v1 - - - old"])(
    "of another program (%j) is refused",
    (text) => {
      expect(() => parsePositionMetadata(text)).toThrow(
        expect.objectContaining({ code: "STATE_MISMATCH" }),
      );
    },
  );
});
