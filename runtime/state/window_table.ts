/**
 * State of one window stage of one task: a pane per open window, or the panes that windows share.
 *
 * @module
 */

import type { AccumulatorCodec } from "./accumulator.ts";
import { ENTRY_OFFSETS, ENTRY_RECORDS, type EntryLayout, EntryTable } from "./entry_table.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { Pane } from "./pane.ts";

export interface WindowTableOptions {
  /** Number of inputs of the subtopology: each entry keeps an offset per input. */
  readonly inputs: number;
  /** Each entry keeps its highest event time. @default false */
  readonly keepsMaxTime?: boolean;
  /** Starting value of each accumulator slot. */
  readonly accumulators: readonly number[];
  /** One per accumulator that is no number. @default none */
  readonly objects?: readonly AccumulatorCodec[];
  readonly budget: MemoryBudget;
}

/** Which entry it is. */
export interface EntryPlace {
  /** Of its pane. */
  readonly startMs: number;
  /** Start of the first window that it counts in. */
  readonly oldestMs: number;
  readonly key: Uint8Array;
}

/** An entry as the changelog holds it. */
export interface EntryImage {
  readonly records: number;
  /** Highest event time; undefined where it is not kept. */
  readonly maxTimeMs: number | undefined;
  readonly offsets: readonly number[];
  readonly accumulators: readonly number[];
  /** Encoded accumulators that are no numbers. @default none */
  readonly objects?: readonly Uint8Array[];
}

export class WindowTable {
  /** Position of the first accumulator slot in an entry. */
  readonly firstAccumulator: number;
  /** Position of the highest event time; undefined where it is not kept. */
  readonly maxTime: number | undefined;
  readonly #layout: EntryLayout;
  readonly #objects: readonly AccumulatorCodec[];
  readonly #budget: MemoryBudget;
  readonly #panes = new Map<number, Pane[]>();
  #last: Pane | undefined;

  constructor(options: WindowTableOptions) {
    const { inputs, keepsMaxTime = false, accumulators, objects = [], budget } = options;
    const maxTime = keepsMaxTime ? [Number.NEGATIVE_INFINITY] : [];
    this.maxTime = keepsMaxTime ? ENTRY_OFFSETS + inputs : undefined;
    this.firstAccumulator = ENTRY_OFFSETS + inputs + maxTime.length;
    const offsets = new Array<number>(inputs).fill(-1);
    this.#layout = {
      inputs,
      firstAccumulator: this.firstAccumulator,
      initial: Float64Array.from([0, ...offsets, ...maxTime, ...accumulators]),
      objects: objects.length,
    };
    this.#objects = objects;
    this.#budget = budget;
  }

  /**
   * The pane, made if there is none. The last one asked for is found without a look-up.
   * @param oldestMs start of the first window that its records count in
   */
  pane(startMs: number, oldestMs: number = startMs): Pane {
    const last = this.#last;
    if (last !== undefined && last.startMs === startMs && last.oldestMs === oldestMs) return last;
    const beside = this.#panes.get(startMs);
    let pane = beside?.find((one) => one.oldestMs === oldestMs);
    if (pane === undefined) {
      pane = new Pane(startMs, oldestMs, this.#layout, this.#budget);
      if (beside === undefined) this.#panes.set(startMs, [pane]);
      else beside.push(pane);
    }
    this.#last = pane;
    return pane;
  }

  /** All panes in order of their starts, then of their oldest windows. */
  open(): Pane[] {
    const all = [...this.#panes.values()].flat();
    return all.sort((a, b) => a.startMs - b.startMs || a.oldestMs - b.oldestMs);
  }

  /** Takes a pane out of the table; the caller releases it when it is done with it. */
  detach(pane: Pane): void {
    const { startMs } = pane;
    const others = this.#panes.get(startMs)!.filter((one) => one !== pane);
    if (others.length === 0) this.#panes.delete(startMs);
    else this.#panes.set(startMs, others);
    if (this.#last === pane) this.#last = undefined;
  }

  /** Entries of the same shape, which belong to no pane. */
  combined(): EntryTable {
    return new EntryTable(this.#layout, this.#budget);
  }

  /** Calls back for every entry changed since the last call. */
  drainDirty(visit: (pane: Pane, entry: number) => void): void {
    for (const panes of this.#panes.values()) {
      for (const pane of panes) pane.drainDirty((entry) => visit(pane, entry));
    }
  }

  /** Calls back for every entry deleted since the last call. */
  takeDeleted(visit: (pane: Pane, entry: number) => void): void {
    for (const panes of this.#panes.values()) {
      for (const pane of panes) for (const entry of pane.takeDeleted()) visit(pane, entry);
    }
  }

  /** Calls back for every entry whose result has changed since the last call: windows in order, then keys. */
  takeChanged(visit: (pane: Pane, entry: number) => void): void {
    for (const pane of this.open()) for (const entry of pane.takeChanged()) visit(pane, entry);
  }

  changeAll(): void {
    for (const pane of this.open()) pane.changeAll();
  }

  image(pane: Pane, entry: number): EntryImage {
    const { inputs, initial } = this.#layout;
    const offsets = entry + ENTRY_OFFSETS;
    const first = entry + this.firstAccumulator;
    const end = entry + ENTRY_RECORDS + initial.length;
    return {
      records: pane.f64[entry + ENTRY_RECORDS]!,
      maxTimeMs: this.maxTime === undefined ? undefined : pane.f64[entry + this.maxTime]!,
      offsets: Array.from(pane.f64.subarray(offsets, offsets + inputs)),
      accumulators: Array.from(pane.f64.subarray(first, end)),
      objects: this.#objects.map((codec, n) => {
        const accumulator = pane.objects[pane.objectsAt(entry) + n];
        return accumulator === undefined ? NOTHING : codec.encode(accumulator);
      }),
    };
  }

  /**
   * Puts back what the changelog holds; undefined deletes.
   * @returns false when the image does not fit this table: other inputs or accumulators, or no
   *   event time where that is kept
   * @throws {MillraceError} STATE_CORRUPT for an accumulator that cannot be read
   */
  restore(at: EntryPlace, image: EntryImage | undefined): boolean {
    const { startMs, oldestMs, key } = at;
    if (image === undefined) {
      const known = this.#panes.get(startMs)?.find((pane) => pane.oldestMs === oldestMs);
      const entry = known?.seek(key, 0, key.length) ?? -1;
      if (entry >= 0) known!.remove(entry);
      return true;
    }
    const { inputs, initial } = this.#layout;
    const slots = initial.length - (this.firstAccumulator - ENTRY_RECORDS);
    const { objects = [] } = image;
    if (image.offsets.length !== inputs || image.accumulators.length !== slots) return false;
    if (objects.length !== this.#objects.length) return false;
    if (this.maxTime !== undefined && image.maxTimeMs === undefined) return false;
    const pane = this.pane(startMs, oldestMs);
    const entry = pane.find(key, 0, key.length);
    pane.f64[entry + ENTRY_RECORDS] = image.records;
    if (this.maxTime !== undefined) pane.f64[entry + this.maxTime] = image.maxTimeMs!;
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
    for (const pane of this.open()) pane.listDeleted();
  }

  /** Gives everything back to the budget. */
  release(): void {
    for (const pane of this.open()) {
      this.detach(pane);
      pane.release();
    }
  }
}

const NOTHING = new Uint8Array(0);
