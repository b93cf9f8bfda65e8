/**
 * Sessions as Kafka Streams 4.3 keeps them: `[first record, last record]`, merged where a record is
 * within the gap of several.
 *
 * @module
 */

import type { ReduceParams } from "../vectors.ts";
import { DROPPED, type Entry, type Processed, resultOf } from "./operator.ts";
import type { WindowResult } from "./semantics.ts";
import { type Given, WindowedOperator } from "./windowed_operator.ts";

type Params = Extract<ReduceParams, { readonly gapMs: number }>;

export class SessionWindows extends WindowedOperator<Params> {
  override readonly isInclusive = true;
  #sessions: Entry[] = [];

  protected override take({ key, value, ts }: Given): Processed {
    const { gapMs, graceMs } = this.params;
    const found = this.#sessions
      .filter((s) => s.key === key && s.end >= ts - gapMs && s.start <= ts + gapMs)
      .sort((a, b) => a.end - b.end || a.start - b.start);
    const start = Math.min(ts, ...found.map((session) => session.start));
    const end = Math.max(ts, ...found.map((session) => session.end));
    const streamTimeMs = this.streamTimeMs;
    if (this.semantics.refusesSession({ ts, mergedEnd: end, streamTimeMs, gapMs, graceMs })) {
      return DROPPED;
    }
    const { initial, add, merge } = this.aggregation;
    const before = found.reduce((sum, { aggregate }) => merge(sum, aggregate), initial);
    const merged = { key, start, end, ts: end, aggregate: add(before, value), emitted: false };
    this.#sessions = this.#sessions.filter((session) => !found.includes(session));
    if (merged.aggregate !== null) this.#sessions.push(merged);
    const isOnlyThis = start === ts && end === ts;
    const updates: WindowResult[] = isOnlyThis
      ? []
      : found.map((session) => resultOf("session", session, null));
    updates.push(resultOf("session", merged, merged.aggregate));
    return { updates, drops: 0 };
  }

  override close(): readonly Entry[] {
    const { gapMs, graceMs } = this.params;
    return this.#sessions.filter(
      ({ emitted, end }) => !emitted && end + gapMs + graceMs < this.streamTimeMs,
    );
  }
}
