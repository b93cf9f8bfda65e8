/**
 * What a row that is gone had written, found by the key it was written under: a row can have made very
 * many records.
 *
 * @module
 */

import { murmur2 } from "../wire/mod.ts";
import type { Stage } from "./stage.ts";

interface Keyed {
  readonly stage: Stage;
  readonly key: Uint8Array;
}

export class GoneByKey<T extends Keyed> {
  /** By the hash of their keys; of one key in the order in which they were added. */
  readonly #buckets = new Map<number, T[]>();

  clear(): void {
    if (this.#buckets.size > 0) this.#buckets.clear();
  }

  add(gone: T): void {
    const hash = murmur2(gone.key, 0, gone.key.length);
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [gone]);
    else bucket.push(gone);
  }

  /** Takes out the first one of this stage and key that is meant; undefined where there is none. */
  take(
    stage: Stage,
    key: Uint8Array,
    start: number,
    end: number,
    isMeant: (gone: T) => boolean = () => true,
  ): T | undefined {
    if (this.#buckets.size === 0) return undefined;
    const bucket = this.#buckets.get(murmur2(key, start, end)) ?? [];
    const place = bucket.findIndex(
      (gone) => gone.stage === stage && isKey(gone.key, key, start, end) && isMeant(gone),
    );
    if (place < 0) return undefined;
    // Mostly the first one: `shift` moves nothing.
    return place === 0 ? bucket.shift() : bucket.splice(place, 1)[0];
  }

  *[Symbol.iterator](): Generator<T> {
    for (const bucket of this.#buckets.values()) yield* bucket;
  }
}

function isKey(held: Uint8Array, key: Uint8Array, start: number, end: number): boolean {
  if (held.length !== end - start) return false;
  for (let n = 0; n < held.length; n++) if (held[n] !== key[start + n]) return false;
  return true;
}
