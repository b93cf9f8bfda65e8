/**
 * Entries by key, in typed arrays: what panes and running values are made of.
 *
 * Entries lie one behind the other in a Float64Array and are never moved, so a position found once
 * stays right until the table grows. One entry:
 *
 *     f64 0   uint32 place of the key in `keys` (all ones = removed: the entry is used again),
 *             int32 flags (see `tracked_entries.ts`)
 *     f64 1   records folded in (0 = deleted): also the result of a `count()` of all records
 *     f64 2…  per input of the subtopology: highest offset folded in, -1 for none
 *     then    highest event time folded in, ms, where the stage asks for it
 *     then    accumulator slots
 *
 * The key stands in `keys` behind its length: one byte, or 255 and then a uint32.
 *
 * An open-addressing index of int32 finds entries by their spread hash. Its length is a power of two,
 * so one mask splits both the hash and what stands there: the hash's low bits choose the slot, in
 * which the low bits number the entry (0 = free) and the others repeat the hash's. Hardly any key
 * but the right one is looked at, and the hash is stored nowhere else.
 *
 * A count of one input takes 24 bytes, 5 to 11 in the index, and its key with its length; what has
 * been set aside for growth is not touched until it is used.
 *
 * Accumulators that are no numbers stand in `objects`, as many per entry, in the order of the entries.
 *
 * @module
 */

import { murmur2 } from "../wire/mod.ts";
import type { AccumulatorObject } from "./accumulator.ts";
import type { MemoryBudget } from "./memory_budget.ts";

export const ENTRY_RECORDS = 1;
export const ENTRY_OFFSETS = 2;

const FIRST_ENTRIES = 16;
const FIRST_SLOTS = 32;
const FIRST_KEY_BYTES = 256;
/** Arrays of this many elements have twice the room when they grow; larger ones half as much again, … */
const SMALL_ELEMENTS = 2 ** 16;
/** … or this part of what they have, where the budget is short. */
const LEAST_GROWTH = 1 / 8;
/** Used slots of the index, at most. */
const MAX_LOAD = 0.75;
const LONG_KEY = 255;
const REMOVED = 0xffff_ffff;

/** What the entries of a stage look like. */
export interface EntryLayout {
  /** Number of inputs of the subtopology: each entry keeps an offset per input. */
  readonly inputs: number;
  /** Place of the first accumulator slot. */
  readonly firstAccumulator: number;
  /** Values of a new entry from `ENTRY_RECORDS` on; its length sets the entry's size. */
  readonly initial: Float64Array;
  /** Accumulators of an entry that are no numbers. */
  readonly objects: number;
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
    this.#index = new Int32Array(FIRST_SLOTS);
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
    const place = this.i32[entry * 2]! >>> 0;
    return place + lengthBytes(this.keys[place]!);
  }

  keyEnd(entry: number): number {
    const place = this.i32[entry * 2]! >>> 0;
    return place + lengthBytes(this.keys[place]!) + this.#keyLength(place);
  }

  /** Position in `f64` of the key's entry, made if there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = spread(murmur2(bytes, start, end));
    const entry = this.#seek(hash, bytes, start, end);
    return entry >= 0 ? entry : this.#insert(hash, bytes, start, end);
  }

  /** Position in `f64` of the key's entry, -1 if there is none. */
  seek(bytes: Uint8Array, start: number, end: number): number {
    return this.#seek(spread(murmur2(bytes, start, end)), bytes, start, end);
  }

  #seek(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const index = this.#index;
    const keys = this.keys;
    const mask = index.length - 1;
    let slot = hash & mask;
    let held: number;
    while ((held = index[slot]!) !== 0) {
      if (((held ^ hash) & ~mask) === 0) {
        const entry = ((held & mask) - 1) * this.stride;
        let k = this.i32[entry * 2]! >>> 0;
        if (keys[k] === length || (length >= LONG_KEY && this.#keyLength(k) === length)) {
          k += length < LONG_KEY ? 1 : 5;
          let i = start;
          while (i < end && keys[k] === bytes[i]) {
            i++;
            k++;
          }
          if (i === end) return entry;
        }
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Takes an entry out, which nothing else may point at: its place is used again. */
  remove(entry: number): void {
    const head = entry * 2;
    this.#unplace(entry);
    this.#idleKeyBytes += this.keyEnd(entry) - (this.i32[head]! >>> 0);
    this.dropObjects(entry);
    this.i32[head] = REMOVED;
    this.i32[head + 1] = 0;
    this.f64[entry + ENTRY_RECORDS] = 0;
    this.#free.push(entry);
    this.#sorted = undefined;
  }

  /** Calls back for each entry, deleted ones included. */
  forEach(visit: (entry: number) => void): void {
    for (let n = 0; n < this.#count; n++) {
      const entry = n * this.stride;
      if (this.i32[entry * 2]! >>> 0 !== REMOVED) visit(entry);
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

  #insert(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const keyBytes = length + (length < LONG_KEY ? 1 : 5);
    if (this.#keyBytes + keyBytes > this.keys.length) this.#makeRoomForKey(keyBytes);
    if (this.size + 1 > this.#index.length * MAX_LOAD) this.#growIndex();
    const entry = this.#free.pop() ?? this.#append();
    const { keys } = this;
    let k = this.#keyBytes;
    this.i32[entry * 2] = k;
    this.i32[entry * 2 + 1] = 0;
    if (length < LONG_KEY) keys[k++] = length;
    else {
      keys[k++] = LONG_KEY;
      for (let shift = 0; shift < 32; shift += 8) keys[k++] = length >>> shift;
    }
    for (let i = start; i < end; i++) keys[k++] = bytes[i]!;
    this.#keyBytes = k;
    this.f64.set(this.layout.initial, entry + ENTRY_RECORDS);
    this.#place(hash, entry);
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

  /** Length of the key at a place in `keys`. */
  #keyLength(place: number): number {
    const { keys } = this;
    const length = keys[place]!;
    if (length < LONG_KEY) return length;
    const low = keys[place + 1]! | (keys[place + 2]! << 8) | (keys[place + 3]! << 16);
    return (low | (keys[place + 4]! << 24)) >>> 0;
  }

  #hashOf(entry: number): number {
    const place = this.i32[entry * 2]! >>> 0;
    const start = place + lengthBytes(this.keys[place]!);
    return spread(murmur2(this.keys, start, start + this.#keyLength(place)));
  }

  #place(hash: number, entry: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let slot = hash & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = (hash & ~mask) | (entry / this.stride + 1);
  }

  /** Leaves no gap in a run of slots: what stands behind moves up, as far as its hash lets it. */
  #unplace(entry: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    const number = entry / this.stride + 1;
    let gap = this.#hashOf(entry) & mask;
    while ((index[gap]! & mask) !== number) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; index[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#hashOf(((index[slot]! & mask) - 1) * this.stride) & mask;
      // How far it stands behind its home, against how far the gap does.
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      index[gap] = index[slot]!;
      gap = slot;
    }
    index[gap] = 0;
  }

  /**
   * Elements that an array should have when it has to grow.
   * @param bytes of one element
   */
  #grown(elements: number, bytes: number): number {
    const wanted = elements < SMALL_ELEMENTS ? elements * 2 : Math.ceil(elements * 1.5);
    if ((wanted - elements) * bytes <= this.#budget.freeBytes) return wanted;
    return Math.ceil(elements * (1 + LEAST_GROWTH));
  }

  #growEntries(): void {
    const { f64, stride } = this;
    const entries = this.#grown(f64.length / stride, stride * f64.BYTES_PER_ELEMENT);
    this.#budget.take(entries * stride * f64.BYTES_PER_ELEMENT - f64.byteLength);
    const grown = new Float64Array(entries * stride);
    grown.set(f64);
    this.f64 = grown;
    this.i32 = new Int32Array(grown.buffer);
  }

  #growIndex(): void {
    this.#budget.take(this.#index.byteLength);
    this.#index = new Int32Array(this.#index.length * 2);
    this.forEach((entry) => {
      this.#place(this.#hashOf(entry), entry);
    });
  }

  /** Leaves the keys of removed entries out when they are half of all, else takes more room. */
  #makeRoomForKey(keyBytes: number): void {
    const { keys } = this;
    const used = this.#keyBytes - this.#idleKeyBytes;
    const isHalfIdle = used + keyBytes <= keys.length / 2;
    const room = isHalfIdle ? keys.length : Math.max(this.#grown(keys.length, 1), used + keyBytes);
    if (room >= REMOVED) throw new RangeError(`Cannot keep more keys: ${used} bytes in one table`);
    this.#budget.take(room - keys.length);
    const grown = new Uint8Array(room);
    if (this.#idleKeyBytes === 0) grown.set(keys);
    else this.#moveKeys(grown);
    this.keys = grown;
  }

  #moveKeys(into: Uint8Array): void {
    let at = 0;
    this.forEach((entry) => {
      const place = this.i32[entry * 2]! >>> 0;
      const end = this.keyEnd(entry);
      into.set(this.keys.subarray(place, end), at);
      this.i32[entry * 2] = at;
      at += end - place;
    });
    this.#keyBytes = at;
    this.#idleKeyBytes = 0;
  }
}

/** Bytes before a key, by the first of them. */
function lengthBytes(first: number): number {
  return first < LONG_KEY ? 1 : 5;
}

/** Spreads the hash: the same murmur2 chose the partition, so its low bits are alike within a task. */
function spread(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return hash ^ (hash >>> 15);
}
