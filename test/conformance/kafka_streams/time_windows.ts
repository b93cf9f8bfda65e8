/**
 * Tumbling and hopping windows as Kafka Streams 4.3 keeps them: `[s, s + size)` from
 * `s = max(0, t - size + advance)`, rounded down to the advance.
 *
 * @module
 */

import type { ReduceParams } from "../vectors.ts";
import { type Entry, type Processed, resultOf } from "./operator.ts";
import type { WindowResult } from "./semantics.ts";
import { type Given, WindowedOperator } from "./windowed_operator.ts";

type Params = Extract<ReduceParams, { readonly sizeMs: number }>;

export class TimeWindows extends WindowedOperator<Params> {
  override readonly isInclusive = false;
  readonly #entries = new Map<string, Entry>();

  protected override take({ key, value, ts }: Given): Processed {
    const { sizeMs, advanceMs } = this.params;
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
        aggregate: this.aggregation.initial,
        ts,
        emitted: false,
      };
      entry.ts = Math.max(entry.ts, ts);
      entry.aggregate = this.aggregation.add(entry.aggregate, value);
      if (entry.aggregate === null) this.#entries.delete(id);
      else this.#entries.set(id, entry);
      updates.push(resultOf("time", entry, entry.aggregate));
    }
    return { updates, drops };
  }

  override close(): readonly Entry[] {
    return [...this.#entries.values()].filter(
      ({ emitted, end }) => !emitted && this.#isClosed(end),
    );
  }

  #isClosed(end: number): boolean {
    return end + this.params.graceMs <= this.streamTimeMs;
  }
}
