/**
 * The clock of one source partition: stream time, which goes on ticking when the partition is idle.
 *
 * @module
 */

/** Committed with the offset, restored before the first record. */
export interface SourceTime {
  /** Highest valid event time read so far, ms; -Infinity before the first. */
  readonly streamTimeMs: number;
  /** Wall clock when the last record was read, ms; -Infinity for never. */
  readonly lastReadMs: number;
}

export class SourceClock {
  /** `T_p`. Written by the generated program for every valid record. */
  streamTimeMs = Number.NEGATIVE_INFINITY;
  readonly #idleMs: number | null;
  #lastReadMs: number;
  #caughtUp = false;

  /**
   * @param idleMs silence after which a caught-up partition is idle; null = never
   * @param nowMs wall clock at the assignment: silence of a partition never read counts from here
   */
  constructor(idleMs: number | null, nowMs: number, restored?: SourceTime) {
    this.#idleMs = idleMs;
    this.#lastReadMs = nowMs;
    if (restored === undefined) return;
    this.streamTimeMs = restored.streamTimeMs;
    if (restored.lastReadMs > Number.NEGATIVE_INFINITY) this.#lastReadMs = restored.lastReadMs;
  }

  get lastReadMs(): number {
    return this.#lastReadMs;
  }

  /** A fetch brought records. */
  read(nowMs: number): void {
    this.#lastReadMs = nowMs;
  }

  /** What the last fetch showed: is the next offset the end of the log? */
  caughtUp(is: boolean): void {
    this.#caughtUp = is;
  }

  idle(nowMs: number): boolean {
    return this.#idleMs !== null && this.#caughtUp && nowMs - this.#lastReadMs >= this.#idleMs;
  }

  /** `C_p`: stream time, plus the silence beyond `idle` while idle. */
  nowMs(wallMs: number): number {
    if (!this.idle(wallMs)) return this.streamTimeMs;
    return this.streamTimeMs + (wallMs - this.#lastReadMs - (this.#idleMs ?? 0));
  }
}

/** Watermark of a task that reads only source partitions, and whether all of them are idle. */
export function sourceWatermark(
  clocks: readonly SourceClock[],
  wallMs: number,
): { readonly watermarkMs: number; readonly idle: boolean } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let idle = true;
  for (const clock of clocks) {
    const time = clock.nowMs(wallMs);
    if (clock.idle(wallMs)) {
      highest = Math.max(highest, time);
    } else {
      idle = false;
      lowest = Math.min(lowest, time);
    }
  }
  return { watermarkMs: idle ? highest : lowest, idle };
}
