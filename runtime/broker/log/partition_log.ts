import { setBaseOffset } from "../../wire/mod.ts";
import type { LogBudget } from "./log_budget.ts";

/** One batch as it stands in the log. */
export interface StoredBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** Of its records, Unix epoch ms. */
  readonly maxTimestamp: number;
  readonly bytes: Uint8Array;
}

/** A run of batches to hand out, valid until the log is next changed. */
export interface Selection {
  readonly from: number;
  readonly to: number;
  readonly sizeBytes: number;
}

/** The one leader has been it from the beginning. */
export const LEADER_EPOCH = 0;

/** What a batch costs beside its bytes, roughly: without it, tiny batches would be free. */
export const BATCH_OVERHEAD_BYTES = 200;

/** Removed batches are cut off the array when they are this many and half of it. */
const MIN_CUT = 64;

/**
 * One partition's records, in memory: batches in the order of their offsets, each the bytes that its
 * producer sent with the base offset filled in. Records are never looked at here.
 */
export class PartitionLog {
  /** Called, and forgotten, when anything changes that a parked reader may wait for. */
  readonly waiters = new Set<() => void>();
  readonly #budget: LogBudget;
  #batches: StoredBatch[] = [];
  /** Batches before this index are removed. */
  #head = 0;
  #startOffset = 0;
  #endOffset = 0;
  #sizeBytes = 0;

  constructor(budget: LogBudget) {
    this.#budget = budget;
  }

  /** Offset of the first record that can be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** Offset that the next record gets; with one replica also the high watermark. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Record bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get batchCount(): number {
    return this.#batches.length - this.#head;
  }

  /**
   * Appends one batch, which becomes the log's, and wakes its readers. The caller has checked it and
   * has made sure that the budget holds.
   *
   * @returns the offset of its first record
   */
  append(bytes: Uint8Array, recordCount: number, maxTimestamp: number): number {
    const baseOffset = this.#endOffset;
    setBaseOffset(bytes, 0, baseOffset, LEADER_EPOCH);
    this.#endOffset = baseOffset + recordCount;
    this.#batches.push({ baseOffset, lastOffset: this.#endOffset - 1, maxTimestamp, bytes });
    this.#sizeBytes += bytes.length;
    this.#budget.usedBytes += bytes.length + BATCH_OVERHEAD_BYTES;
    this.wake();
    return baseOffset;
  }

  /**
   * Whole batches from the one that holds `offset` on, as many as fit; the first whatever its size.
   *
   * @param offset between `startOffset` and `endOffset`, both included
   */
  select(offset: number, maxBytes: number): Selection {
    const from = this.#indexOf(offset);
    let to = from;
    let sizeBytes = 0;
    for (; to < this.#batches.length; to++) {
      const size = this.#batches[to]!.bytes.length;
      if (to > from && sizeBytes + size > maxBytes) break;
      sizeBytes += size;
    }
    return { from, to, sizeBytes };
  }

  /** The selected batches in memory of their own. */
  copy({ from, to, sizeBytes }: Selection): Uint8Array {
    const copied = new Uint8Array(sizeBytes);
    let at = 0;
    for (let index = from; index < to; index++) {
      const { bytes } = this.#batches[index]!;
      copied.set(bytes, at);
      at += bytes.length;
    }
    return copied;
  }

  /** The batches that are left, oldest first. */
  *batches(): Generator<StoredBatch, void, undefined> {
    for (let index = this.#head; index < this.#batches.length; index++) {
      yield this.#batches[index]!;
    }
  }

  /** Moves the start of the log, never back; batches that end before it are removed. */
  deleteBefore(offset: number): void {
    if (offset <= this.#startOffset) return;
    this.#startOffset = Math.min(offset, this.#endOffset);
    let removed = 0;
    while (this.#head < this.#batches.length) {
      const { lastOffset, bytes } = this.#batches[this.#head]!;
      if (lastOffset >= this.#startOffset) break;
      removed += bytes.length + BATCH_OVERHEAD_BYTES;
      this.#sizeBytes -= bytes.length;
      this.#head++;
    }
    this.#budget.usedBytes -= removed;
    if (this.#head >= MIN_CUT && this.#head * 2 >= this.#batches.length) {
      this.#batches = this.#batches.slice(this.#head);
      this.#head = 0;
    } else {
      // Their bytes go at once, only their places wait for the cut.
      for (let index = this.#head - 1; index >= 0 && this.#batches[index] !== GONE; index--) {
        this.#batches[index] = GONE;
      }
    }
    this.wake();
  }

  /** Gives everything back and wakes its readers, who will not find the log any more. */
  destroy(): void {
    this.#budget.usedBytes -= this.#sizeBytes + this.batchCount * BATCH_OVERHEAD_BYTES;
    this.#batches = [];
    this.#head = 0;
    this.#sizeBytes = 0;
    this.wake();
  }

  wake(): void {
    if (this.waiters.size === 0) return;
    const waiters = [...this.waiters];
    this.waiters.clear();
    for (const waiter of waiters) waiter();
  }

  /** Index of the first batch that ends at `offset` or later. */
  #indexOf(offset: number): number {
    let low = this.#head;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#batches[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const GONE: StoredBatch = {
  baseOffset: -1,
  lastOffset: -1,
  maxTimestamp: -1,
  bytes: new Uint8Array(0),
};
