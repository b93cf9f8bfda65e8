/**
 * Entries with what is to be written and sent out of them.
 *
 * @module
 */

import { ENTRY_OFFSETS, ENTRY_RECORDS, EntryTable } from "./entry_table.ts";

/** Changed since the last changelog write. */
const DIRTY = 1;
/** Stands in the changelog, and so needs a tombstone when its window is over. */
const LOGGED = 2;
/** Was deleted, and stands in a list of those whose tombstone is due. */
const DELETED = 4;
/**
 * Shifted left by the input's number: that input's offset is as the changelog had it, so records at
 * or below it are folded in already. Cleared by the first newer record, because a second emit of that
 * same record must be folded in. Of 28 inputs at most: a subtopology with state has one.
 */
const RESTORED = 8;
/** Changed since its result went out; only where that is asked for. */
const CHANGED = 1 << 31;

const NONE: readonly number[] = [];

export abstract class TrackedEntries extends EntryTable {
  /** Another one whenever an entry is, above 0. */
  version = 1;
  #isLogged = false;
  #dirty: number[] = [];
  /** Of `#dirty`: how many `drainDirty` has been through. */
  #drained = 0;
  #changed: number[] = [];
  #deleted: number[] = [];
  /** Σ of the record counts, and what the version was. */
  #records = 0;
  #countedAt = 0;

  /** Where an entry stands in the changelog. */
  abstract changelogKey(entry: number): Uint8Array;

  /**
   * True when a record of `offset` from input number `input` is in a restored entry already.
   * Otherwise notes the offset, marks the entry dirty, and returns false: fold the record in.
   *
   * Offsets alone decide: all that one record emits is folded in between two changelog writes.
   */
  covers(entry: number, input: number, offset: number): boolean {
    const flagsAt = entry * 2 + 1;
    const flags = this.i32[flagsAt]!;
    const offsetAt = entry + ENTRY_OFFSETS + input;
    const restored = RESTORED << input;
    if ((flags & restored) !== 0 && offset <= this.f64[offsetAt]!) return true;
    this.version++;
    this.f64[offsetAt] = offset;
    if ((flags & DIRTY) === 0) this.#dirty.push(entry);
    this.i32[flagsAt] = (flags & ~restored) | DIRTY;
    return false;
  }

  /** The same, and nothing is noted. */
  isCovered(entry: number, input: number, offset: number): boolean {
    const isAsRestored = (this.i32[entry * 2 + 1]! & (RESTORED << input)) !== 0;
    return isAsRestored && offset <= this.f64[entry + ENTRY_OFFSETS + input]!;
  }

  /** True when some of them may stand in the changelog. */
  get isLogged(): boolean {
    return this.#isLogged;
  }

  override remove(entry: number): void {
    this.version++;
    super.remove(entry);
  }

  override records(): number {
    if (this.#countedAt !== this.version) {
      this.#records = super.records();
      this.#countedAt = this.version;
    }
    return this.#records;
  }

  /** Marks an entry as restored from the changelog, with nothing to write. */
  markRestored(entry: number): void {
    this.#isLogged = true;
    this.version++;
    this.i32[entry * 2 + 1] = ~(DIRTY | CHANGED | DELETED);
  }

  /** Notes which entries were deleted when they were written, so that `takeDeleted` gives them. */
  listDeleted(): void {
    this.forEach((entry) => {
      if (this.f64[entry + ENTRY_RECORDS] === 0) this.#listDeleted(entry);
    });
  }

  /**
   * Takes back what was folded into an entry. Its highest event time stays, for what is told of it;
   * so do its offsets, until it is removed.
   * @returns how many records that were
   */
  delete(entry: number): number {
    const { f64 } = this;
    const records = f64[entry + ENTRY_RECORDS]!;
    this.version++;
    f64[entry + ENTRY_RECORDS] = 0;
    const { initial, firstAccumulator } = this.layout;
    f64.set(initial.subarray(firstAccumulator - ENTRY_RECORDS), entry + firstAccumulator);
    this.dropObjects(entry);
    const flagsAt = entry * 2 + 1;
    if ((this.i32[flagsAt]! & DIRTY) === 0) this.#dirty.push(entry);
    this.i32[flagsAt]! |= DIRTY;
    this.#listDeleted(entry);
    return records;
  }

  /** Entries deleted since the last call: what `settle` wants to hear of. */
  takeDeleted(): readonly number[] {
    const deleted = this.#deleted;
    this.#deleted = [];
    return deleted;
  }

  /**
   * Drops an entry whose records stand elsewhere now, or nowhere any more: it is not written again,
   * and tombstoned if the changelog has it.
   */
  protected drop(entry: number): void {
    const flagsAt = entry * 2 + 1;
    this.version++;
    this.f64[entry + ENTRY_RECORDS] = 0;
    this.dropObjects(entry);
    this.i32[flagsAt]! &= ~(DIRTY | CHANGED);
    // One that was deleted before stands in that list still.
    if ((this.i32[flagsAt]! & (LOGGED | DELETED)) === 0) this.remove(entry);
    else this.#listDeleted(entry);
  }

  /**
   * Says of an entry that `takeDeleted` gave whether its tombstone can be written: `wait` while
   * something of it has still to go out, `alive` when records have come since.
   */
  settle(entry: number): "gone" | "wait" | "alive" {
    const flagsAt = entry * 2 + 1;
    const flags = this.i32[flagsAt]!;
    if (this.f64[entry + ENTRY_RECORDS]! > 0) {
      this.i32[flagsAt] = flags & ~DELETED;
      return "alive";
    }
    return (flags & (DIRTY | CHANGED)) === 0 ? "gone" : "wait";
  }

  /** Notes that the entry's result is another one now. */
  change(entry: number): void {
    const flagsAt = entry * 2 + 1;
    if ((this.i32[flagsAt]! & CHANGED) !== 0) return;
    this.i32[flagsAt]! |= CHANGED;
    this.#changed.push(entry);
  }

  isChanged(entry: number): boolean {
    return (this.i32[entry * 2 + 1]! & CHANGED) !== 0;
  }

  /** Notes it of every entry. */
  changeAll(): void {
    this.version++;
    this.forEach((entry) => {
      this.change(entry);
    });
  }

  /** Entries changed since the last `takeChanged`, in any order. */
  changed(): readonly number[] {
    return this.#changed.filter((entry) => this.isChanged(entry));
  }

  /** Entries changed since the last call, deleted ones included, in order of their key bytes. */
  takeChanged(): readonly number[] {
    if (this.#changed.length === 0) return NONE;
    // Those that were dropped since are not changed any more.
    const changed = this.#changed.filter((entry) => this.isChanged(entry));
    this.#changed = [];
    for (const entry of changed) this.i32[entry * 2 + 1]! &= ~CHANGED;
    return this.inOrder(changed);
  }

  /** As `takeChanged`, for whoever has seen them. */
  forgetChanged(): void {
    for (const entry of this.#changed) this.i32[entry * 2 + 1]! &= ~CHANGED;
    this.#changed = [];
  }

  /**
   * Calls back for entries changed since they were last visited, and forgets that they were, until the
   * visitor returns true: the next call goes on behind it.
   * @returns whether all were visited
   */
  drainDirty(visit: (entry: number) => boolean): boolean {
    const dirty = this.#dirty;
    if (dirty.length > 0) this.#isLogged = true;
    while (this.#drained < dirty.length) {
      const entry = dirty[this.#drained++]!;
      const flags = this.i32[entry * 2 + 1]!;
      if ((flags & DIRTY) === 0) continue;
      this.i32[entry * 2 + 1] = (flags & ~DIRTY) | LOGGED;
      if (visit(entry)) return false;
    }
    this.#dirty = [];
    this.#drained = 0;
    return true;
  }

  /**
   * Calls back for entries that stand in the changelog, until the visitor returns true.
   * @param from where to begin: 0, or what the call before returned
   * @returns where to go on; -1 when all were visited
   */
  forEachLogged(visit: (entry: number) => boolean, from: number): number {
    const end = this.count * this.stride;
    for (let entry = from; entry < end; entry += this.stride) {
      if ((this.i32[entry * 2 + 1]! & LOGGED) !== 0 && visit(entry)) return entry + this.stride;
    }
    return -1;
  }

  #listDeleted(entry: number): void {
    const flagsAt = entry * 2 + 1;
    if ((this.i32[flagsAt]! & DELETED) !== 0) return;
    this.i32[flagsAt]! |= DELETED;
    this.#deleted.push(entry);
  }
}
