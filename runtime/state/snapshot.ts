/**
 * A snapshot of one task's state, as bytes.
 *
 *     file    magic "MILLSNAP", block of the head, then per group: block of each array, block of objects
 *     block   int32BE length, int32BE CRC-32C of the bytes, bytes
 *     head    UTF-8 JSON, see SnapshotHead
 *
 * Arrays are as they stand in memory, and so of this machine's byte order, which the head names. The
 * state is that of a completed commit: what restoring the changelog up to `offset` gives.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { crc32c } from "../wire/mod.ts";
import type { RawLengths } from "./entry_table.ts";
import type { EntryGroup, StageTable } from "./stage_table.ts";

const VERSION = 2;
const MAGIC = new TextEncoder().encode("MILLSNAP");
const BYTE_ORDER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "little" : "big";
/** No head of ours comes near: a length beyond is damage, and nothing is allocated for it. */
const MAX_HEAD_BYTES = 64 * 1024 * 1024;

/** What a snapshot is of. */
export interface SnapshotOrigin {
  /** What the entries look like, and of which stage they are. */
  readonly fingerprint: string;
  readonly topic: string;
  readonly partition: number;
  /** Which topic of that name it was; null where brokers do not tell. */
  readonly topicId: string | null;
}

export interface SnapshotHead extends SnapshotOrigin {
  /** Of the changelog: all before it is in the snapshot, nothing behind it. */
  readonly offset: number;
  /** Wall clock, Unix epoch ms. */
  readonly takenAtMs: number;
  /** The system entry of the last commit: its slot, and its value as the changelog has it. */
  readonly slot: number;
  readonly system: string;
}

interface StoredHead extends SnapshotHead {
  readonly version: number;
  readonly byteOrder: string;
  readonly groups: readonly (RawLengths & {
    readonly startMs: number;
    readonly boundMs: number;
    readonly objectBytes: number;
  })[];
}

/** Fills arrays with what comes next. */
export interface SnapshotBytes {
  /** Not read yet. */
  readonly leftBytes: number;
  /** @returns false when there is not as much */
  fill(target: Uint8Array): Promise<boolean>;
}

/**
 * Copies the groups at once; what is returned may be written later.
 * @returns the file, part by part
 */
export function encodeSnapshot(
  head: SnapshotHead,
  table: StageTable | undefined,
  groups: readonly EntryGroup[],
): readonly Uint8Array[] {
  const dumps = groups.map(({ startMs, boundMs, entries }) => {
    const { count, arrays } = entries.dump();
    return { startMs, boundMs, count, arrays, objects: table!.shape.dumpObjects(entries) };
  });
  const stored: StoredHead = {
    ...head,
    version: VERSION,
    byteOrder: BYTE_ORDER,
    groups: dumps.map(({ startMs, boundMs, count, arrays, objects }) => ({
      startMs,
      boundMs,
      count,
      lengths: arrays.map(({ length }) => length),
      objectBytes: objects.length,
    })),
  };
  return [
    MAGIC,
    ...block(new TextEncoder().encode(JSON.stringify(stored))),
    ...dumps.flatMap(({ arrays, objects }) => [...arrays, objects].flatMap(block)),
  ];
}

/** A snapshot whose head is read. */
export class SnapshotReader {
  readonly head: SnapshotHead;
  readonly #stored: StoredHead;
  readonly #bytes: SnapshotBytes;

  private constructor(stored: StoredHead, bytes: SnapshotBytes) {
    this.head = stored;
    this.#stored = stored;
    this.#bytes = bytes;
  }

  /** @throws {MillraceError} STATE_CORRUPT for what is none of ours, or damaged */
  static async open(bytes: SnapshotBytes): Promise<SnapshotReader> {
    const magic = new Uint8Array(MAGIC.length);
    const isOurs = (await bytes.fill(magic)) && magic.every((byte, n) => byte === MAGIC[n]);
    if (!isOurs) throw corrupt("it does not begin as one");
    const stored = parseHead(await readBlock(bytes, undefined));
    if (stored.version !== VERSION) throw corrupt(`its version is ${stored.version}`);
    if (stored.byteOrder !== BYTE_ORDER) throw corrupt(`its bytes are ${stored.byteOrder} endian`);
    return new SnapshotReader(stored, bytes);
  }

  /**
   * Fills an empty table.
   * @returns how many entries
   * @throws {MillraceError} STATE_CORRUPT; the table is to be released then
   */
  async load(table: StageTable | undefined): Promise<number> {
    let entries = 0;
    for (const { startMs, boundMs, objectBytes, ...raw } of this.#stored.groups) {
      const bytes = raw.lengths.reduce((sum, length) => sum + length, objectBytes);
      if (!(bytes <= this.#bytes.leftBytes)) throw corrupt("it is cut off");
      const group = table?.group(startMs, boundMs);
      const arrays = group?.load(raw);
      if (group === undefined || arrays === undefined) throw corrupt("its entries do not fit");
      for (const array of arrays) await readBlock(this.#bytes, array);
      const objects = await readBlock(this.#bytes, new Uint8Array(objectBytes));
      table!.shape.loaded(group, objects);
      entries += group.size;
    }
    if (this.#bytes.leftBytes > 0) throw corrupt("something stands behind its end");
    return entries;
  }
}

function block(bytes: Uint8Array): Uint8Array[] {
  const frame = new Uint8Array(8);
  const view = new DataView(frame.buffer);
  view.setUint32(0, bytes.length);
  view.setUint32(4, crc32c(bytes));
  return [frame, bytes];
}

/** @param target what it must fill; undefined: a new array of any length */
async function readBlock(
  bytes: SnapshotBytes,
  target: Uint8Array | undefined,
): Promise<Uint8Array> {
  const frame = new Uint8Array(8);
  if (!(await bytes.fill(frame))) throw corrupt("it is cut off");
  const view = new DataView(frame.buffer);
  const length = view.getUint32(0);
  if (target === undefined && length > Math.min(MAX_HEAD_BYTES, bytes.leftBytes)) {
    throw corrupt("it is cut off");
  }
  const filled = target ?? new Uint8Array(length);
  if (filled.length !== length) throw corrupt("its parts have other lengths than it says");
  if (!(await bytes.fill(filled))) throw corrupt("it is cut off");
  if (crc32c(filled) !== view.getUint32(4)) throw corrupt("its checksum is wrong");
  return filled;
}

/** It has the checksum of what was written: only its version can be strange. */
function parseHead(bytes: Uint8Array): StoredHead {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new MillraceError("STATE_CORRUPT", "Cannot read snapshot: its head is no JSON", {
      cause,
    });
  }
}

function corrupt(why: string): MillraceError {
  return new MillraceError("STATE_CORRUPT", `Cannot read snapshot: ${why}`);
}
