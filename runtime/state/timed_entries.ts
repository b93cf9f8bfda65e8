/**
 * Entries that have a time of their own each; those of a key stand in a chain.
 *
 *     slots   `from` before the accumulators, in the changelog their first one; behind them the
 *             neighbours in the chain, when it is looked at next, and whether a result of it may be
 *             out (1)
 *
 * @module
 */

import { EntryShape, type EntryShapeOptions } from "./entry_shape.ts";
import { ENTRY_RECORDS, EntryTable } from "./entry_table.ts";
import { PlacedEntries } from "./placed_entries.ts";

/** Stands for an entry where there is none. */
const NO_ENTRY = -1;
/** Stands for a newer entry where it is in no chain. */
const UNLINKED = -2;
/** Of the table of chains: where in an entry its newest one stands. */
const NEWEST = ENTRY_RECORDS + 1;
const HEADS = {
  inputs: 0,
  firstAccumulator: NEWEST,
  initial: Float64Array.of(1, NO_ENTRY),
  objects: 0,
} as const;

export class TimedEntries extends PlacedEntries {
  /** Places in an entry. */
  readonly firstAccumulator: number;
  readonly maxTime: number;
  readonly from: number;
  readonly queued: number;
  readonly shown: number;
  readonly #older: number;
  readonly #newer: number;
  readonly #heads: EntryTable;

  constructor(options: EntryShapeOptions) {
    const accumulators = [Number.NaN, ...options.accumulators];
    const made = { ...options, accumulators, keepsMaxTime: true };
    const shape = new EntryShape(made, [NO_ENTRY, UNLINKED, Number.NaN, 0]);
    super(shape);
    this.maxTime = shape.maxTime!;
    this.from = shape.firstAccumulator;
    this.firstAccumulator = shape.firstAccumulator + 1;
    this.#older = this.from + accumulators.length;
    this.#newer = this.#older + 1;
    this.queued = this.#older + 2;
    this.shown = this.#older + 3;
    this.#heads = new EntryTable(HEADS, options.budget);
  }

  /** Newest entry of a key in its chain, deleted ones included; -1 for none. */
  newest(key: Uint8Array, start: number, end: number): number {
    const head = this.#heads.seek(key, start, end);
    return head < 0 ? NO_ENTRY : this.#heads.f64[head + NEWEST]!;
  }

  /** The one before it; -1 for none. */
  older(entry: number): number {
    return this.f64[entry + this.#older]!;
  }

  /** The one behind it; below 0 for none. */
  newer(entry: number): number {
    return this.f64[entry + this.#newer]!;
  }

  /** The last one behind it, or it itself, that stands no later than a time. */
  lastUntil(entry: number, timeMs: number): number {
    for (;;) {
      const newer = this.f64[entry + this.#newer]!;
      if (newer < 0 || this.f64[newer + this.maxTime]! > timeMs) return entry;
      entry = newer;
    }
  }

  /**
   * The entry of a key at a time, made if there is none; a new one, or one that was deleted, goes to
   * its place in the chain.
   */
  at(key: Uint8Array, start: number, end: number, timeMs: number, boundMs: number): number {
    const entry = this.findAt(timeMs, boundMs, key, start, end);
    if (this.f64[entry + ENTRY_RECORDS] === 0) {
      this.#unlink(entry);
      this.f64[entry + this.maxTime] = timeMs;
      this.f64[entry + this.from] = timeMs;
      this.#link(entry);
    }
    return entry;
  }

  /**
   * Until its tombstone is written it has no `from`: a snapshot tells it so from one that was deleted,
   * and is in its chain.
   */
  override retire(entry: number): void {
    this.#unlink(entry);
    this.f64[entry + this.from] = Number.NaN;
    super.retire(entry);
  }

  override delete(entry: number): number {
    const { f64 } = this;
    const kept = [this.from, this.#older, this.#newer, this.queued, this.shown].map((place) => ({
      at: entry + place,
      value: f64[entry + place]!,
    }));
    const records = super.delete(entry);
    for (const { at, value } of kept) f64[at] = value;
    return records;
  }

  /** Of one that was taken out nothing goes out any more. */
  override changeAll(): void {
    this.forEach((entry) => {
      if (this.f64[entry + this.#newer] !== UNLINKED) this.change(entry);
    });
  }

  override remove(entry: number): void {
    this.#unlink(entry);
    super.remove(entry);
  }

  override restored(): void {
    this.#linkAll();
    super.restored();
  }

  /** Calls back for the newest entry of each key. */
  forEachChain(visit: (newest: number) => void): void {
    this.#heads.forEach((head) => {
      visit(this.#heads.f64[head + NEWEST]!);
    });
  }

  override release(): void {
    super.release();
    this.#heads.release();
  }

  /** Chains all entries but retired ones, which are in no chain yet. */
  #linkAll(): void {
    const all: number[] = [];
    this.forEach((entry) => {
      if (!Number.isNaN(this.f64[entry + this.from])) all.push(entry);
    });
    const timeOf = (entry: number) => this.f64[entry + this.maxTime]!;
    all.sort((a, b) => timeOf(a) - timeOf(b));
    for (const entry of all) this.#link(entry);
  }

  #link(entry: number): void {
    const { keys } = this;
    const head = this.#heads.find(keys, this.keyStart(entry), this.keyEnd(entry));
    const timeMs = this.f64[entry + this.maxTime]!;
    let newer = NO_ENTRY;
    let older = this.#heads.f64[head + NEWEST]!;
    while (older !== NO_ENTRY && this.f64[older + this.maxTime]! > timeMs) {
      newer = older;
      older = this.older(older);
    }
    this.f64[entry + this.#older] = older;
    this.f64[entry + this.#newer] = newer;
    if (older !== NO_ENTRY) this.f64[older + this.#newer] = entry;
    if (newer !== NO_ENTRY) this.f64[newer + this.#older] = entry;
    else this.#heads.f64[head + NEWEST] = entry;
  }

  #unlink(entry: number): void {
    const { f64 } = this;
    const newer = f64[entry + this.#newer]!;
    if (newer === UNLINKED) return;
    const older = f64[entry + this.#older]!;
    if (older !== NO_ENTRY) f64[older + this.#newer] = newer;
    if (newer !== NO_ENTRY) f64[newer + this.#older] = older;
    else {
      const head = this.#heads.seek(this.keys, this.keyStart(entry), this.keyEnd(entry));
      if (older === NO_ENTRY) this.#heads.remove(head);
      else this.#heads.f64[head + NEWEST] = older;
    }
    f64[entry + this.#newer] = UNLINKED;
  }
}
