/**
 * Waiting for the end, and ending in order.
 *
 * @module
 */

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Things that were started, ended in the opposite order, each whatever the others do. */
export class Closers {
  readonly #closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** @returns what went wrong; the rest was closed all the same */
  async close(): Promise<readonly unknown[]> {
    const problems: unknown[] = [];
    for (const close of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        problems.push(error);
      }
    }
    this.#closers.length = 0;
    return problems;
  }
}
