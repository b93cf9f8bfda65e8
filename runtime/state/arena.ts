/**
 * Where the large arrays of state stand: in ranges of slabs that are used again at once. Tables grow
 * and windows go all the time; left to the garbage collector their arrays live on for a while, and
 * what they leave in the process's heap is in pieces that do not go back to the system.
 *
 * A slab is larger than what an allocator takes from its heap (glibc: 32 MiB), so it is memory of its
 * own that costs nothing until it is touched, and is given back whole.
 *
 * @module
 */

const SLAB_BYTES = 64 * 1024 ** 2;
/**
 * Smaller arrays are left to the heap, which is quicker for windows of few keys; those above a slab
 * are memory of their own anyway.
 */
const LEAST_BYTES = 1024 ** 2;
const ALIGNMENT_BYTES = 64;

interface Gap {
  at: number;
  bytes: number;
}

/** The gaps of a slab, in order; no two of them touch. */
type Gaps = Gap[];

export class Arena {
  /** By slab, the oldest first. */
  readonly #slabs = new Map<ArrayBuffer, Gaps>();

  /** Of slabs, used or not. */
  get bytes(): number {
    return this.#slabs.size * SLAB_BYTES;
  }

  /** An array of so many bytes. What stands in it is undefined. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes < LEAST_BYTES || bytes > SLAB_BYTES) return new Uint8Array(bytes);
    const room = aligned(bytes);
    for (const [slab, gaps] of this.#slabs) {
      const n = gaps.findIndex((gap) => gap.bytes >= room);
      if (n >= 0) return new Uint8Array(slab, cut(gaps, n, room), bytes);
    }
    const slab = new ArrayBuffer(SLAB_BYTES);
    const gaps = [{ at: 0, bytes: SLAB_BYTES }];
    this.#slabs.set(slab, gaps);
    return new Uint8Array(slab, cut(gaps, 0, room), bytes);
  }

  /** Takes an array back, whoever made it: nobody must look at it again. */
  give({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): void {
    const gaps = this.#slabs.get(buffer);
    if (gaps === undefined) return;
    insert(gaps, { at: byteOffset, bytes: aligned(byteLength) });
    // The only one is kept: the next window will need it.
    if (gaps[0]!.bytes === SLAB_BYTES && this.#slabs.size > 1) this.#slabs.delete(buffer);
  }
}

/** Cuts a range off the n-th gap. @returns where it starts */
function cut(gaps: Gaps, n: number, bytes: number): number {
  const gap = gaps[n]!;
  const { at } = gap;
  gap.at += bytes;
  gap.bytes -= bytes;
  if (gap.bytes === 0) gaps.splice(n, 1);
  return at;
}

function insert(gaps: Gaps, { at, bytes }: Gap): void {
  const found = gaps.findIndex((gap) => gap.at > at);
  const n = found < 0 ? gaps.length : found;
  const before = gaps[n - 1];
  const behind = gaps[n];
  const joinsBefore = before !== undefined && before.at + before.bytes === at;
  const joinsBehind = behind !== undefined && at + bytes === behind.at;
  const from = joinsBefore ? before.at : at;
  const to = joinsBehind ? behind.at + behind.bytes : at + bytes;
  const joined = Number(joinsBefore) + Number(joinsBehind);
  gaps.splice(joinsBefore ? n - 1 : n, joined, { at: from, bytes: to - from });
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
