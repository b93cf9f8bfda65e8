/**
 * The newest windows of one chart: what a page opened now has to be shown.
 *
 * @module
 */

import type { Point } from "./evaluate.ts";
import type { WindowRow } from "./protocol.ts";

interface Row {
  readonly start: number;
  end: number;
  readonly values: Map<string, number | null>;
  /** Seq of the flush that carries its last change. */
  changedAt: number;
}

export interface ChartRingOptions {
  /** Windows kept. */
  readonly windows: number;
  /** Series kept. */
  readonly maxSeries: number;
  /** Drawn series; absent = every one. */
  readonly only?: readonly string[];
}

/**
 * Rows in order of window start. A window in which only series that are not drawn have a record is
 * kept as an empty row: it tells the page that the drawn ones have nothing there.
 */
export class ChartRing {
  readonly #options: ChartRingOptions;
  readonly #drawn: ReadonlySet<string> | undefined;
  readonly #series = new Set<string>();
  /** Ascending by start, at most `windows`. */
  readonly #rows: Row[] = [];
  /** Records older than the oldest window of a full ring; in the topic, but no longer shown. */
  rolledOff = 0;
  /** Records of series beyond `maxSeries`. */
  tooManySeries = 0;

  constructor(options: ChartRingOptions) {
    this.#options = options;
    this.#drawn = options.only === undefined ? undefined : new Set(options.only);
  }

  /** Applies one point; the last write of a (series, window) wins. */
  apply(point: Point, seq: number): void {
    const drawn = this.#drawn === undefined || this.#drawn.has(point.series);
    if (drawn && !this.#admits(point.series)) {
      this.tooManySeries++;
      return;
    }
    const row = this.#rowFor(point, seq);
    if (row === undefined) {
      this.rolledOff++;
      return;
    }
    if (!drawn || row.values.get(point.series) === point.y) return;
    row.values.set(point.series, point.y);
    row.changedAt = seq;
  }

  /** Rows changed after `seq`, in order of start. */
  changedSince(seq: number): WindowRow[] {
    return this.#rows
      .filter((row) => row.changedAt > seq)
      .map(({ start, end, values }) => ({ start, end, values: Object.fromEntries(values) }));
  }

  #admits(series: string): boolean {
    if (this.#series.has(series)) return true;
    if (this.#series.size >= this.#options.maxSeries) return false;
    this.#series.add(series);
    return true;
  }

  /** Finds or inserts; windows mostly arrive in order, so it searches from the newest. */
  #rowFor(point: Point, seq: number): Row | undefined {
    const rows = this.#rows;
    let at = rows.length;
    while (at > 0 && rows[at - 1]!.start > point.start) at--;
    const found = rows[at - 1];
    if (found?.start === point.start) {
      found.end = point.end;
      return found;
    }
    const full = rows.length >= this.#options.windows;
    if (full && at === 0) return undefined;
    const row = { start: point.start, end: point.end, values: new Map(), changedAt: seq };
    rows.splice(at, 0, row);
    if (full) rows.shift();
    return row;
  }
}
