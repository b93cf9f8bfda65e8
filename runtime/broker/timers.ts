import type { Clock } from "../engine/mod.ts";

/** What a runtime's own timers can wait at most. */
const MAX_WAIT_MS = 0x7fffffff;

export interface Timer {
  /** Does nothing once the timer has fired. */
  cancel(): void;
}

/** Callbacks after a wait on the clock port; all of them end with `close`. */
export class Timers {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #pending = new Set<AbortController>();
  #isClosed = false;

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  after(waitMs: number, run: () => void): Timer {
    const stop = new AbortController();
    if (!this.#isClosed) {
      this.#pending.add(stop);
      void this.#wait(waitMs, stop, run);
    }
    return {
      cancel: () => {
        this.#pending.delete(stop);
        stop.abort();
      },
    };
  }

  /** Resolves after the wait, or as soon as the signal is aborted. */
  sleep(waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = this.after(waitMs, done);
      signal.addEventListener("abort", done, { once: true });
      if (signal.aborted) done();
    });
  }

  /** Runs again and again, each wait beginning when the last run has ended. */
  every(waitMs: number, run: () => void): void {
    this.after(waitMs, () => {
      try {
        run();
      } finally {
        this.every(waitMs, run);
      }
    });
  }

  async #wait(waitMs: number, stop: AbortController, run: () => void): Promise<void> {
    try {
      await this.#clock.sleep(Math.min(waitMs, MAX_WAIT_MS), stop.signal);
      if (stop.signal.aborted) return;
      this.#pending.delete(stop);
      run();
    } catch (error) {
      // A clock may reject when a sleep is aborted; anything else is a defect of what ran.
      if (!stop.signal.aborted) this.#onError(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#pending) stop.abort();
    this.#pending.clear();
  }
}
