/**
 * Entries by the times at which they are due: a binary heap in typed arrays.
 *
 * @module
 */

import type { MemoryBudget } from "../state/mod.ts";

const FIRST_ITEMS = 64;
const ITEM_BYTES = 12;

export class DueQueue {
  readonly #budget: MemoryBudget;
  #times = new Float64Array(FIRST_ITEMS);
  #entries = new Int32Array(FIRST_ITEMS);
  #size = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
    budget.take(FIRST_ITEMS * ITEM_BYTES);
  }

  /** Of the first one, ms; Infinity when there is none. */
  get nextMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#times[0]!;
  }

  push(timeMs: number, entry: number): void {
    if (this.#size === this.#times.length) this.#grow();
    let at = this.#size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#times[above]! <= timeMs) break;
      this.#move(above, at);
      at = above;
    }
    this.#set(at, timeMs, entry);
  }

  /** Takes the first one out. @returns its entry */
  pop(): number {
    const first = this.#entries[0]!;
    const size = --this.#size;
    const timeMs = this.#times[size]!;
    const entry = this.#entries[size]!;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && this.#times[below + 1]! < this.#times[below]!) below++;
      if (this.#times[below]! >= timeMs) break;
      this.#move(below, at);
      at = below;
    }
    this.#set(at, timeMs, entry);
    return first;
  }

  /** Gives its bytes back to the budget; it must not be used after. */
  release(): void {
    this.#budget.take(-this.#times.length * ITEM_BYTES);
  }

  #set(at: number, timeMs: number, entry: number): void {
    this.#times[at] = timeMs;
    this.#entries[at] = entry;
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from]!, this.#entries[from]!);
  }

  #grow(): void {
    this.#budget.take(this.#times.length * ITEM_BYTES);
    const [times, entries] = [this.#times, this.#entries];
    this.#times = new Float64Array(times.length * 2);
    this.#entries = new Int32Array(entries.length * 2);
    this.#times.set(times);
    this.#entries.set(entries);
  }
}
