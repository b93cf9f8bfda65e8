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
  /** Latest moment at which a fetch showed that nothing was left to read, ms. */
  #caughtUpAtMs = Number.NEGATIVE_INFINITY;

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

  /**
   * What the last fetch showed.
   * @param atMs when it was asked for, if the next offset was the end of the log; else undefined
   */
  caughtUp(atMs: number | undefined): void {
    this.#caughtUpAtMs = atMs ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Silent for `idle`, as far as fetches have shown it. The wall clock does not count: an instance that
   * was held up knows nothing of what was written meanwhile.
   */
  get idle(): boolean {
    return this.#idleMs !== null && this.#caughtUpAtMs - this.#lastReadMs >= this.#idleMs;
  }

  /** `C_p`: stream time, plus the silence beyond `idle` while idle. */
  get timeMs(): number {
    if (!this.idle) return this.streamTimeMs;
    return this.streamTimeMs + (this.#caughtUpAtMs - this.#lastReadMs - (this.#idleMs ?? 0));
  }
}
