/**
 * Tumbling and hopping windows as Kafka Streams 4.3 keeps them: `[s, s + size)` from
 * `s = max(0, t - size + advance)`, rounded down to the advance.
 *
 * @module
 */

import type { ReduceParams } from "../vectors.ts";
import { type Aggregation, aggregationOf } from "./aggregation.ts";
import {
  DROPPED,
  type Entry,
  type KeyedRecord,
  type Operator,
  type Processed,
  resultOf,
} from "./operator.ts";
import type { Semantics, WindowResult } from "./semantics.ts";

type Params = Extract<ReduceParams, { readonly sizeMs: number }>;

export class TimeWindows implements Operator {
  readonly isInclusive = false;
  readonly #params: Params;
  readonly #semantics: Semantics;
  readonly #aggregation: Aggregation;
  readonly #entries = new Map<string, Entry>();
  #streamTimeMs = -1;

  constructor(params: Params, semantics: Semantics) {
    this.#params = params;
    this.#semantics = semantics;
    this.#aggregation = aggregationOf(params.reduce, semantics);
  }

  advance(ts: number): void {
    this.#streamTimeMs = Math.max(this.#streamTimeMs, ts);
  }

  process({ key, value, ts }: KeyedRecord): Processed {
    if (key === null) {
      if (this.#semantics.droppedMoveTime) this.advance(ts);
      return DROPPED;
    }
    this.advance(ts);
    if (value === null && !this.#semantics.takesNullValues) return DROPPED;
    const { sizeMs, advanceMs } = this.#params;
    const updates: WindowResult[] = [];
    let drops = 0;
    let start = Math.floor(Math.max(0, ts - sizeMs + advanceMs) / advanceMs) * advanceMs;
    for (; start <= ts; start += advanceMs) {
      const id = `${start} ${key}`;
      const end = start + sizeMs;
      if (this.#isClosed(end)) {
        drops++;
        continue;
      }
      const entry = this.#entries.get(id) ?? {
        key,
        start,
        end,
        aggregate: this.#aggregation.initial,
        ts,
        emitted: false,
      };
      entry.ts = Math.max(entry.ts, ts);
      entry.aggregate = this.#aggregation.add(entry.aggregate, value);
      if (entry.aggregate === null) this.#entries.delete(id);
      else this.#entries.set(id, entry);
      updates.push(resultOf("time", entry, entry.aggregate));
    }
    return { updates, drops };
  }

  close(): readonly Entry[] {
    return [...this.#entries.values()].filter(
      ({ emitted, end }) => !emitted && this.#isClosed(end),
    );
  }

  #isClosed(end: number): boolean {
    return end + this.#params.graceMs <= this.#streamTimeMs;
  }
}
