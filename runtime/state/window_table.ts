/**
 * State of one window stage of one task: a pane per open window.
 *
 * @module
 */

import type { AccumulatorCodec } from "./accumulator.ts";
import { ENTRY_MAX_TIME, ENTRY_OFFSETS, ENTRY_RECORDS, type EntryLayout } from "./entry_table.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { Pane } from "./pane.ts";

export interface WindowTableOptions {
  /** Number of inputs of the subtopology: each entry keeps an offset per input. */
  readonly inputs: number;
  /** Starting value of each accumulator slot. */
  readonly accumulators: readonly number[];
  /** One per accumulator that is no number. @default none */
  readonly objects?: readonly AccumulatorCodec[];
  readonly budget: MemoryBudget;
}

/** An entry as the changelog holds it. */
export interface EntryImage {
  readonly records: number;
  readonly maxTimeMs: number;
  readonly offsets: readonly number[];
  readonly accumulators: readonly number[];
  /** Encoded accumulators that are no numbers. @default none */
  readonly objects?: readonly Uint8Array[];
}

export class WindowTable {
  /** Position of the first accumulator slot in an entry. */
  readonly firstAccumulator: number;
  readonly #layout: EntryLayout;
  readonly #objects: readonly AccumulatorCodec[];
  readonly #budget: MemoryBudget;
  readonly #panes = new Map<number, Pane>();
  #last: Pane | undefined;

  constructor({ inputs, accumulators, objects = [], budget }: WindowTableOptions) {
    this.firstAccumulator = ENTRY_OFFSETS + inputs;
    const initial = [0, Number.NEGATIVE_INFINITY, ...new Array<number>(inputs).fill(-1)];
    this.#layout = {
      inputs,
      initial: Float64Array.from([...initial, ...accumulators]),
      objects: objects.length,
    };
    this.#objects = objects;
    this.#budget = budget;
  }

  /** The window's pane, made if there is none. The last one asked for is found without a look-up. */
  pane(startMs: number): Pane {
    const last = this.#last;
    if (last !== undefined && last.startMs === startMs) return last;
    let pane = this.#panes.get(startMs);
    if (pane === undefined) {
      pane = new Pane(startMs, this.#layout, this.#budget);
      this.#panes.set(startMs, pane);
    }
    this.#last = pane;
    return pane;
  }

  /** Open windows in order of their starts. */
  starts(): number[] {
    return [...this.#panes.keys()].sort((a, b) => a - b);
  }

  get openWindows(): number {
    return this.#panes.size;
  }

  /** Takes a window out of the table; the caller releases the pane when it is done with it. */
  detach(startMs: number): Pane | undefined {
    const pane = this.#panes.get(startMs);
    this.#panes.delete(startMs);
    if (this.#last === pane) this.#last = undefined;
    return pane;
  }

  /** Σ of the record counts of all entries of open windows. */
  openRecords(): number {
    let sum = 0;
    for (const pane of this.#panes.values()) sum += pane.records();
    return sum;
  }

  /** Calls back for every entry changed since the last call. */
  drainDirty(visit: (pane: Pane, entry: number) => void): void {
    for (const pane of this.#panes.values()) pane.drainDirty((entry) => visit(pane, entry));
  }

  /** Calls back for every entry deleted since the last call. */
  takeDeleted(visit: (pane: Pane, entry: number) => void): void {
    for (const pane of this.#panes.values()) {
      for (const entry of pane.takeDeleted()) visit(pane, entry);
    }
  }

  /** Calls back for every entry whose result has changed since the last call: windows in order, then keys. */
  takeChanged(visit: (pane: Pane, entry: number) => void): void {
    for (const start of this.starts()) {
      const pane = this.#panes.get(start)!;
      for (const entry of pane.takeChanged()) visit(pane, entry);
    }
  }

  changeAll(): void {
    for (const pane of this.#panes.values()) pane.changeAll();
  }

  image(pane: Pane, entry: number): EntryImage {
    const first = entry + this.firstAccumulator;
    const end = entry + ENTRY_RECORDS + this.#layout.initial.length;
    return {
      records: pane.f64[entry + ENTRY_RECORDS]!,
      maxTimeMs: pane.f64[entry + ENTRY_MAX_TIME]!,
      offsets: Array.from(pane.f64.subarray(entry + ENTRY_OFFSETS, first)),
      accumulators: Array.from(pane.f64.subarray(first, end)),
      objects: this.#objects.map((codec, n) => {
        const accumulator = pane.objects[pane.objectsAt(entry) + n];
        return accumulator === undefined ? NOTHING : codec.encode(accumulator);
      }),
    };
  }

  /**
   * Puts back what the changelog holds; undefined deletes.
   * @returns false when the image does not fit this table: other inputs or accumulators
   * @throws {MillraceError} STATE_CORRUPT for an accumulator that cannot be read
   */
  restore(startMs: number, key: Uint8Array, image: EntryImage | undefined): boolean {
    if (image === undefined) {
      const known = this.#panes.get(startMs);
      const entry = known?.seek(key, 0, key.length) ?? -1;
      if (entry >= 0) known!.remove(entry);
      return true;
    }
    const { inputs, initial } = this.#layout;
    const slots = initial.length - (this.firstAccumulator - ENTRY_RECORDS);
    const { objects = [] } = image;
    if (image.offsets.length !== inputs || image.accumulators.length !== slots) return false;
    if (objects.length !== this.#objects.length) return false;
    const pane = this.pane(startMs);
    const entry = pane.find(key, 0, key.length);
    pane.f64[entry + ENTRY_RECORDS] = image.records;
    pane.f64[entry + ENTRY_MAX_TIME] = image.maxTimeMs;
    pane.f64.set(image.offsets, entry + ENTRY_OFFSETS);
    pane.f64.set(image.accumulators, entry + this.firstAccumulator);
    pane.dropObjects(entry);
    objects.forEach((bytes, n) => {
      if (bytes.length === 0) return;
      pane.keep(pane.objectsAt(entry) + n, this.#objects[n]!.decode(bytes), 0);
    });
    pane.markRestored(entry);
    return true;
  }

  /** All of the changelog was given to `restore`. */
  restored(): void {
    for (const pane of this.#panes.values()) pane.listDeleted();
  }

  /** Gives everything back to the budget. */
  release(): void {
    for (const start of this.starts()) this.detach(start)?.release();
  }
}

const NOTHING = new Uint8Array(0);
