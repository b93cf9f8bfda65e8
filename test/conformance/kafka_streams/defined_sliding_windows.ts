/**
 * Sliding windows by their definition: `[a, a + difference]` exists when a record that counts in it is
 * at its end, or an accepted record is right before its start and something counts in it. A record
 * counts in a window that covers it and had not closed when the record came, whatever else was there.
 *
 * Kafka Streams' window `[0, difference]`, which the records before the first difference share, exists
 * here too.
 *
 * @module
 */

import type { ReduceParams } from "../vectors.ts";
import { DROPPED, type Entry, type KeyedRecord, type Processed, resultOf } from "./operator.ts";
import { type Given, WindowedOperator } from "./windowed_operator.ts";

type Params = Extract<ReduceParams, { readonly differenceMs: number }>;

interface Accepted extends KeyedRecord {
  /** Ends before this were closed when the record came. */
  readonly closedBeforeMs: number;
}

export class DefinedSlidingWindows extends WindowedOperator<Params> {
  override readonly isInclusive = true;
  protected override readonly needsValue = true;
  readonly #keys = new Map<string, Accepted[]>();
  readonly #emitted = new Set<string>();

  protected override take({ key, value, ts }: Given): Processed {
    const closedBeforeMs = this.streamTimeMs - this.params.graceMs;
    if (ts + this.params.differenceMs < closedBeforeMs) return DROPPED;
    const records = this.#keys.get(key) ?? [];
    this.#keys.set(key, records);
    const before = new Set(this.#entriesOf(key).map(({ start }) => start));
    const record = { key, value, ts, closedBeforeMs };
    records.push(record);
    const touched = this.#entriesOf(key).filter(
      ({ start }) => !before.has(start) || this.#counts(record, start),
    );
    const entries = touched.sort((a, b) =>
      this.semantics.walksInOrder
        ? this.#place(a, ts, before) - this.#place(b, ts, before)
        : a.start - b.start,
    );
    const isTwice = ({ start, end }: Entry): boolean =>
      this.semantics.forwardsTwice &&
      !before.has(start) &&
      end === ts &&
      records.some((other) => other.ts === start - 1) &&
      // The walk has to meet a window that the record before is in.
      [...before].some((other) => other < start && other >= ts - 2 * this.params.differenceMs);
    const updates = entries
      .flatMap((entry) => (isTwice(entry) ? [entry, entry] : [entry]))
      .map((entry) => resultOf("time", entry, entry.aggregate));
    return { updates, drops: 0 };
  }

  override close(): readonly Entry[] {
    const { graceMs } = this.params;
    const due = [...this.#keys.keys()]
      .flatMap((key) => this.#entriesOf(key))
      .filter(({ key, start, end, aggregate }) => {
        const isDue = end + graceMs < this.streamTimeMs && aggregate !== null;
        return isDue && !this.#emitted.has(`${start} ${key}`);
      });
    for (const { start, key } of due) this.#emitted.add(`${start} ${key}`);
    return due;
  }

  #counts({ ts, closedBeforeMs }: Accepted, start: number): boolean {
    const end = start + this.params.differenceMs;
    return ts >= start && ts <= end && end >= closedBeforeMs;
  }

  #entriesOf(key: string): Entry[] {
    const { differenceMs } = this.params;
    const records = this.#keys.get(key) ?? [];
    const starts = new Set(records.flatMap(({ ts }) => [Math.max(0, ts - differenceMs), ts + 1]));
    return [...starts].flatMap((start) => {
      const end = start + differenceMs;
      const counted = records.filter((record) => this.#counts(record, start));
      const isAnchored =
        (start === 0 && counted.some(({ ts }) => ts < differenceMs)) ||
        counted.some(({ ts }) => ts === end) ||
        records.some(({ ts }) => ts === start - 1);
      if (counted.length === 0 || !isAnchored) return [];
      return [{ key, start, end, ...this.#aggregate(counted), emitted: false }];
    });
  }

  /** In the order of arrival; behind a null it begins anew. */
  #aggregate(records: readonly Accepted[]): Pick<Entry, "aggregate" | "ts"> {
    const { initial, add } = this.aggregation;
    let sum: Pick<Entry, "aggregate" | "ts"> = { aggregate: null, ts: 0 };
    for (const { value, ts } of records) {
      const isNew = sum.aggregate === null;
      sum = {
        aggregate: add(isNew ? initial : sum.aggregate, value),
        ts: isNew ? ts : Math.max(sum.ts, ts),
      };
    }
    return sum;
  }

  /** In the order of Kafka Streams' walk: what was there from the highest start down, then what is new. */
  #place({ start, end }: Entry, ts: number, before: ReadonlySet<number>): number {
    const { differenceMs } = this.params;
    if (ts < differenceMs) {
      if (start === 0) return Number.MAX_SAFE_INTEGER;
      if (before.has(start)) return start;
      return start === ts + 1 ? differenceMs + 1 : differenceMs + 2;
    }
    if (before.has(start)) return -start;
    return start === ts + 1 ? 3 : end === ts ? 2 : 1;
  }
}
