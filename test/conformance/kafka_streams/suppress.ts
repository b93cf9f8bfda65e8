/**
 * `suppress(untilWindowCloses)` as Kafka Streams 4.3 does it: the newest update of each window waits in
 * a buffer until the updates themselves have shown a time at its end and grace.
 *
 * @module
 */

import { compareText, type WindowResult } from "./semantics.ts";

export class Suppression {
  readonly #waitMs: number;
  #buffered = new Map<string, WindowResult>();
  #streamTimeMs = -1;

  /** @param waitMs behind a window's end: grace, and the gap of a session */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** @returns what goes out with an update */
  process(update: WindowResult): readonly WindowResult[] {
    this.#streamTimeMs = Math.max(this.#streamTimeMs, update.ts);
    this.#buffered.set(update.keyHex, update);
    const due = [...this.#buffered.values()]
      .filter(({ windowEnd }) => windowEnd + this.#waitMs <= this.#streamTimeMs)
      .sort((a, b) => a.windowEnd - b.windowEnd || compareText(a.keyHex, b.keyHex));
    for (const { keyHex } of due) this.#buffered.delete(keyHex);
    return due.filter(({ value }) => value !== null);
  }
}
