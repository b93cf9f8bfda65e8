/**
 * Entries by key, in typed arrays: what panes and running values are made of.
 *
 * Entries lie one behind the other in a Float64Array and are never moved, so a position found once
 * stays right until the table grows; an open-addressing index of int32 points at them. One entry:
 *
 *     f64 0   int32 hash, int32 offset of the key in `keys`
 *     f64 1   int32 length of the key (-1 = removed: the place is used again), int32 flags (see `pane.ts`)
 *     f64 2   records folded in (0 = deleted)
 *     f64 3   highest event time folded in, ms
 *     f64 4…  per input of the subtopology: highest offset folded in, -1 for none
 *     then    accumulator slots
 *
 * Accumulators that are no numbers stand in `objects`, as many per entry, in the order of the entries.
 *
 * @module
 */

import { murmur2 } from "../wire/mod.ts";
import type { AccumulatorObject } from "./accumulator.ts";
import type { MemoryBudget } from "./memory_budget.ts";

export const ENTRY_RECORDS = 2;
export const ENTRY_MAX_TIME = 3;
export const ENTRY_OFFSETS = 4;

const FIRST_ENTRIES = 16;
const FIRST_KEY_BYTES = 256;

/** What the entries of a stage look like. */
export interface EntryLayout {
  /** Number of inputs of the subtopology: each entry keeps an offset per input. */
  readonly inputs: number;
  /** Values of a new entry from `ENTRY_RECORDS` on; its length sets the entry's size. */
  readonly initial: Float64Array;
  /** Accumulators of an entry that are no numbers. */
  readonly objects: number;
}

/** Entries as they stand, removed ones included, in arrays whose meaning is the table's own. */
export interface RawEntries {
  readonly count: number;
  readonly arrays: readonly Uint8Array[];
}

export interface RawLengths {
  readonly count: number;
  /** Of the arrays, bytes. */
  readonly lengths: readonly number[];
}

export class EntryTable {
  protected readonly layout: EntryLayout;
  protected readonly stride: number;
  readonly #budget: MemoryBudget;
  /** Of all entries; undefined until a record is folded in. */
  readonly objects: (AccumulatorObject | undefined)[] = [];
  #objectBytes = 0;
  /** Entries. Replaced when the table grows: read it again after every `find`. */
  f64: Float64Array;
  protected i32: Int32Array;
  #index: Int32Array;
  keys: Uint8Array;
  #keyBytes = 0;
  /** Of removed entries. */
  #idleKeyBytes = 0;
  #count = 0;
  readonly #free: number[] = [];
  /** All entries in order of their keys, until one comes or goes. */
  #sorted: readonly number[] | undefined;

  constructor(layout: EntryLayout, budget: MemoryBudget) {
    this.layout = layout;
    this.stride = ENTRY_RECORDS + layout.initial.length;
    this.#budget = budget;
    this.f64 = new Float64Array(this.stride * FIRST_ENTRIES);
    this.i32 = new Int32Array(this.f64.buffer);
    this.#index = new Int32Array(FIRST_ENTRIES * 2);
    this.keys = new Uint8Array(FIRST_KEY_BYTES);
    budget.take(this.bytes);
  }

  get bytes(): number {
    const arrays = this.f64.byteLength + this.#index.byteLength + this.keys.byteLength;
    return arrays + this.#objectBytes;
  }

  /** Entries, deleted ones included. */
  get size(): number {
    return this.#count - this.#free.length;
  }

  /** Place in `objects` of an entry's first one. */
  objectsAt(entry: number): number {
    return (entry / this.stride) * this.layout.objects;
  }

  /**
   * Puts an accumulator in its place, or says that the one there has changed.
   * @param heldBytes what stood there took before
   */
  keep(place: number, accumulator: AccumulatorObject, heldBytes: number): void {
    this.objects[place] = accumulator;
    const bytes = accumulator.heapBytes - heldBytes;
    if (bytes === 0) return;
    this.#budget.take(bytes);
    this.#objectBytes += bytes;
  }

  keyStart(entry: number): number {
    return this.i32[entry * 2 + 1]!;
  }

  keyEnd(entry: number): number {
    return this.i32[entry * 2 + 1]! + this.i32[entry * 2 + 2]!;
  }

  /** Position in `f64` of the key's entry, made if there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const entry = this.seek(bytes, start, end);
    return entry >= 0 ? entry : this.#insert(bytes, start, end);
  }

  /** Position in `f64` of the key's entry, -1 if there is none. */
  seek(bytes: Uint8Array, start: number, end: number): number {
    const hash = murmur2(bytes, start, end);
    const length = end - start;
    const index = this.#index;
    const i32 = this.i32;
    const keys = this.keys;
    const mask = index.length - 1;
    let slot = mix(hash) & mask;
    let number: number;
    while ((number = index[slot]!) !== 0) {
      const entry = (number - 1) * this.stride;
      const head = entry * 2;
      if (i32[head] === hash && i32[head + 2] === length) {
        let k = i32[head + 1]!;
        let i = start;
        while (i < end && keys[k] === bytes[i]) {
          i++;
          k++;
        }
        if (i === end) return entry;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Takes an entry out, which nothing else may point at: its place is used again. */
  remove(entry: number): void {
    const head = entry * 2;
    this.#unplace(this.i32[head]!, entry / this.stride + 1);
    this.#idleKeyBytes += this.i32[head + 2]!;
    this.dropObjects(entry);
    this.i32[head + 2] = -1;
    this.i32[head + 3] = 0;
    this.f64[entry + ENTRY_RECORDS] = 0;
    this.#free.push(entry);
    this.#sorted = undefined;
  }

  /** Calls back for each entry, deleted ones included. */
  forEach(visit: (entry: number) => void): void {
    for (let n = 0; n < this.#count; n++) {
      const entry = n * this.stride;
      if (this.i32[entry * 2 + 2]! >= 0) visit(entry);
    }
  }

  /** Positions of the living entries, as they stand. */
  living(): number[] {
    const living: number[] = [];
    for (let n = 0; n < this.#count; n++) {
      const entry = n * this.stride;
      if (this.f64[entry + ENTRY_RECORDS]! > 0) living.push(entry);
    }
    return living;
  }

  /** Positions of the living entries in order of their key bytes. */
  sorted(): readonly number[] {
    this.#sorted ??= this.inOrder(this.#all());
    return this.#sorted.filter((entry) => this.f64[entry + ENTRY_RECORDS]! > 0);
  }

  protected inOrder(entries: number[]): readonly number[] {
    return entries.sort((left, right) => this.compareKeys(left, right));
  }

  /** Compares two entries by their key bytes: below 0 when `left` comes first. */
  compareKeys(left: number, right: number): number {
    const { keys } = this;
    let l = this.keyStart(left);
    let r = this.keyStart(right);
    const lEnd = this.keyEnd(left);
    const rEnd = this.keyEnd(right);
    while (l < lEnd && r < rEnd) {
      const difference = keys[l++]! - keys[r++]!;
      if (difference !== 0) return difference;
    }
    return lEnd - l - (rEnd - r);
  }

  /** Σ of the record counts of all entries. */
  records(): number {
    let sum = 0;
    for (let n = 0; n < this.#count; n++) sum += this.f64[n * this.stride + ENTRY_RECORDS]!;
    return sum;
  }

  /** Gives the bytes back to the budget; the table must not be used after. */
  release(): void {
    this.#budget.take(-this.bytes);
    this.#objectBytes = 0;
    this.objects.length = 0;
  }

  /** What stands in the arrays, copied. `objects` are left to those who know their codecs. */
  dump(): RawEntries {
    return {
      count: this.#count,
      arrays: [bytesOf(this.f64).slice(0, this.#entryBytes()), this.keys.slice(0, this.#keyBytes)],
    };
  }

  /**
   * Makes room in an empty table for what `dump` gave.
   * @returns arrays of just those lengths to be filled, then `loaded` follows; undefined where a table
   *   of this layout cannot have had them
   */
  load({ count, lengths }: RawLengths): Uint8Array[] | undefined {
    const [entryBytes, keyBytes = -1] = lengths;
    if (lengths.length !== 2 || entryBytes !== this.#entryBytes(count) || keyBytes < 0) return;
    let room = FIRST_ENTRIES;
    while (room < count) room *= 2;
    const before = this.bytes;
    const f64Bytes = room * this.stride * 8;
    const keyRoom = Math.max(FIRST_KEY_BYTES, keyBytes);
    this.#budget.take(f64Bytes + room * 8 + keyRoom - before);
    this.f64 = new Float64Array(room * this.stride);
    this.i32 = new Int32Array(this.f64.buffer);
    this.#index = new Int32Array(room * 2);
    this.keys = new Uint8Array(keyRoom);
    this.#count = count;
    this.#keyBytes = keyBytes;
    for (let n = 0; n < count * this.layout.objects; n++) this.objects.push(undefined);
    return [bytesOf(this.f64).subarray(0, entryBytes), this.keys.subarray(0, keyBytes)];
  }

  /** The arrays of `load` are filled. */
  loaded(): void {
    let used = 0;
    for (let n = 0; n < this.#count; n++) {
      const head = n * this.stride * 2;
      const length = this.i32[head + 2]!;
      if (length < 0) {
        this.#free.push(n * this.stride);
        continue;
      }
      used += length;
      this.#place(this.i32[head]!, n + 1);
    }
    this.#idleKeyBytes = this.#keyBytes - used;
  }

  /** Bytes of `count` entries in the first array of a dump. */
  #entryBytes(count: number = this.#count): number {
    return count * this.stride * 8;
  }

  #insert(bytes: Uint8Array, start: number, end: number): number {
    const hash = murmur2(bytes, start, end);
    const length = end - start;
    if (this.#keyBytes + length > this.keys.length) this.#makeRoomForKey(length);
    const entry = this.#free.pop() ?? this.#append();
    const head = entry * 2;
    this.keys.set(bytes.subarray(start, end), this.#keyBytes);
    this.i32[head] = hash;
    this.i32[head + 1] = this.#keyBytes;
    this.i32[head + 2] = length;
    this.i32[head + 3] = 0;
    this.f64.set(this.layout.initial, entry + ENTRY_RECORDS);
    this.#keyBytes += length;
    this.#place(hash, entry / this.stride + 1);
    this.#sorted = undefined;
    return entry;
  }

  #all(): number[] {
    const all: number[] = [];
    this.forEach((entry) => {
      all.push(entry);
    });
    return all;
  }

  #append(): number {
    if ((this.#count + 1) * this.stride > this.f64.length) this.#growEntries();
    for (let n = 0; n < this.layout.objects; n++) this.objects.push(undefined);
    return this.#count++ * this.stride;
  }

  /** Takes the accumulators of an entry that are no numbers out. */
  dropObjects(entry: number): void {
    const first = this.objectsAt(entry);
    for (let place = first; place < first + this.layout.objects; place++) {
      const heapBytes = this.objects[place]?.heapBytes ?? 0;
      this.objects[place] = undefined;
      this.#budget.take(-heapBytes);
      this.#objectBytes -= heapBytes;
    }
  }

  #place(hash: number, number: number): void {
    const mask = this.#index.length - 1;
    let slot = mix(hash) & mask;
    while (this.#index[slot] !== 0) slot = (slot + 1) & mask;
    this.#index[slot] = number;
  }

  /** Leaves no gap in a run of slots: what stands behind moves up, as far as its hash lets it. */
  #unplace(hash: number, number: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let gap = mix(hash) & mask;
    while (index[gap] !== number) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; index[slot] !== 0; slot = (slot + 1) & mask) {
      const home = mix(this.i32[(index[slot]! - 1) * this.stride * 2]!) & mask;
      // How far it stands behind its home, against how far the gap does.
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      index[gap] = index[slot]!;
      gap = slot;
    }
    index[gap] = 0;
  }

  #growEntries(): void {
    const { f64 } = this;
    this.#budget.take(f64.byteLength + this.#index.byteLength);
    const grown = new Float64Array(f64.length * 2);
    grown.set(f64);
    this.f64 = grown;
    this.i32 = new Int32Array(grown.buffer);
    this.#index = new Int32Array(this.#index.length * 2);
    this.forEach((entry) => {
      this.#place(this.i32[entry * 2]!, entry / this.stride + 1);
    });
  }

  /** Leaves the keys of removed entries out when they are half of all, else takes twice the room. */
  #makeRoomForKey(length: number): void {
    const used = this.#keyBytes - this.#idleKeyBytes;
    const room =
      used + length <= this.keys.length / 2
        ? this.keys.length
        : Math.max(this.keys.length * 2, used + length);
    this.#budget.take(room - this.keys.length);
    const keys = new Uint8Array(room);
    let at = 0;
    this.forEach((entry) => {
      const start = this.i32[entry * 2 + 1]!;
      const length = this.i32[entry * 2 + 2]!;
      keys.set(this.keys.subarray(start, start + length), at);
      this.i32[entry * 2 + 1] = at;
      at += length;
    });
    this.keys = keys;
    this.#keyBytes = at;
    this.#idleKeyBytes = 0;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Spreads the hash: the same murmur2 chose the partition, so its low bits are alike within a task. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return hash ^ (hash >>> 15);
}
