/**
 * How far sink topics have been read, per stream and partition.
 *
 * @module
 */

import type { Positions } from "./protocol.ts";

export class PositionTable {
  readonly #offsets = new Map<string, number[]>();

  /**
   * Notes that a record was read.
   *
   * @returns false when this record or a later one of its partition was read before
   */
  advance(stream: string, partition: number, offset: number): boolean {
    let offsets = this.#offsets.get(stream);
    if (offsets === undefined) this.#offsets.set(stream, (offsets = []));
    while (offsets.length <= partition) offsets.push(-1);
    if (offset <= offsets[partition]!) return false;
    offsets[partition] = offset;
    return true;
  }

  /** True when everything below `other` (and `other` itself) was read. */
  covers(other: Positions): boolean {
    return Object.entries(other).every(([stream, offsets]) => {
      const own = this.#offsets.get(stream) ?? [];
      return offsets.every((offset, partition) => (own[partition] ?? -1) >= offset);
    });
  }

  toJSON(): Positions {
    return Object.fromEntries(
      [...this.#offsets].map(([stream, offsets]) => [stream, [...offsets]]),
    );
  }
}
