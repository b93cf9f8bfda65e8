/**
 * Entries and their keys, in typed arrays that grow.
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
 * The key stands in `keys` behind its length: one byte, or 255 and then a uint32. Accumulators that are
 * no numbers stand in `objects`, as many per entry, in the order of the entries.
 *
 * @module
 */

import type { AccumulatorObject } from "./accumulator.ts";
import type { MemoryBudget } from "./memory_budget.ts";

export const ENTRY_RECORDS = 1;
export const ENTRY_OFFSETS = 2;

const FIRST_ENTRIES = 16;
const FIRST_KEY_BYTES = 256;
/** Arrays of fewer elements have twice the room when they grow; larger ones half as much again, … */
const SMALL_ELEMENTS = 2 ** 16;
/** … or this part of what they have, where the budget is short. */
const LEAST_GROWTH = 1 / 8;
/** From so many entries on a table grows to the size that is expected of it at once. */
const MANY_ENTRIES = 64;
/** Of an object's place in a list. */
const REFERENCE_BYTES = 8;
/** What is set aside beyond that, as a part of it. */
const SPARE = 1 / 16;
/** From this length on a key has its length in four bytes more. */
export const LONG_KEY = 255;
/** Stands for the place of the key in a removed entry. */
export const REMOVED = 0xffff_ffff;

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

export abstract class EntryArrays {
  protected readonly layout: EntryLayout;
  protected readonly stride: number;
  protected readonly budget: MemoryBudget;
  /** Of all entries; undefined until a record is folded in. */
  readonly objects: (AccumulatorObject | undefined)[] = [];
  protected objectBytes = 0;
  /** Entries. Replaced when the table grows: read it again after every `find`. */
  f64: Float64Array<ArrayBuffer>;
  protected i32: Int32Array;
  /** Keys behind their lengths. Replaced like `f64`. */
  keys: Uint8Array<ArrayBuffer>;
  protected keyBytes = 0;
  /** Of removed entries. */
  protected idleKeyBytes = 0;
  /** Entries, removed ones included. */
  protected count = 0;
  /** Removed ones. */
  protected readonly free: number[] = [];
  #expectedEntries = 0;
  #expectedKeyBytes = 0;

  constructor(layout: EntryLayout, budget: MemoryBudget) {
    this.layout = layout;
    this.stride = ENTRY_RECORDS + layout.initial.length;
    this.budget = budget;
    this.f64 = new Float64Array(this.stride * FIRST_ENTRIES);
    this.i32 = new Int32Array(this.f64.buffer);
    this.keys = new Uint8Array(FIRST_KEY_BYTES);
  }

  get bytes(): number {
    const arrays = this.f64.byteLength + this.keys.byteLength;
    return arrays + this.objects.length * REFERENCE_BYTES + this.objectBytes;
  }

  /** Entries, deleted ones included. */
  get size(): number {
    return this.count - this.free.length;
  }

  /** This table will hold about as much as that one, should it become large at all. */
  expectSizeOf(other: EntryArrays): void {
    this.#expectedEntries = Math.ceil(other.size * (1 + SPARE));
    this.#expectedKeyBytes = Math.ceil((other.keyBytes - other.idleKeyBytes) * (1 + SPARE));
  }

  /** Entries to make room for; 0 when that is not known yet. */
  protected get expectedEntries(): number {
    return this.count < MANY_ENTRIES ? 0 : this.#expectedEntries;
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
    this.budget.take(bytes);
    this.objectBytes += bytes;
  }

  keyStart(entry: number): number {
    const place = this.i32[entry * 2]! >>> 0;
    return place + lengthBytes(this.keys[place]!);
  }

  keyEnd(entry: number): number {
    const place = this.i32[entry * 2]! >>> 0;
    return place + lengthBytes(this.keys[place]!) + this.keyLength(place);
  }

  /** Calls back for each entry, deleted ones included. */
  forEach(visit: (entry: number) => void): void {
    for (let n = 0; n < this.count; n++) {
      const entry = n * this.stride;
      if (this.i32[entry * 2]! >>> 0 !== REMOVED) visit(entry);
    }
  }

  /** Positions of the living entries, as they stand. */
  living(): number[] {
    const living: number[] = [];
    for (let n = 0; n < this.count; n++) {
      const entry = n * this.stride;
      if (this.f64[entry + ENTRY_RECORDS]! > 0) living.push(entry);
    }
    return living;
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
    for (let n = 0; n < this.count; n++) sum += this.f64[n * this.stride + ENTRY_RECORDS]!;
    return sum;
  }

  get isReleased(): boolean {
    return this.keys.length === 0;
  }

  /** Gives everything back; the table must not be used after. */
  release(): void {
    this.budget.take(-this.bytes);
    this.budget.arena.give(this.f64);
    this.budget.arena.give(this.keys);
    this.f64 = new Float64Array(0);
    this.i32 = new Int32Array(0);
    this.keys = new Uint8Array(0);
    this.objectBytes = 0;
    this.objects.length = 0;
  }

  /** What stands in the arrays, copied. `objects` are left to those who know their codecs. */
  dump(): RawEntries {
    return {
      count: this.count,
      arrays: [bytesOf(this.f64).slice(0, this.entryBytes()), this.keys.slice(0, this.keyBytes)],
    };
  }

  /**
   * Makes room in an empty table for what `dump` gave.
   * @returns arrays of just those lengths to be filled, then `loaded` follows; undefined where a table
   *   of this layout cannot have had them
   */
  load({ count, lengths }: RawLengths): Uint8Array[] | undefined {
    const [entryBytes, keyBytes = -1] = lengths;
    if (lengths.length !== 2 || entryBytes !== this.entryBytes(count) || keyBytes < 0) return;
    const room = Math.max(FIRST_ENTRIES, count);
    const f64Bytes = room * this.stride * 8;
    const keyRoom = Math.max(FIRST_KEY_BYTES, keyBytes);
    this.setEntries(this.exchange(this.f64, f64Bytes));
    this.keys = this.exchange(this.keys, keyRoom);
    this.count = count;
    this.keyBytes = keyBytes;
    this.#addObjects(count);
    return [bytesOf(this.f64).subarray(0, entryBytes), this.keys.subarray(0, keyBytes)];
  }

  protected append(): number {
    if ((this.count + 1) * this.stride > this.f64.length) this.growEntries();
    if (this.layout.objects > 0) this.#addObjects(1);
    return this.count++ * this.stride;
  }

  /** Adds places for the accumulators of so many entries that are no numbers. */
  #addObjects(entries: number): void {
    const places = entries * this.layout.objects;
    this.budget.take(places * REFERENCE_BYTES);
    for (let n = 0; n < places; n++) this.objects.push(undefined);
  }

  /** Takes the accumulators of an entry that are no numbers out. */
  dropObjects(entry: number): void {
    const first = this.objectsAt(entry);
    for (let place = first; place < first + this.layout.objects; place++) {
      const heapBytes = this.objects[place]?.heapBytes ?? 0;
      this.objects[place] = undefined;
      this.budget.take(-heapBytes);
      this.objectBytes -= heapBytes;
    }
  }

  /** Length of the key at a place in `keys`. */
  protected keyLength(place: number): number {
    const { keys } = this;
    const length = keys[place]!;
    if (length < LONG_KEY) return length;
    const low = keys[place + 1]! | (keys[place + 2]! << 8) | (keys[place + 3]! << 16);
    return (low | (keys[place + 4]! << 24)) >>> 0;
  }

  /** Bytes of `count` entries in the first array of a dump. */
  protected entryBytes(count: number = this.count): number {
    return count * this.stride * 8;
  }

  /**
   * Elements that an array should have when it has to grow: as many as the budget has room for.
   * @param bytes of one element
   * @param expected elements that there will be, 0 when that is not known
   */
  #grown(elements: number, bytes: number, expected: number): number {
    const usual = elements < SMALL_ELEMENTS ? elements * 2 : Math.ceil(elements * 1.5);
    const fits = (wanted: number) => (wanted - elements) * bytes <= this.budget.freeBytes;
    if (expected > elements && fits(expected)) return expected;
    return fits(usual) ? usual : Math.ceil(elements * (1 + LEAST_GROWTH));
  }

  protected growEntries(): void {
    const { f64, stride } = this;
    const entryBytes = stride * f64.BYTES_PER_ELEMENT;
    const entries = this.#grown(f64.length / stride, entryBytes, this.expectedEntries);
    this.setEntries(this.exchange(f64, entries * entryBytes));
    this.f64.set(f64);
    this.budget.arena.give(f64);
  }

  /**
   * An array to take the place of another one, which still stands until it is given to the arena: the
   * budget counts what stays.
   */
  protected exchange({ byteLength }: ArrayBufferView, bytes: number): Uint8Array<ArrayBuffer> {
    this.budget.take(bytes - byteLength);
    return this.budget.arena.take(bytes);
  }

  protected setEntries({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): void {
    this.f64 = new Float64Array(buffer, byteOffset, byteLength / 8);
    this.i32 = new Int32Array(buffer, byteOffset, byteLength / 4);
  }

  /** Leaves the keys of removed entries out when they are half of all, else takes more room. */
  protected makeRoomForKey(keyBytes: number): void {
    const { keys } = this;
    const used = this.keyBytes - this.idleKeyBytes;
    const isHalfIdle = used + keyBytes <= keys.length / 2;
    const expected = this.count < MANY_ENTRIES ? 0 : this.#expectedKeyBytes;
    const grown = this.#grown(keys.length, 1, expected);
    const room = isHalfIdle ? keys.length : Math.max(grown, used + keyBytes);
    if (room >= REMOVED) throw new RangeError(`Cannot keep more keys: ${used} bytes in one table`);
    const roomier = this.exchange(keys, room);
    if (this.idleKeyBytes === 0) roomier.set(keys);
    else this.moveKeys(roomier);
    this.keys = roomier;
    this.budget.arena.give(keys);
  }

  protected moveKeys(into: Uint8Array): void {
    let at = 0;
    this.forEach((entry) => {
      const place = this.i32[entry * 2]! >>> 0;
      const end = this.keyEnd(entry);
      into.set(this.keys.subarray(place, end), at);
      this.i32[entry * 2] = at;
      at += end - place;
    });
    this.keyBytes = at;
    this.idleKeyBytes = 0;
  }
}

/** Bytes before a key, by the first of them. */
export function lengthBytes(first: number): number {
  return first < LONG_KEY ? 1 : 5;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
