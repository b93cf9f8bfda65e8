/**
 * Sliding windows as Kafka Streams 4.3 keeps them: `[s, s + difference]`, one that ends at each record
 * and one that begins behind it, made when a record needs them. Records before the first difference
 * share the window `[0, difference]`.
 *
 * @module
 */

import type { ReduceParams, Value } from "../vectors.ts";
import type { Aggregation } from "./aggregation.ts";
import { DROPPED, type Entry, type Processed, resultOf } from "./operator.ts";
import type { WindowResult } from "./semantics.ts";
import { type Given, WindowedOperator } from "./windowed_operator.ts";

type Params = Extract<ReduceParams, { readonly differenceMs: number }>;
/** What a window held before the record. */
type Held = Pick<Entry, "aggregate" | "ts">;

export class SlidingWindows extends WindowedOperator<Params> {
  override readonly isInclusive = true;
  protected override readonly needsValue = true;
  /** By key, then by start. */
  readonly #keys = new Map<string, Map<number, Entry>>();

  protected override take({ key, value, ts }: Given): Processed {
    const { differenceMs, graceMs } = this.params;
    if (ts + 1 + differenceMs + graceMs <= this.streamTimeMs) return DROPPED;
    const entries = this.#keys.get(key) ?? new Map<number, Entry>();
    this.#keys.set(key, entries);
    const turn = new Turn(entries, { key, value, ts }, differenceMs, this.aggregation, (end) =>
      this.#isClosed(end),
    );
    if (ts < differenceMs) turn.early();
    else turn.regular(this.semantics.forwardsTwice);
    const { updates, drops } = turn;
    if (!this.semantics.walksInOrder) updates.sort((a, b) => a.windowStart - b.windowStart);
    return { updates, drops };
  }

  override close(): readonly Entry[] {
    return [...this.#keys.values()]
      .flatMap((entries) => [...entries.values()])
      .filter(({ emitted, end }) => !emitted && this.#isClosed(end));
  }

  #isClosed(end: number): boolean {
    return end + this.params.graceMs < this.streamTimeMs;
  }
}

/** One record among the windows of its key. */
class Turn {
  readonly updates: WindowResult[] = [];
  drops = 0;
  readonly #entries: Map<number, Entry>;
  readonly #record: { readonly key: string; readonly value: Value; readonly ts: number };
  readonly #differenceMs: number;
  readonly #aggregation: Aggregation;
  readonly #isClosed: (end: number) => boolean;

  constructor(
    entries: Map<number, Entry>,
    record: { readonly key: string; readonly value: Value; readonly ts: number },
    differenceMs: number,
    aggregation: Aggregation,
    isClosed: (end: number) => boolean,
  ) {
    this.#entries = entries;
    this.#record = record;
    this.#differenceMs = differenceMs;
    this.#aggregation = aggregation;
    this.#isClosed = isClosed;
  }

  regular(forwardsTwice: boolean): void {
    const { ts } = this.#record;
    const difference = this.#differenceMs;
    const known = this.#between(ts - 2 * difference, ts + 1).reverse();
    const starts = new Set<number>();
    let right: Held | undefined;
    let left: Held | undefined;
    let hasLeft = false;
    let previous: number | undefined;
    for (const entry of known) {
      const held = { aggregate: entry.aggregate, ts: entry.ts };
      starts.add(entry.start);
      if (entry.start === ts + 1) continue;
      if (entry.end < ts) {
        left = held;
        previous = held.ts;
        break;
      }
      if (entry.end === ts) {
        hasLeft = true;
        this.#update(entry.start, held);
        // One at the same time has made every window already.
        if (held.ts === ts) return;
        // The one below, if there is any, has the last word about that.
        previous = held.ts;
        continue;
      }
      right ??= held;
      this.#update(entry.start, held);
    }
    if (previous !== undefined) this.#rightOfPrevious(previous, starts);
    const isMade = this.#entries.has(ts - difference);
    if (!hasLeft && (forwardsTwice || !isMade)) {
      const isWithin = previous !== undefined && previous >= ts - difference;
      this.#update(ts - difference, isWithin ? left! : this.#empty());
    }
    this.#ownRight(right, starts);
  }

  early(): void {
    const { ts } = this.#record;
    const starts = new Set<number>();
    let right: Held | undefined;
    let shared: Held | undefined;
    for (const entry of this.#between(0, ts + 1)) {
      const held = { aggregate: entry.aggregate, ts: entry.ts };
      starts.add(entry.start);
      if (entry.start === 0) shared = held;
      else if (entry.start <= ts) {
        right = held;
        this.#update(entry.start, held);
      }
    }
    if (right === undefined && shared !== undefined && shared.ts > ts) right = shared;
    this.#ownRight(right, starts);
    if (shared !== undefined && shared.ts < ts) this.#rightOfPrevious(shared.ts, starts);
    this.#update(0, shared ?? this.#empty());
  }

  #between(first: number, last: number): Entry[] {
    return [...this.#entries.values()]
      .filter(({ start }) => start >= Math.max(0, first) && start <= last)
      .sort((a, b) => a.start - b.start);
  }

  #empty(): Held {
    return { aggregate: this.#aggregation.initial, ts: this.#record.ts };
  }

  #rightOfPrevious(previous: number, starts: ReadonlySet<number>): void {
    const start = previous + 1;
    const holdsRecord = start <= this.#record.ts && start + this.#differenceMs >= this.#record.ts;
    if (holdsRecord && !starts.has(start)) this.#update(start, this.#empty());
  }

  /** Not asked whether it is closed: nothing is added to it. */
  #ownRight(right: Held | undefined, starts: ReadonlySet<number>): void {
    const { ts } = this.#record;
    if (starts.has(ts + 1) || right === undefined || right.ts <= ts) return;
    this.#put(ts + 1, right);
  }

  #update(start: number, held: Held): void {
    const { value, ts } = this.#record;
    if (this.#isClosed(start + this.#differenceMs)) {
      this.drops++;
      return;
    }
    const aggregate = this.#aggregation.add(held.aggregate, value);
    this.#put(start, { aggregate, ts: Math.max(held.ts, ts) });
  }

  #put(start: number, { aggregate, ts }: Held): void {
    const { key } = this.#record;
    const before = this.#entries.get(start);
    const end = start + this.#differenceMs;
    const entry = { key, start, end, aggregate, ts, emitted: before?.emitted ?? false };
    if (aggregate === null) this.#entries.delete(start);
    else this.#entries.set(start, entry);
    this.updates.push(resultOf("time", entry, aggregate));
  }
}
