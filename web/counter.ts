/**
 * A live counter: newest window and total over all windows, per series.
 *
 * The total is a sum over (series, window) with the last write winning, not over records: results
 * may be written again after a crash, and a restarted server must reach the same number.
 *
 * @module
 */

import type { Point } from "./evaluate.ts";
import type { CounterValue } from "./protocol.ts";

interface Tally {
  /** Value by window start, in order of insertion; at most `maxWindows`. */
  readonly byStart: Map<number, number>;
  /** Windows below this are folded into the total and can no longer be replaced. */
  foldedBelow: number;
  newestStart: number;
  newestEnd: number;
  total: number;
  changedAt: number;
}

export interface CounterOptions {
  readonly maxSeries: number;
  readonly maxWindows: number;
  readonly only?: readonly string[];
}

export class Counter {
  readonly #options: CounterOptions;
  readonly #tallies = new Map<string, Tally>();
  /** Records for windows already folded. */
  tooOld = 0;
  /** Records of series beyond `maxSeries`. */
  tooManySeries = 0;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  apply(point: Point, seq: number): void {
    if (this.#options.only?.includes(point.series) === false) return;
    const tally = this.#tallyFor(point.series);
    if (tally === undefined) {
      this.tooManySeries++;
      return;
    }
    if (point.start < tally.foldedBelow) {
      this.tooOld++;
      return;
    }
    const before = tally.byStart.get(point.start);
    const y = point.y ?? 0;
    const isNewest = point.start > tally.newestStart;
    if (before === y && !isNewest) return;
    tally.total += y - (before ?? 0);
    tally.byStart.set(point.start, y);
    tally.changedAt = seq;
    if (isNewest) {
      tally.newestStart = point.start;
      tally.newestEnd = point.end;
    }
    if (tally.byStart.size > this.#options.maxWindows) foldOldest(tally);
  }

  /** Series changed after `seq`, in order of name. */
  changedSince(seq: number): Record<string, CounterValue> {
    const changed: Record<string, CounterValue> = {};
    for (const series of [...this.#tallies.keys()].sort()) {
      const tally = this.#tallies.get(series)!;
      if (tally.changedAt <= seq) continue;
      changed[series] = {
        newest: tally.byStart.get(tally.newestStart) ?? 0,
        window: [tally.newestStart, tally.newestEnd],
        total: tally.total,
      };
    }
    return changed;
  }

  #tallyFor(series: string): Tally | undefined {
    let tally = this.#tallies.get(series);
    if (tally === undefined && this.#tallies.size < this.#options.maxSeries) {
      tally = {
        byStart: new Map(),
        foldedBelow: Number.NEGATIVE_INFINITY,
        newestStart: Number.NEGATIVE_INFINITY,
        newestEnd: Number.NEGATIVE_INFINITY,
        total: 0,
        changedAt: 0,
      };
      this.#tallies.set(series, tally);
    }
    return tally;
  }
}

/**
 * Folds the older half at once, so that finding the oldest costs a sort only every `maxWindows / 2`
 * records.
 */
function foldOldest(tally: Tally): void {
  const starts = [...tally.byStart.keys()].sort((a, b) => a - b);
  const fold = starts.slice(0, Math.ceil(starts.length / 2));
  for (const start of fold) tally.byStart.delete(start);
  tally.foldedBelow = starts[fold.length] ?? tally.newestStart;
}
