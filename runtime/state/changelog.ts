/**
 * The changelog's wire format. A compacted topic, partition = the task's.
 *
 *     key    entry:  0x02, int64BE start, int64BE bound, key bytes: of a window its start and end, of a
 *                    slice of windows its start and the start of the first window that it counts in, of a
 *                    session the time of its first record and 0, of a record in sliding windows its time
 *                    and the start of the first window that it counts in (or, ordered, its offset)
 *            system: 0x00, slot (0 or 1)
 *     value  entry:  Avro { version: long = 1, records: long, maxTime: long, offsets: array<long>,
 *                           accumulators: array<double> }; null deletes; maxTime is -1 where the
 *                   stage has no use for it;
 *                    version = 2 where there are accumulators that are no numbers:
 *                           { …, objects: array<bytes> }, each as its aggregator writes it
 *            system: UTF-8 JSON, see SystemEntry
 *
 * A system entry belongs to the input positions and the watermark it names. It is written in turn into two slots, so
 * that the slot of the last completed commit survives a commit that did not complete.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { readInt64, VarintReader, writeInt64, writeVarlong } from "../wire/mod.ts";
import type { EntryImage, EntryPlace } from "./entry_shape.ts";

const VERSION = 1;
const VERSION_WITH_OBJECTS = 2;
export const SYSTEM_VERSION = 2;
const NO_TIME = -1;
const SYSTEM = 0;
const ENTRY = 2;
/** Start and bound of an entry. */
export const PLACE_BYTES = 16;

/**
 * Longest key that state is kept of: an entry is one record of a changelog, which may have 900,000 bytes,
 * 768 KiB of them for accumulators.
 */
export const MAX_KEY_BYTES = 100_000;

/** What a task knows beside its entries. */
export interface SystemEntry {
  readonly version: typeof SYSTEM_VERSION;
  /** By input, in the plan's order: offset of the next record to read. */
  readonly positions: readonly number[];
  /** Watermark, ms; null when it is infinite. Windows can close without any position moving. */
  readonly watermarkMs: number | null;
  /** Counters by stage name. */
  readonly ledger: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By input. */
  readonly seen: readonly SeenEntry[];
}

/** Whether an entry was written by the commit of these positions and this watermark. */
export function isOfCommit(
  entry: SystemEntry,
  positions: readonly number[],
  watermarkMs: number,
): boolean {
  return (
    entry.watermarkMs === finite(watermarkMs) &&
    positions.every((position, n) => entry.positions[n] === position)
  );
}

/** As system entries write times: JSON has no infinities. */
export function finite(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}

/** Highest identities seen, by `<writer>/<its input>/<its partition>`. */
export interface SeenEntry {
  /** `[offset, emit index]` */
  readonly records: Readonly<Record<string, readonly [number, number]>>;
  /** `[window end, key bytes as hexadecimal digits, window start, emit index]` */
  readonly finals: Readonly<Record<string, readonly [number, string, number, number]>>;
}

export type ChangelogKey =
  | ({ readonly kind: "entry" } & EntryPlace)
  | { readonly kind: "system"; readonly slot: number };

/** Writes the key of an entry, whose own key is in `keys`, into a new array. */
export function encodeEntryKey(
  startMs: number,
  boundMs: number,
  keys: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  const bytes = new Uint8Array(PLACE_BYTES + 1 + end - start);
  bytes[0] = ENTRY;
  writeInt64(bytes, 1, startMs);
  writeInt64(bytes, 9, boundMs);
  bytes.set(keys.subarray(start, end), PLACE_BYTES + 1);
  return bytes;
}

/** The same of what stands behind its first byte already. */
export function entryKeyOf(place: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(place.length + 1);
  bytes[0] = ENTRY;
  bytes.set(place, 1);
  return bytes;
}

export function encodeSystemKey(slot: number): Uint8Array {
  return Uint8Array.of(SYSTEM, slot);
}

/**
 * @returns a key that stands in `bytes`
 * @throws {MillraceError} STATE_CORRUPT for one that no version of ours writes
 */
export function decodeChangelogKey(bytes: Uint8Array): ChangelogKey {
  if (bytes[0] === ENTRY && bytes.length > PLACE_BYTES) {
    const [startMs, boundMs] = [readInt64(bytes, 1), readInt64(bytes, 9)];
    return { kind: "entry", startMs, boundMs, key: bytes.subarray(PLACE_BYTES + 1) };
  }
  if (bytes[0] === SYSTEM && bytes.length === 2) return { kind: "system", slot: bytes[1]! };
  throw new MillraceError("STATE_CORRUPT", `Cannot read changelog key of ${bytes.length} bytes`);
}

/** A commit encodes entry after entry, and each is copied into a batch: they share one array. */
let scratch = new DataView(new ArrayBuffer(1024));

/** @returns bytes that stand until the next call */
export function encodeEntry(image: EntryImage): Uint8Array {
  const { offsets, accumulators, objects = [] } = image;
  const objectBytes = objects.reduce((sum, { length }) => sum + 10 + length, 0);
  const mostBytes = 64 + 10 * offsets.length + 8 * accumulators.length + objectBytes;
  if (scratch.byteLength < mostBytes) scratch = new DataView(new ArrayBuffer(mostBytes));
  const view = scratch;
  const bytes = new Uint8Array(view.buffer);
  let at = writeVarlong(bytes, 0, objects.length > 0 ? VERSION_WITH_OBJECTS : VERSION);
  at = writeVarlong(bytes, at, image.records);
  at = writeVarlong(bytes, at, image.maxTimeMs ?? NO_TIME);
  at = writeVarlong(bytes, at, offsets.length);
  for (const offset of offsets) at = writeVarlong(bytes, at, offset);
  if (offsets.length > 0) bytes[at++] = 0;
  at = writeVarlong(bytes, at, accumulators.length);
  for (const accumulator of accumulators) {
    view.setFloat64(at, accumulator, true);
    at += 8;
  }
  if (accumulators.length > 0) bytes[at++] = 0;
  if (objects.length > 0) {
    at = writeVarlong(bytes, at, objects.length);
    for (const object of objects) {
      at = writeVarlong(bytes, at, object.length);
      bytes.set(object, at);
      at += object.length;
    }
    bytes[at++] = 0;
  }
  return bytes.subarray(0, at);
}

/** A restore decodes entry after entry out of one fetch: neither is made anew for each. */
const reader = new VarintReader();
let fetched: DataView = new DataView(new ArrayBuffer(0));

/** @throws {MillraceError} STATE_CORRUPT */
export function decodeEntry(bytes: Uint8Array): EntryImage {
  try {
    if (fetched.buffer !== bytes.buffer) fetched = new DataView(bytes.buffer);
    const view = fetched;
    reader.reset(bytes);
    const version = reader.varlong();
    if (version !== VERSION && version !== VERSION_WITH_OBJECTS)
      throw new RangeError(`version ${version}`);
    const records = reader.varlong();
    const maxTime = reader.varlong();
    const maxTimeMs = maxTime === NO_TIME ? undefined : maxTime;
    const offsets: number[] = [];
    for (let n = reader.varlong(); n !== 0; n = reader.varlong()) {
      while (n-- > 0) offsets.push(reader.varlong());
    }
    const accumulators: number[] = [];
    for (let n = reader.varlong(); n !== 0; n = reader.varlong()) {
      while (n-- > 0) {
        if (reader.at + 8 > bytes.length) throw new RangeError("cut off");
        accumulators.push(view.getFloat64(bytes.byteOffset + reader.at, true));
        reader.at += 8;
      }
    }
    if (version === VERSION) return { records, maxTimeMs, offsets, accumulators };
    return { records, maxTimeMs, offsets, accumulators, objects: readObjects(reader, bytes) };
  } catch (cause) {
    throw new MillraceError("STATE_CORRUPT", "Cannot read changelog entry", { cause });
  }
}

function readObjects(reader: VarintReader, bytes: Uint8Array): Uint8Array[] {
  const objects: Uint8Array[] = [];
  for (let n = reader.varlong(); n !== 0; n = reader.varlong()) {
    while (n-- > 0) {
      const length = reader.varlong();
      const end = reader.at + length;
      if (!(length >= 0 && end <= bytes.length)) throw new RangeError(`${length} bytes`);
      objects.push(bytes.slice(reader.at, end));
      reader.at = end;
    }
  }
  return objects;
}

export function encodeSystem(entry: SystemEntry): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(entry));
}

/** @throws {MillraceError} STATE_CORRUPT */
export function decodeSystem(bytes: Uint8Array): SystemEntry {
  try {
    const entry = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (entry.version !== SYSTEM_VERSION) throw new RangeError(`version ${entry.version}`);
    return entry;
  } catch (cause) {
    throw new MillraceError("STATE_CORRUPT", "Cannot read the task's system entry", { cause });
  }
}
