/**
 * Entries by key: what panes and running values are made of.
 *
 * An open-addressing index of int32 finds entries by their spread hash. Its length is a power of two,
 * so one mask splits both the hash and what stands there: the hash's low bits choose the slot, in
 * which the low bits number the entry (0 = free) and the others repeat the hash's. Hardly any key
 * but the right one is looked at, and the hash is stored nowhere else.
 *
 * A count of one input takes 24 bytes, 5 to 11 in the index, and its key with its length; what has
 * been set aside for growth is not touched until it is used.
 *
 * @module
 */

import { murmur2 } from "../wire/mod.ts";
import {
  ENTRY_RECORDS,
  EntryArrays,
  type EntryLayout,
  LONG_KEY,
  lengthBytes,
  REMOVED,
} from "./entry_arrays.ts";
import type { MemoryBudget } from "./memory_budget.ts";

export {
  ENTRY_OFFSETS,
  ENTRY_RECORDS,
  type EntryLayout,
  type RawEntries,
  type RawLengths,
} from "./entry_arrays.ts";

const FIRST_SLOTS = 32;
const SLOT_BYTES = 4;
/** Used slots of the index, at most. */
const MAX_LOAD = 0.75;

export class EntryTable extends EntryArrays {
  #index: Int32Array<ArrayBuffer> = new Int32Array(FIRST_SLOTS);
  /** All entries in order of their keys, until one comes or goes. */
  #sorted: readonly number[] | undefined;

  constructor(layout: EntryLayout, budget: MemoryBudget) {
    super(layout, budget);
    budget.take(this.bytes);
  }

  override get bytes(): number {
    return super.bytes + this.#index.byteLength;
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
        if (keys[k] === length || (length >= LONG_KEY && this.keyLength(k) === length)) {
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
    this.idleKeyBytes += this.keyEnd(entry) - (this.i32[head]! >>> 0);
    this.dropObjects(entry);
    this.i32[head] = REMOVED;
    this.i32[head + 1] = 0;
    this.f64[entry + ENTRY_RECORDS] = 0;
    this.free.push(entry);
    this.#sorted = undefined;
  }

  /** Positions of the living entries in order of their key bytes. */
  sorted(): readonly number[] {
    this.#sorted ??= this.inOrder(this.#all());
    return this.#sorted.filter((entry) => this.f64[entry + ENTRY_RECORDS]! > 0);
  }

  override release(): void {
    super.release();
    this.budget.arena.give(this.#index);
    this.#index = new Int32Array(0);
    this.#sorted = undefined;
  }

  /** The arrays of `load` are filled. */
  loaded(): void {
    let used = 0;
    this.#setIndex(slotsFor(this.count));
    for (let n = 0; n < this.count; n++) {
      const entry = n * this.stride;
      if (this.i32[entry * 2]! >>> 0 === REMOVED) {
        this.free.push(entry);
        continue;
      }
      used += this.keyEnd(entry) - (this.i32[entry * 2]! >>> 0);
      this.#place(this.#hashOf(entry), entry);
    }
    this.idleKeyBytes = this.keyBytes - used;
  }

  #insert(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const keyBytes = length + (length < LONG_KEY ? 1 : 5);
    if (this.keyBytes + keyBytes > this.keys.length) this.makeRoomForKey(keyBytes);
    if (this.size + 1 > this.#index.length * MAX_LOAD) this.#growIndex();
    const entry = this.free.pop() ?? this.append();
    const { keys } = this;
    let k = this.keyBytes;
    this.i32[entry * 2] = k;
    this.i32[entry * 2 + 1] = 0;
    if (length < LONG_KEY) keys[k++] = length;
    else {
      keys[k++] = LONG_KEY;
      for (let shift = 0; shift < 32; shift += 8) keys[k++] = length >>> shift;
    }
    for (let i = start; i < end; i++) keys[k++] = bytes[i]!;
    this.keyBytes = k;
    // A few numbers: `set` would take longer to begin than this loop to end.
    const { f64 } = this;
    const { initial } = this.layout;
    for (let n = 0; n < initial.length; n++) f64[entry + ENTRY_RECORDS + n] = initial[n]!;
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

  #hashOf(entry: number): number {
    const place = this.i32[entry * 2]! >>> 0;
    const start = place + lengthBytes(this.keys[place]!);
    return spread(murmur2(this.keys, start, start + this.keyLength(place)));
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

  #growIndex(): void {
    const twice = this.#index.length * 2;
    const expected = slotsFor(this.expectedEntries);
    const fits = expected * SLOT_BYTES <= this.budget.freeBytes;
    this.#setIndex(fits ? Math.max(twice, expected) : twice);
    this.forEach((entry) => {
      this.#place(this.#hashOf(entry), entry);
    });
  }

  /** Puts an empty index in the place of this one. */
  #setIndex(slots: number): void {
    const index = this.#index;
    const { buffer, byteOffset } = this.exchange(index, slots * SLOT_BYTES).fill(0);
    this.#index = new Int32Array(buffer, byteOffset, slots);
    this.budget.arena.give(index);
  }
}

function slotsFor(entries: number): number {
  let slots = FIRST_SLOTS;
  while (entries > slots * MAX_LOAD) slots *= 2;
  return slots;
}

/** Spreads the hash: the same murmur2 chose the partition, so its low bits are alike within a task. */
function spread(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return hash ^ (hash >>> 15);
}
