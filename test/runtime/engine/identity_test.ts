import { describe, expect, it } from "vitest";
import {
  finalEntryBytes,
  headerKind,
  Identity,
  RECORD_ENTRY_BYTES,
  UPDATE_ENTRY_BYTES,
  writeFinalIdentity,
  writeRecordIdentity,
} from "../../../runtime/engine/identity.ts";
import { decodeHeaders, encodeHeaders } from "../../../runtime/wire/mod.ts";

function read(bytes: Uint8Array, at: number): Identity {
  const identity = new Identity();
  identity.read(bytes, at);
  return identity;
}

function entryOf(bytes: Uint8Array): [string, Uint8Array] {
  return decodeHeaders(bytes, 0, bytes.length, 1)[0] as [string, Uint8Array];
}

describe("the identity of a repartitioned record", () => {
  it("is a well-formed header entry that reads back", () => {
    const bytes = new Uint8Array(5 + RECORD_ENTRY_BYTES);
    const end = writeRecordIdentity(
      bytes,
      5,
      1447171200000,
      2 ** 40,
      3,
      17,
      2,
      4711,
      Number.NaN,
      Number.NaN,
    );
    expect(end).toBe(bytes.length);
    const entry = bytes.subarray(5);
    expect(entryOf(entry)[0]).toBe("m");
    expect(headerKind(entry, 0, entry.length)).toBe("data");
    expect(read(bytes, 5)).toMatchObject({
      form: "record",
      entryBytes: entry.length,
      streamTimeMs: 1447171200000,
      offset: 2 ** 40,
      emitIndex: 3,
      partition: 17,
      input: 2,
      writer: 4711,
      windowStartMs: Number.NaN,
    });
  });

  it("says of an update which window it is of", () => {
    const bytes = new Uint8Array(UPDATE_ENTRY_BYTES);
    const end = writeRecordIdentity(bytes, 0, -Infinity, 7, 1, 2, 0, 2 ** 31 - 1, 60_000, 90_000);
    expect(end).toBe(bytes.length);
    expect(entryOf(bytes)[0]).toBe("u");
    expect(headerKind(bytes, 0, bytes.length)).toBe("data");
    expect(read(bytes, 0)).toMatchObject({
      form: "record",
      entryBytes: bytes.length,
      streamTimeMs: -Infinity,
      offset: 7,
      writer: 2 ** 31 - 1,
      windowStartMs: 60_000,
      windowEndMs: 90_000,
    });
  });

  it.each([0, 1, 35, 36, 5000])("holds the key of a final result, of %i bytes", (length) => {
    const key = Uint8Array.from({ length: length + 3 }, (_, i) => i & 0xff);
    const bytes = new Uint8Array(9 + finalEntryBytes(length));
    const end = writeFinalIdentity(bytes, 9, 1000, 2000, 3, 4, 5, key, 3, key.length);
    const entry = bytes.subarray(9, end);
    expect(entryOf(entry)[0]).toBe("f");
    expect(headerKind(entry, 0, entry.length)).toBe("data");
    const identity = read(bytes, 9);
    expect(identity).toMatchObject({
      form: "final",
      entryBytes: entry.length,
      streamTimeMs: -Infinity,
      windowStartMs: 1000,
      windowEndMs: 2000,
      emitIndex: 3,
      partition: 4,
      writer: 5,
    });
    expect(identity.bytes.subarray(identity.keyStart, identity.keyEnd)).toEqual(key.subarray(3));
  });

  it("is told from a marker and from a stranger's record", () => {
    const marker = encodeHeaders([["w", new Uint8Array(0)]]);
    expect(headerKind(marker, 0, marker.length)).toBe("marker");
    for (const name of ["m", "u", "f", "x", "long"]) {
      const other = encodeHeaders([[name, new Uint8Array(3)]]);
      expect(headerKind(other, 0, other.length)).toBe("foreign");
    }
    expect(headerKind(marker, 0, 0)).toBe("foreign");
  });
});
