/**
 * What is tried again while its fault is transient.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import type { Clock } from "./ports.ts";

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5000;

export class Retries {
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  readonly #onRetry: (what: string, error: MillraceError) => void;

  /** @param stopping when it is aborted nothing is tried again */
  constructor(
    clock: Clock,
    stopping: AbortSignal,
    onRetry: (what: string, error: MillraceError) => void,
  ) {
    this.#clock = clock;
    this.#stopping = stopping;
    this.#onRetry = onRetry;
  }

  /** Calls, and calls again, later and later, while the fault is transient. */
  async until<T>(what: string, call: () => Promise<T>): Promise<T> {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      try {
        return await call();
      } catch (error) {
        const isTransient = error instanceof MillraceError && error.faultClass === "transient";
        if (!isTransient || this.#stopping.aborted) throw error;
        this.#onRetry(what, error);
        await this.#clock.sleep(waitMs * (0.5 + Math.random() / 2), this.#stopping);
      }
    }
  }
}
