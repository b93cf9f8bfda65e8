/**
 * The entries of windows where nothing can be taken away again: panes are combined two by two, those
 * by two again and so on, each pair once; a window is made of the few largest parts that it covers.
 *
 * Panes of records that were too late for some of their windows stand beside the tree.
 *
 * @module
 */

import type { EntryTable, Pane } from "../state/mod.ts";
import type { OverlappingOptions, WindowValues } from "./overlapping_windows.ts";
import type { EntryFunction } from "./program/mod.ts";
import { combineInto } from "./running_value.ts";

/** Two halves and what they make, or one half where the other is empty. */
interface Part {
  readonly entries: EntryTable;
  /** It was made here, of both halves. */
  readonly made: boolean;
}

export class PaneTree implements WindowValues {
  readonly #options: OverlappingOptions;
  readonly #combine: EntryFunction;
  /** By `level:number`; a part covers the panes from `number · 2^level` on. */
  readonly #parts = new Map<string, Part | undefined>();
  /** Of the last window, when it was made of several parts. */
  #made: EntryTable | undefined;

  constructor(options: OverlappingOptions, combine: EntryFunction) {
    this.#options = options;
    this.#combine = combine;
  }

  of(startMs: number, panes: readonly Pane[]): EntryTable {
    const { sizeMs, table } = this.#options;
    const main = new Map<number, Pane>();
    const parts: EntryTable[] = [];
    for (const pane of panes) {
      if (pane.boundMs === this.#firstWindow(pane.startMs)) {
        main.set(this.#numberOf(pane.startMs), pane);
      } else parts.push(pane);
    }
    const end = this.#numberOf(startMs + sizeMs);
    for (let number = this.#numberOf(startMs); number < end; ) {
      let level = 0;
      while (number % 2 ** (level + 1) === 0 && number + 2 ** (level + 1) <= end) level++;
      const part = this.#part(level, number / 2 ** level, main);
      if (part !== undefined) parts.push(part.entries);
      number += 2 ** level;
    }
    this.#made?.release();
    this.#made = undefined;
    const [only, ...others] = parts;
    if (only !== undefined && others.length === 0) return only;
    this.#made = table.combined();
    for (const part of parts) combineInto(this.#made, part, this.#combine);
    return this.#made;
  }

  leave(_panes: readonly Pane[], nextMs: number): void {
    const next = this.#numberOf(nextMs);
    for (const [key, part] of this.#parts) {
      const [level, number] = key.split(":", 2).map(Number) as [number, number];
      if (number * 2 ** level >= next) continue;
      if (part?.made) part.entries.release();
      this.#parts.delete(key);
    }
  }

  forget(): void {
    this.#made?.release();
    this.#made = undefined;
    for (const part of this.#parts.values()) if (part?.made) part.entries.release();
    this.#parts.clear();
  }

  #part(level: number, number: number, main: ReadonlyMap<number, Pane>): Part | undefined {
    if (level === 0) {
      const pane = main.get(number);
      return pane && { entries: pane, made: false };
    }
    const key = `${level}:${number}`;
    if (this.#parts.has(key)) return this.#parts.get(key);
    const left = this.#part(level - 1, number * 2, main);
    const right = this.#part(level - 1, number * 2 + 1, main);
    let part = left ?? right;
    if (part !== undefined) part = { entries: part.entries, made: false };
    if (left !== undefined && right !== undefined) {
      const entries = this.#options.table.combined();
      for (const half of [left, right]) {
        combineInto(entries, half.entries, this.#combine);
      }
      part = { entries, made: true };
    }
    this.#parts.set(key, part);
    return part;
  }

  /** Panes are numbered from the first one of 1970 on: one per advance, or two. */
  #numberOf(startMs: number): number {
    const { sizeMs, advanceMs, offsetMs } = this.#options;
    const steps = Math.floor((startMs - offsetMs) / advanceMs);
    if (sizeMs % advanceMs === 0) return steps;
    return 2 * steps + (startMs - offsetMs === steps * advanceMs ? 0 : 1);
  }

  /** Start of the first window that covers a time. */
  #firstWindow(timeMs: number): number {
    const { sizeMs, advanceMs, offsetMs } = this.#options;
    const start = Math.floor((timeMs - offsetMs - sizeMs) / advanceMs + 1) * advanceMs + offsetMs;
    return start >= 0 ? start : start + Math.ceil(-start / advanceMs) * advanceMs;
  }
}
