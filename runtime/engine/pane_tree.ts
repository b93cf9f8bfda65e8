/**
 * Windows where nothing can be taken away again: panes are combined two by two, those by two again and
 * so on, each pair once as long as its panes do not change; a window is made of the few largest parts
 * that it covers.
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
  /** Sum of its panes': another one when any of them has changed. */
  readonly version: number;
}

export class PaneTree implements WindowValues {
  readonly #options: OverlappingOptions;
  readonly #combine: EntryFunction;
  /** By `level:number`; a part covers the panes from `number · 2^level` on. */
  readonly #parts = new Map<string, Part>();
  /** Of the last window, when it was made of several parts. */
  #made: EntryTable | undefined;

  constructor(options: OverlappingOptions, combine: EntryFunction) {
    this.#options = options;
    this.#combine = combine;
  }

  of(startMs: number, panes: readonly Pane[]): EntryTable {
    const { table } = this.#options;
    this.#made?.release();
    this.#made = undefined;
    const parts = this.partsOf(startMs, panes);
    const [only, ...others] = parts;
    if (only !== undefined && others.length === 0) return only;
    this.#made = table.combined();
    for (const part of parts) combineInto(this.#made, part, this.#combine);
    return this.#made;
  }

  /**
   * The parts of a window, none of them twice.
   * @param panes those that count in it
   * @param isSettled false for a pane that will change again soon: nothing is made of it
   */
  partsOf(
    startMs: number,
    panes: readonly Pane[],
    isSettled: (pane: Pane) => boolean = () => true,
  ): readonly EntryTable[] {
    const { sizeMs } = this.#options;
    const first = this.#numberOf(startMs);
    const end = this.#numberOf(startMs + sizeMs);
    const parts: EntryTable[] = [];
    const row = new PaneRow(first, end);
    for (const pane of panes) {
      if (pane.boundMs === this.#firstWindow(pane.startMs)) {
        row.set(this.#numberOf(pane.startMs), pane, isSettled(pane));
      } else parts.push(pane);
    }
    row.sum();
    for (let number = first; number < end; ) {
      let level = 0;
      while (
        number % 2 ** (level + 1) === 0 &&
        number + 2 ** (level + 1) <= end &&
        row.isSettled(number, number + 2 ** (level + 1))
      ) {
        level++;
      }
      const part = this.#part(level, number / 2 ** level, row);
      if (part !== undefined) parts.push(part.entries);
      number += 2 ** level;
    }
    return parts;
  }

  leave(_panes: readonly Pane[], nextMs: number): void {
    const next = this.#numberOf(nextMs);
    for (const [key, part] of this.#parts) {
      const [level, number] = key.split(":", 2).map(Number) as [number, number];
      if (number * 2 ** level >= next) continue;
      if (part.made) part.entries.release();
      this.#parts.delete(key);
    }
  }

  /** A part is made again when a pane of it has changed. */
  forget(): void {}

  release(): void {
    this.#made?.release();
    this.#made = undefined;
    for (const part of this.#parts.values()) if (part.made) part.entries.release();
    this.#parts.clear();
  }

  #part(level: number, number: number, row: PaneRow): Part | undefined {
    const first = number * 2 ** level;
    const version = row.version(first, first + 2 ** level);
    if (version === 0) return undefined;
    if (level === 0) return { entries: row.at(first)!, made: false, version };
    const key = `${level}:${number}`;
    const known = this.#parts.get(key);
    if (known?.version === version) return known;
    if (known?.made) known.entries.release();
    const left = this.#part(level - 1, number * 2, row);
    const right = this.#part(level - 1, number * 2 + 1, row);
    const one = (left ?? right)!;
    let part: Part = { entries: one.entries, made: false, version };
    if (left !== undefined && right !== undefined) {
      const entries = this.#options.table.combined();
      for (const half of [left, right]) combineInto(entries, half.entries, this.#combine);
      part = { entries, made: true, version };
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

/** The panes of one window in the tree, by their numbers. */
class PaneRow {
  readonly #first: number;
  readonly #panes: (Pane | undefined)[];
  /** Up to a pane: the sum of the versions, and how many are not settled. */
  readonly #versions: Float64Array;
  readonly #unsettled: Int32Array;

  constructor(first: number, end: number) {
    const count = end - first;
    this.#first = first;
    this.#panes = new Array<Pane | undefined>(count).fill(undefined);
    this.#versions = new Float64Array(count + 1);
    this.#unsettled = new Int32Array(count + 1);
  }

  set(number: number, pane: Pane, isSettled: boolean): void {
    const place = number - this.#first;
    this.#panes[place] = pane;
    this.#versions[place + 1] = pane.version;
    this.#unsettled[place + 1] = isSettled ? 0 : 1;
  }

  /** All were set. */
  sum(): void {
    for (let n = 1; n < this.#versions.length; n++) {
      this.#versions[n]! += this.#versions[n - 1]!;
      this.#unsettled[n]! += this.#unsettled[n - 1]!;
    }
  }

  at(number: number): Pane | undefined {
    return this.#panes[number - this.#first];
  }

  /** 0 where there are no panes. */
  version(first: number, end: number): number {
    return this.#versions[end - this.#first]! - this.#versions[first - this.#first]!;
  }

  isSettled(first: number, end: number): boolean {
    return this.#unsettled[end - this.#first] === this.#unsettled[first - this.#first];
  }
}
