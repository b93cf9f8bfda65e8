/**
 * Entries of many windows in one table: each is named by its place, which stands before its key.
 *
 *     key of an entry   int64BE start, int64BE bound, key bytes
 *
 * @module
 */

import { readInt64, writeInt64 } from "../wire/mod.ts";
import { entryKeyOf, PLACE_BYTES } from "./changelog.ts";
import type { EntryImage, EntryPlace, EntryShape } from "./entry_shape.ts";
import { TrackedEntries } from "./tracked_entries.ts";

export class PlacedEntries extends TrackedEntries {
  readonly shape: EntryShape;
  #name = new Uint8Array(256);

  constructor(shape: EntryShape) {
    super(shape.layout, shape.budget);
    this.shape = shape;
  }

  override keyStart(entry: number): number {
    return super.keyStart(entry) + PLACE_BYTES;
  }

  override changelogKey(entry: number): Uint8Array {
    return entryKeyOf(this.keys.subarray(super.keyStart(entry), this.keyEnd(entry)));
  }

  startMs(entry: number): number {
    return readInt64(this.keys, super.keyStart(entry));
  }

  /** What tells it from others of its key and start. */
  boundMs(entry: number): number {
    return readInt64(this.keys, super.keyStart(entry) + 8);
  }

  /** The entry of a key at a place, made if there is none. */
  findAt(startMs: number, boundMs: number, key: Uint8Array, start: number, end: number): number {
    return this.find(this.#name, 0, this.#named(startMs, boundMs, key, start, end));
  }

  /** Takes an entry out whose records count in nothing to come, or stand in another one. */
  retire(entry: number): void {
    this.drop(entry);
  }

  /** Puts an entry in that the changelog has; `restored` follows. */
  restore({ startMs, boundMs, key }: EntryPlace, image: EntryImage | undefined): boolean {
    if (image === undefined) {
      const entry = this.seek(this.#name, 0, this.#named(startMs, boundMs, key, 0, key.length));
      if (entry >= 0) this.remove(entry);
      return true;
    }
    if (!this.shape.fits(image)) return false;
    const entry = this.findAt(startMs, boundMs, key, 0, key.length);
    this.shape.fill(this, entry, image);
    this.markRestored(entry);
    return true;
  }

  /** All of the changelog was given to `restore`, or a snapshot was loaded. */
  restored(): void {
    this.listDeleted();
  }

  /** @returns the end of the name in `#name` */
  #named(startMs: number, boundMs: number, key: Uint8Array, start: number, end: number): number {
    const length = PLACE_BYTES + end - start;
    if (this.#name.length < length) this.#name = new Uint8Array(length * 2);
    writeInt64(this.#name, 0, startMs);
    writeInt64(this.#name, 8, boundMs);
    this.#name.set(key.subarray(start, end), PLACE_BYTES);
    return length;
  }
}
