/**
 * Sessions: an entry each, which grows with its records and takes others in that it has reached.
 *
 * An entry is named by the time of its first record, so that it keeps its place in the changelog. One
 * that was taken in is tombstoned one commit after the one that has it; a restart in between finds it
 * inside the other, and drops it.
 *
 * @module
 */

import {
  ENTRY_RECORDS,
  type MemoryBudget,
  type Pane,
  type PlacedTable,
  type TimedEntries,
} from "../state/mod.ts";
import { DueQueue } from "./due_queue.ts";
import type { PartialResult } from "./partial_result.ts";
import type { Windows, WindowsContext } from "./windows.ts";

export interface SessionOptions {
  readonly table: PlacedTable<TimedEntries>;
  readonly gapMs: number;
  readonly graceMs: number;
  readonly budget: MemoryBudget;
}

export class SessionWindows implements Windows {
  readonly #options: SessionOptions;
  readonly #context: WindowsContext;
  /** By ends, which may have grown since. */
  readonly #due: DueQueue;
  readonly #found: number[] = [];
  readonly entries: TimedEntries;

  constructor(options: SessionOptions, context: WindowsContext) {
    this.#options = options;
    this.entries = options.table.entries;
    this.#context = context;
    this.#due = new DueQueue(options.budget);
  }

  /**
   * The session of a record, which is to be folded in, with all that it connects. The same for
   * records that belong together already, of which the first and the last time are known.
   * @returns the entry; -1 when the record is in it already, -2 when its session has closed
   */
  join(
    key: Uint8Array,
    start: number,
    end: number,
    firstMs: number,
    lastMs: number,
    watermarkMs: number,
    input: number,
    offset: number,
  ): number {
    const { gapMs } = this.#options;
    const { entries } = this;
    const found = this.#found;
    found.length = 0;
    let entry = entries.newest(key, start, end);
    for (; entry >= 0; entry = entries.older(entry)) {
      const { f64 } = entries;
      const [fromMs, toMs] = [f64[entry + entries.from]!, f64[entry + entries.maxTime]!];
      const isAlive = f64[entry + ENTRY_RECORDS]! > 0;
      // Where one that was deleted has ended says nothing of those before it.
      if (isAlive && toMs + gapMs < firstMs) break;
      const isInside = fromMs <= firstMs && lastMs <= toMs;
      if (isInside && entries.isCovered(entry, input, offset)) return -1;
      if (isAlive && fromMs - gapMs <= lastMs) found.push(entry);
    }
    const oldest = found.at(-1);
    // The first one by itself: a session before it may have closed that it would have belonged to.
    const isReached = oldest !== undefined && this.#fromMs(oldest) - gapMs <= firstMs;
    if (!isReached && this.#isClosed(firstMs, watermarkMs)) return -2;
    if (oldest === undefined) return this.#begin(key, start, end, firstMs, input, offset);
    this.#leave(firstMs, lastMs);
    for (let n = found.length - 2; n >= 0; n--) {
      this.#context.combiner.combine(entries, oldest, entries, found[n]!);
      entries.retire(found[n]!);
    }
    entries.covers(oldest, input, offset);
    const { f64 } = entries;
    f64[oldest + entries.from] = Math.min(f64[oldest + entries.from]!, firstMs);
    return oldest;
  }

  fold(partial: PartialResult, watermarkMs: number): void {
    const { startMs, boundMs, key, keyStart, keyEnd, records, input, offset } = partial;
    const { combiner, counts, emit } = this.#context;
    const { entries } = this;
    const entry = this.join(key, keyStart, keyEnd, startMs, boundMs, watermarkMs, input, offset);
    if (entry === -2) counts.lateAtOperator += records;
    else {
      counts.accepted += records;
      if (startMs + this.#options.graceMs < watermarkMs) counts.partlyLate += records;
    }
    if (entry < 0) return;
    combiner.combine(entries, entry, partial.entries, partial.entry);
    if (emit === "every") entries.change(entry);
  }

  clear(): void {
    const { entries } = this;
    this.skipTo(Number.POSITIVE_INFINITY, []);
    entries.drainDirty(() => false);
  }

  boundsOf(entry: number): readonly [firstMs: number, lastMs: number] {
    return [this.#fromMs(entry), this.#toMs(entry)];
  }

  close(watermarkMs: number): boolean {
    const { emit, counts } = this.#context;
    const { entries } = this;
    const closed = this.#takeClosed(watermarkMs);
    for (const entry of closed) {
      const records = entries.f64[entry + ENTRY_RECORDS]!;
      if (emit !== "final") counts.resultRecords += records;
      if (emit === "final" || (emit === "every" && entries.isChanged(entry))) {
        this.#emit(entry);
      }
      entries.retire(entry);
    }
    return closed.length > 0;
  }

  skipTo(watermarkMs: number, _gone: Pane[]): void {
    const { entries } = this;
    for (const entry of this.#takeClosed(watermarkMs)) entries.retire(entry);
  }

  emitChanged(): boolean {
    const { entries } = this;
    const changed = entries.takeChanged();
    for (const entry of changed) this.#emit(entry);
    return changed.length > 0;
  }

  restored(): void {
    const { entries } = this;
    const inner: number[] = [];
    entries.forEachChain((newest) => {
      let outer = -1;
      for (let entry = newest; entry >= 0; entry = entries.older(entry)) {
        if (entries.f64[entry + ENTRY_RECORDS] === 0) continue;
        if (outer >= 0 && this.#fromMs(entry) >= this.#fromMs(outer)) {
          inner.push(entry);
          continue;
        }
        // Both end together, and this one began first.
        if (outer >= 0 && this.#toMs(entry) === this.#toMs(outer)) inner.push(outer);
        outer = entry;
      }
    });
    for (const entry of inner) entries.retire(entry);
    entries.forEach((entry) => {
      if (entries.f64[entry + ENTRY_RECORDS] === 0) return;
      this.#queue(entry);
      entries.f64[entry + entries.shown] = 1;
    });
  }

  release(): void {
    this.#due.release();
  }

  #begin(
    key: Uint8Array,
    start: number,
    end: number,
    timeMs: number,
    input: number,
    offset: number,
  ): number {
    const { entries } = this;
    const entry = entries.at(key, start, end, timeMs, 0);
    if (entries.covers(entry, input, offset)) return -1;
    this.#queue(entry);
    return entry;
  }

  /** The windows that the found sessions were are none any more: what is joined makes another one. */
  #leave(firstMs: number, lastMs: number): void {
    const { emit } = this.#context;
    if (emit === "final") return;
    const found = this.#found;
    const only = found.length === 1 ? found[0]! : -1;
    const isSame = only >= 0 && this.#fromMs(only) <= firstMs && lastMs <= this.#toMs(only);
    // As Kafka Streams does: an update of a session is another one, unless it is a moment.
    if (isSame && (emit === "every" || this.#fromMs(only) === this.#toMs(only))) return;
    const { f64, shown } = this.entries;
    for (let n = found.length - 1; n >= 0; n--) {
      const entry = found[n]!;
      if (emit === "every" && f64[entry + shown] === 0) continue;
      const records = f64[entry + ENTRY_RECORDS]!;
      f64[entry + ENTRY_RECORDS] = 0;
      this.#emit(entry);
      f64[entry + ENTRY_RECORDS] = records;
      f64[entry + shown] = 0;
    }
  }

  #emit(entry: number): void {
    const { entries } = this;
    entries.f64[entry + entries.shown] = 1;
    this.#context.result(entries, entry, this.#fromMs(entry), this.#toMs(entry));
  }

  #queue(entry: number): void {
    const { entries } = this;
    const timeMs = this.#toMs(entry);
    entries.f64[entry + entries.queued] = timeMs;
    this.#due.push(timeMs, entry);
  }

  /** Sessions that the watermark has passed, by their ends and then by key. */
  #takeClosed(watermarkMs: number): readonly number[] {
    const { entries } = this;
    const closed: number[] = [];
    while (this.#isClosed(this.#due.nextMs, watermarkMs)) {
      const queuedMs = this.#due.nextMs;
      const entry = this.#due.pop();
      const { f64 } = entries;
      // It was taken out, or its place is another's now, which may be due at the very same time.
      if (!(f64[entry + ENTRY_RECORDS]! > 0) || f64[entry + entries.queued] !== queuedMs) continue;
      f64[entry + entries.queued] = Number.NaN;
      if (this.#isClosed(this.#toMs(entry), watermarkMs)) closed.push(entry);
      else this.#queue(entry);
    }
    return closed.sort((a, b) => this.#toMs(a) - this.#toMs(b) || entries.compareKeys(a, b));
  }

  #isClosed(endMs: number, watermarkMs: number): boolean {
    const { gapMs, graceMs } = this.#options;
    return endMs + gapMs + graceMs < watermarkMs;
  }

  #fromMs(entry: number): number {
    const { entries } = this;
    return entries.f64[entry + entries.from]!;
  }

  #toMs(entry: number): number {
    return this.entries.f64[entry + this.entries.maxTime]!;
  }
}
