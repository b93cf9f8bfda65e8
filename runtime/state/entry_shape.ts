/**
 * What the entries of one stage look like, in memory and in the changelog.
 *
 * @module
 */

import type { AccumulatorCodec } from "./accumulator.ts";
import { ENTRY_OFFSETS, ENTRY_RECORDS, type EntryLayout, type EntryTable } from "./entry_table.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import type { TrackedEntries } from "./tracked_entries.ts";

export interface EntryShapeOptions {
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
  readonly startMs: number;
  /** What tells those of one key and start apart. */
  readonly boundMs: number;
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

export class EntryShape {
  /** Position of the first accumulator slot in an entry. */
  readonly firstAccumulator: number;
  /** Position of the highest event time; undefined where it is not kept. */
  readonly maxTime: number | undefined;
  readonly layout: EntryLayout;
  readonly budget: MemoryBudget;
  readonly #slots: number;
  readonly #objects: readonly AccumulatorCodec[];

  /** @param unwritten starting values of slots behind the accumulators, which the changelog leaves out */
  constructor(
    { inputs, keepsMaxTime = false, accumulators, objects = [], budget }: EntryShapeOptions,
    unwritten: readonly number[] = [],
  ) {
    const maxTime = keepsMaxTime ? [Number.NEGATIVE_INFINITY] : [];
    this.maxTime = keepsMaxTime ? ENTRY_OFFSETS + inputs : undefined;
    this.firstAccumulator = ENTRY_OFFSETS + inputs + maxTime.length;
    const offsets = new Array<number>(inputs).fill(-1);
    this.layout = {
      inputs,
      firstAccumulator: this.firstAccumulator,
      initial: Float64Array.from([0, ...offsets, ...maxTime, ...accumulators, ...unwritten]),
      objects: objects.length,
    };
    this.budget = budget;
    this.#slots = accumulators.length;
    this.#objects = objects;
  }

  image(entries: EntryTable, entry: number): EntryImage {
    const first = entry + this.firstAccumulator;
    return {
      records: entries.f64[entry + ENTRY_RECORDS]!,
      maxTimeMs: this.maxTime === undefined ? undefined : entries.f64[entry + this.maxTime]!,
      offsets: Array.from(
        entries.f64.subarray(entry + ENTRY_OFFSETS, entry + ENTRY_OFFSETS + this.layout.inputs),
      ),
      accumulators: Array.from(entries.f64.subarray(first, first + this.#slots)),
      objects: this.#objects.map((codec, n) => {
        const accumulator = entries.objects[entries.objectsAt(entry) + n];
        return accumulator === undefined ? NOTHING : codec.encode(accumulator);
      }),
    };
  }

  /** False for an image of other inputs or accumulators. */
  fits({ offsets, accumulators, objects = [] }: EntryImage): boolean {
    return (
      offsets.length === this.layout.inputs &&
      accumulators.length === this.#slots &&
      objects.length === this.#objects.length
    );
  }

  /**
   * Puts an image that fits into an entry.
   * @throws {MillraceError} STATE_CORRUPT for an accumulator that cannot be read
   */
  fill(entries: EntryTable, entry: number, image: EntryImage): void {
    const { f64 } = entries;
    const { offsets, accumulators } = image;
    f64[entry + ENTRY_RECORDS] = image.records;
    if (this.maxTime !== undefined) {
      f64[entry + this.maxTime] = image.maxTimeMs ?? Number.NEGATIVE_INFINITY;
    }
    // A few numbers each: `set` would take longer to begin than these loops to end.
    for (let n = 0; n < offsets.length; n++) f64[entry + ENTRY_OFFSETS + n] = offsets[n]!;
    for (let n = 0; n < accumulators.length; n++) {
      f64[entry + this.firstAccumulator + n] = accumulators[n]!;
    }
    if (this.#objects.length > 0) entries.dropObjects(entry);
    image.objects?.forEach((bytes, n) => {
      if (bytes.length === 0) return;
      entries.keep(entries.objectsAt(entry) + n, this.#objects[n]!.decode(bytes), 0);
    });
  }

  /** Accumulators of all entries that are no numbers, for a snapshot: int32 length, bytes, …; -1 for none. */
  dumpObjects({ objects }: EntryTable): Uint8Array {
    const encoded = objects.map((accumulator, place) =>
      accumulator === undefined
        ? undefined
        : this.#objects[place % this.#objects.length]!.encode(accumulator),
    );
    const bytes = new Uint8Array(
      encoded.reduce((sum, object) => sum + 4 + (object?.length ?? 0), 0),
    );
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const object of encoded) {
      view.setInt32(at, object?.length ?? -1);
      at += 4;
      if (object === undefined) continue;
      bytes.set(object, at);
      at += object.length;
    }
    return bytes;
  }

  /**
   * Makes loaded entries what restored ones are: nothing to write, and what the changelog leaves out
   * as in a new entry.
   * @param objects as `dumpObjects` gave them
   * @throws {MillraceError} STATE_CORRUPT for an accumulator that cannot be read
   */
  loaded(entries: TrackedEntries, objects: Uint8Array): void {
    entries.loaded();
    const written = this.firstAccumulator - ENTRY_RECORDS + this.#slots;
    const unwritten = this.layout.initial.subarray(written);
    entries.forEach((entry) => {
      entries.markRestored(entry);
      if (unwritten.length > 0) entries.f64.set(unwritten, entry + ENTRY_RECORDS + written);
    });
    const view = new DataView(objects.buffer, objects.byteOffset, objects.byteLength);
    for (let place = 0, at = 0; at < objects.length; place++) {
      const length = view.getInt32(at);
      at += 4;
      if (length < 0) continue;
      const codec = this.#objects[place % this.#objects.length]!;
      entries.keep(place, codec.decode(objects.subarray(at, at + length)), 0);
      at += length;
    }
  }
}

const NOTHING = new Uint8Array(0);
