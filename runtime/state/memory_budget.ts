/**
 * A byte budget shared by all state of one instance.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { Arena } from "./arena.ts";

/** @default 1 GiB */
export const DEFAULT_STATE_BYTES = 1024 ** 3;

/** Counts bytes of state; at the limit it stops the instance instead of spilling or forgetting. */
export class MemoryBudget {
  readonly limitBytes: number;
  /** Where the arrays stand. */
  readonly arena = new Arena();
  #usedBytes = 0;

  constructor(limitBytes: number = DEFAULT_STATE_BYTES) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get freeBytes(): number {
    return this.limitBytes - this.#usedBytes;
  }

  /**
   * Takes `bytes` more (negative: gives them back).
   * @throws {MillraceError} STATE_BUDGET when the limit would be passed; nothing is taken then
   */
  take(bytes: number): void {
    if (this.#usedBytes + bytes > this.limitBytes) {
      throw new MillraceError(
        "STATE_BUDGET",
        `Cannot keep more state: ${this.#usedBytes} bytes are used, ${bytes} more are needed and the ` +
          `budget is ${this.limitBytes}; raise --state-bytes, add instances, or shorten windows and grace`,
      );
    }
    this.#usedBytes += bytes;
  }
}
