/**
 * A live counter: newest window and total over all windows, per series.
 *
 * All series show one window, or numbers that stand side by side would not belong together: the
 * newest one that any of them has a record for. A series without a record there shows the window
 * before it, because the result of another partition may be some ms behind; without one there, too,
 * nothing was counted, and it shows 0.
 *
 * The total is a sum over (series, window) with the last write winning, not over records: results
 * may be written again after a crash, and a restarted server must reach the same number.
 *
 * @module
 */

import type { Point } from "./evaluate.ts";
import type { CounterValue } from "./protocol.ts";

type Window = readonly [start: number, end: number];

interface Tally {
  /** Value by window start, in order of insertion; at most `maxWindows`, but two in any case. */
  readonly byStart: Map<number, number>;
  /** Windows below this are folded into the total and can no longer be replaced. */
  foldedBelow: number;
  /** Of this series. */
  newest: Window;
  total: number;
  changedAt: number;
}

export interface CounterOptions {
  readonly maxSeries: number;
  readonly maxWindows: number;
  readonly only?: readonly string[];
}

const NO_WINDOW: Window = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];

export class Counter {
  readonly #options: CounterOptions;
  readonly #tallies = new Map<string, Tally>();
  /** Of all series together. */
  #newest = NO_WINDOW;
  /** The next older start that any series has a record for. */
  #beforeNewest = NO_WINDOW;
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
    if (before === y) return;
    tally.total += y - (before ?? 0);
    tally.byStart.set(point.start, y);
    tally.changedAt = seq;
    const window: Window = [point.start, point.end];
    if (point.start > tally.newest[0]) tally.newest = window;
    if (tally.byStart.size > this.#options.maxWindows) foldOldest(tally);
    this.#noteWindow(window, seq);
  }

  /** Series changed after `seq`, in order of name. */
  changedSince(seq: number): Record<string, CounterValue> {
    const changed: Record<string, CounterValue> = {};
    for (const series of [...this.#tallies.keys()].sort()) {
      const tally = this.#tallies.get(series)!;
      if (tally.changedAt <= seq) continue;
      const window = this.#windowOf(tally);
      const newest = tally.byStart.get(window[0]) ?? 0;
      changed[series] = { newest, window, total: tally.total };
    }
    return changed;
  }

  #noteWindow(window: Window, seq: number): void {
    const [start] = window;
    if (start > this.#newest[0]) {
      this.#beforeNewest = this.#newest;
      this.#newest = window;
    } else if (start > this.#beforeNewest[0] && start < this.#newest[0]) {
      this.#beforeNewest = window;
    } else {
      return;
    }
    // What the other series show has moved on, or fallen to 0.
    for (const tally of this.#tallies.values()) tally.changedAt = seq;
  }

  #windowOf({ byStart, newest }: Tally): Window {
    const [start, end] = this.#newest;
    // Records without a window have a time each, and no series shares it with another.
    if (start === end) return newest;
    const isBehind = !byStart.has(start) && byStart.has(this.#beforeNewest[0]);
    return isBehind ? this.#beforeNewest : this.#newest;
  }

  #tallyFor(series: string): Tally | undefined {
    let tally = this.#tallies.get(series);
    if (tally === undefined && this.#tallies.size < this.#options.maxSeries) {
      tally = {
        byStart: new Map(),
        foldedBelow: Number.NEGATIVE_INFINITY,
        newest: NO_WINDOW,
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
 * records. The newest two stay: they may be shown.
 */
function foldOldest(tally: Tally): void {
  const starts = [...tally.byStart.keys()].sort((a, b) => a - b);
  const fold = starts.slice(
    0,
    Math.max(0, Math.min(Math.ceil(starts.length / 2), starts.length - 2)),
  );
  if (fold.length === 0) return;
  for (const start of fold) tally.byStart.delete(start);
  tally.foldedBelow = starts[fold.length] ?? tally.newest[0];
}
