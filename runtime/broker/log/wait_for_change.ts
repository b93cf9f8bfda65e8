import type { Timers } from "../timers.ts";
import type { PartitionLog } from "./partition_log.ts";

/** Resolves when one of the logs changes, when the time is up, or when the client is gone. */
export function waitForChange(
  logs: readonly PartitionLog[],
  waitMs: number,
  timers: Timers,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", done);
      for (const log of logs) log.waiters.delete(done);
      resolve();
    };
    const timer = timers.after(waitMs, done);
    signal.addEventListener("abort", done, { once: true });
    for (const log of logs) log.waiters.add(done);
    if (signal.aborted) done();
  });
}
