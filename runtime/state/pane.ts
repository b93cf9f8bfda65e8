/**
 * One window's entries: key → accumulators, in typed arrays.
 *
 * Entries lie one behind the other in a Float64Array and are never moved, so a position found once
 * stays right until the pane grows; an open-addressing index of int32 points at them. One entry:
 *
 *     f64 0   int32 hash, int32 offset of the key in `keys`
 *     f64 1   int32 length of the key, int32 flags (DIRTY, LOGGED, RESTORED per input, CHANGED)
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

/** Changed since the last changelog write. */
const DIRTY = 1;
/** Stands in the changelog, and so needs a tombstone when its window is over. */
const LOGGED = 2;
/**
 * Shifted left by the input's number: that input's offset is as the changelog had it, so records at
 * or below it are folded in already. Cleared by the first newer record, because a second emit of that
 * same record must be folded in.
 */
const RESTORED = 4;
/** Inputs of one subtopology: a flag bit each. */
export const MAX_INPUTS = 29;
/** Changed since its result went out; only where that is asked for. */
const CHANGED = 1 << 31;

const FIRST_ENTRIES = 16;
const FIRST_KEY_BYTES = 256;

export class Pane {
  readonly startMs: number;
  readonly #stride: number;
  readonly #initial: Float64Array;
  readonly #objectSlots: number;
  readonly #budget: MemoryBudget;
  /** Of all entries; undefined until a record is folded in. */
  readonly objects: (AccumulatorObject | undefined)[] = [];
  #objectBytes = 0;
  /** Entries. Replaced when the pane grows: read it again after every `find`. */
  f64: Float64Array;
  #i32: Int32Array;
  #index: Int32Array;
  keys: Uint8Array;
  #keyBytes = 0;
  #count = 0;
  #dirty: number[] = [];
  #changed: number[] = [];

  /**
   * @param initial values of a new entry from `ENTRY_RECORDS` on; its length sets the entry's size
   * @param objectSlots accumulators of an entry that are no numbers
   */
  constructor(startMs: number, initial: Float64Array, budget: MemoryBudget, objectSlots = 0) {
    this.startMs = startMs;
    this.#initial = initial;
    this.#objectSlots = objectSlots;
    this.#stride = ENTRY_RECORDS + initial.length;
    this.#budget = budget;
    this.f64 = new Float64Array(this.#stride * FIRST_ENTRIES);
    this.#i32 = new Int32Array(this.f64.buffer);
    this.#index = new Int32Array(FIRST_ENTRIES * 2);
    this.keys = new Uint8Array(FIRST_KEY_BYTES);
    budget.take(this.bytes);
  }

  get bytes(): number {
    const arrays = this.f64.byteLength + this.#index.byteLength + this.keys.byteLength;
    return arrays + this.#objectBytes;
  }

  /** Entries, deleted ones included. */
  get count(): number {
    return this.#count;
  }

  /** Position in `f64` of entry number `n`. */
  at(n: number): number {
    return n * this.#stride;
  }

  /** Place in `objects` of an entry's first one. */
  objectsAt(entry: number): number {
    return (entry / this.#stride) * this.#objectSlots;
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
    return this.#i32[entry * 2 + 1]!;
  }

  keyEnd(entry: number): number {
    return this.#i32[entry * 2 + 1]! + this.#i32[entry * 2 + 2]!;
  }

  /** Position in `f64` of the key's entry, made if there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = murmur2(bytes, start, end);
    const length = end - start;
    const index = this.#index;
    const i32 = this.#i32;
    const keys = this.keys;
    const mask = index.length - 1;
    let slot = mix(hash) & mask;
    let number: number;
    while ((number = index[slot]!) !== 0) {
      const entry = (number - 1) * this.#stride;
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
    return this.#insert(hash, bytes, start, end);
  }

  /**
   * True when a record of `offset` from input number `input` is in a restored entry already.
   * Otherwise notes the offset, marks the entry dirty, and returns false: fold the record in.
   *
   * Offsets alone decide: all that one record emits is folded in between two changelog writes.
   */
  covers(entry: number, input: number, offset: number): boolean {
    const flagsAt = entry * 2 + 3;
    const flags = this.#i32[flagsAt]!;
    const offsetAt = entry + ENTRY_OFFSETS + input;
    const restored = RESTORED << input;
    if ((flags & restored) !== 0 && offset <= this.f64[offsetAt]!) return true;
    this.f64[offsetAt] = offset;
    if ((flags & DIRTY) === 0) this.#dirty.push(entry);
    this.#i32[flagsAt] = (flags & ~restored) | DIRTY;
    return false;
  }

  /** Marks an entry as restored from the changelog, with nothing to write. */
  markRestored(entry: number): void {
    this.#i32[entry * 2 + 3] = ~(DIRTY | CHANGED);
  }

  /** Notes that the entry's result is another one now. */
  change(entry: number): void {
    const flagsAt = entry * 2 + 3;
    if ((this.#i32[flagsAt]! & CHANGED) !== 0) return;
    this.#i32[flagsAt]! |= CHANGED;
    this.#changed.push(entry);
  }

  /** Notes it of every living entry. */
  changeAll(): void {
    for (let n = 0; n < this.#count; n++) this.change(n * this.#stride);
  }

  /** Living entries changed since the last call, in order of their key bytes. */
  takeChanged(): readonly number[] {
    const changed = this.#changed;
    if (changed.length === 0) return changed;
    this.#changed = [];
    for (const entry of changed) this.#i32[entry * 2 + 3]! &= ~CHANGED;
    return this.#inOrder(changed);
  }

  /** Calls back for each entry changed since the last call, and forgets that they were. */
  drainDirty(visit: (entry: number) => void): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const entry of dirty) {
      this.#i32[entry * 2 + 3] = (this.#i32[entry * 2 + 3]! & ~DIRTY) | LOGGED;
      visit(entry);
    }
  }

  /** Calls back for each entry that stands in the changelog. */
  forEachLogged(visit: (entry: number) => void): void {
    for (let n = 0; n < this.#count; n++) {
      const entry = n * this.#stride;
      if ((this.#i32[entry * 2 + 3]! & LOGGED) !== 0) visit(entry);
    }
  }

  /** Positions of the living entries in order of their key bytes. */
  sorted(): readonly number[] {
    return this.#inOrder(Array.from({ length: this.#count }, (_, n) => n * this.#stride));
  }

  #inOrder(all: readonly number[]): readonly number[] {
    const entries = all.filter((entry) => this.f64[entry + ENTRY_RECORDS]! > 0);
    const keys = this.keys;
    return entries.sort((left, right) => {
      let l = this.keyStart(left);
      let r = this.keyStart(right);
      const lEnd = this.keyEnd(left);
      const rEnd = this.keyEnd(right);
      while (l < lEnd && r < rEnd) {
        const difference = keys[l++]! - keys[r++]!;
        if (difference !== 0) return difference;
      }
      return lEnd - l - (rEnd - r);
    });
  }

  /** Gives the bytes back to the budget; the pane must not be used after. */
  release(): void {
    this.#budget.take(-this.bytes);
  }

  #insert(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if ((this.#count + 1) * this.#stride > this.f64.length) this.#growEntries();
    if (this.#keyBytes + length > this.keys.length) this.#growKeys(length);
    const entry = this.#count * this.#stride;
    const head = entry * 2;
    this.keys.set(bytes.subarray(start, end), this.#keyBytes);
    this.#i32[head] = hash;
    this.#i32[head + 1] = this.#keyBytes;
    this.#i32[head + 2] = length;
    this.#i32[head + 3] = 0;
    this.f64.set(this.#initial, entry + ENTRY_RECORDS);
    for (let n = 0; n < this.#objectSlots; n++) this.objects.push(undefined);
    this.#keyBytes += length;
    this.#count++;
    this.#place(hash, this.#count);
    return entry;
  }

  #place(hash: number, number: number): void {
    const mask = this.#index.length - 1;
    let slot = mix(hash) & mask;
    while (this.#index[slot] !== 0) slot = (slot + 1) & mask;
    this.#index[slot] = number;
  }

  #growEntries(): void {
    const { f64 } = this;
    this.#budget.take(f64.byteLength + this.#index.byteLength);
    const grown = new Float64Array(f64.length * 2);
    grown.set(f64);
    this.f64 = grown;
    this.#i32 = new Int32Array(grown.buffer);
    this.#index = new Int32Array(this.#index.length * 2);
    for (let n = 0; n < this.#count; n++) this.#place(this.#i32[n * this.#stride * 2]!, n + 1);
  }

  #growKeys(length: number): void {
    const grown = Math.max(this.keys.length * 2, this.#keyBytes + length);
    this.#budget.take(grown - this.keys.length);
    const keys = new Uint8Array(grown);
    keys.set(this.keys);
    this.keys = keys;
  }
}

/** Spreads the hash: the same murmur2 chose the partition, so its low bits are alike within a task. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return hash ^ (hash >>> 15);
}
