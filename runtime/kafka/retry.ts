/** Waiting between attempts: exponential with jitter, so that members do not come back in step. */

import type { Clock } from "../engine/mod.ts";
import { isTransient } from "./errors.ts";

const FIRST_MS = 50;
const MAX_MS = 1_000;

/** Pause before attempt `attempt` (1 is the first repetition), ms: half fixed, half random. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.ceil(ceiling / 2 + (random() * ceiling) / 2);
}

export interface RetryLimits {
  readonly clock: Clock;
  /** No new attempt begins later than this, ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats `attempt` while it throws transient errors.
 *
 * @throws what `attempt` threw last; the signal's reason when aborted
 */
export async function retry<T>(
  limits: RetryLimits,
  attempt: (count: number) => Promise<T>,
): Promise<T> {
  const deadline = limits.clock.monotonic() + limits.timeoutMs;
  for (let count = 1; ; count++) {
    limits.signal?.throwIfAborted();
    try {
      return await attempt(count);
    } catch (error) {
      const pauseMs = backoffMs(count);
      if (!isTransient(error) || limits.clock.monotonic() + pauseMs > deadline) throw error;
      await limits.clock.sleep(pauseMs, limits.signal);
    }
  }
}
