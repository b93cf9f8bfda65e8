/**
 * State of one stage of one task whose windows do not depend on the records: a pane per open window,
 * or the panes that windows share.
 *
 * @module
 */

import {
  type EntryImage,
  type EntryPlace,
  EntryShape,
  type EntryShapeOptions,
} from "./entry_shape.ts";
import { EntryTable } from "./entry_table.ts";
import { Pane } from "./pane.ts";
import type { EntryGroup, StageTable } from "./stage_table.ts";
import type { TrackedEntries } from "./tracked_entries.ts";

const NONE: readonly Pane[] = [];

export class WindowTable implements StageTable {
  readonly shape: EntryShape;
  /** In order of their starts, then of their bounds. */
  readonly #panes: Pane[] = [];
  #last: Pane | undefined;

  constructor(options: EntryShapeOptions) {
    this.shape = new EntryShape(options);
  }

  get firstAccumulator(): number {
    return this.shape.firstAccumulator;
  }

  get maxTime(): number | undefined {
    return this.shape.maxTime;
  }

  /**
   * The pane, made if there is none. The last one asked for is found without a look-up.
   * @param boundMs see `Pane`
   */
  pane(startMs: number, boundMs: number): Pane {
    const last = this.#last;
    if (last !== undefined && last.startMs === startMs && last.boundMs === boundMs) return last;
    const place = this.#placeOf(startMs, boundMs);
    let pane = this.#panes[place];
    if (pane?.startMs !== startMs || pane.boundMs !== boundMs) {
      pane = new Pane(startMs, boundMs, this.shape.layout, this.shape.budget);
      if (last !== undefined) pane.expectSizeOf(last);
      this.#panes.splice(place, 0, pane);
    }
    this.#last = pane;
    return pane;
  }

  /** All panes in order of their starts, then of their bounds; not to be kept. */
  open(): readonly Pane[] {
    return this.#panes;
  }

  /**
   * Takes the first panes out of the table, as long as they are meant; the caller releases them when
   * it is done with them.
   */
  detachWhile(isMeant: (pane: Pane) => boolean): readonly Pane[] {
    let count = 0;
    while (count < this.#panes.length && isMeant(this.#panes[count]!)) count++;
    if (count === 0) return NONE;
    const detached = this.#panes.splice(0, count);
    if (this.#last !== undefined && detached.includes(this.#last)) this.#last = undefined;
    return detached;
  }

  groups(): readonly EntryGroup[] {
    return this.open().map(groupOf);
  }

  group(startMs: number, boundMs: number): TrackedEntries {
    return this.pane(startMs, boundMs);
  }

  /** Entries of the same shape, which belong to no pane. */
  combined(): EntryTable {
    return new EntryTable(this.shape.layout, this.shape.budget);
  }

  drainDirty(visit: (pane: Pane, entry: number) => boolean): boolean {
    return this.#panes.every((pane) => pane.drainDirty((entry) => visit(pane, entry)));
  }

  takeDeleted(visit: (pane: Pane, entry: number) => void): void {
    for (const pane of this.#panes) for (const entry of pane.takeDeleted()) visit(pane, entry);
  }

  /** Calls back for every entry whose result has changed since the last call: windows in order, then keys. */
  takeChanged(visit: (pane: Pane, entry: number) => void): void {
    for (const pane of this.open()) for (const entry of pane.takeChanged()) visit(pane, entry);
  }

  changeAll(): void {
    for (const pane of this.open()) pane.changeAll();
  }

  image(pane: Pane, entry: number): EntryImage {
    return this.shape.image(pane, entry);
  }

  restore({ startMs, boundMs, key }: EntryPlace, image: EntryImage | undefined): boolean {
    if (image === undefined) {
      const known = this.#panes[this.#placeOf(startMs, boundMs)];
      if (known?.startMs !== startMs || known.boundMs !== boundMs) return true;
      const entry = known.seek(key, 0, key.length);
      if (entry >= 0) known.remove(entry);
      return true;
    }
    if (!this.shape.fits(image)) return false;
    const pane = this.pane(startMs, boundMs);
    const entry = pane.find(key, 0, key.length);
    this.shape.fill(pane, entry, image);
    pane.markRestored(entry);
    return true;
  }

  restored(): void {
    for (const pane of this.open()) pane.listDeleted();
  }

  release(): void {
    for (const pane of this.detachWhile(() => true)) pane.release();
  }

  /** Where a pane stands among all, or would stand. */
  #placeOf(startMs: number, boundMs: number): number {
    const panes = this.#panes;
    let least = 0;
    let most = panes.length;
    while (least < most) {
      const middle = (least + most) >> 1;
      const { startMs: start, boundMs: bound } = panes[middle]!;
      if (start < startMs || (start === startMs && bound < boundMs)) least = middle + 1;
      else most = middle;
    }
    return least;
  }
}

export function groupOf(pane: Pane): EntryGroup {
  return { startMs: pane.startMs, boundMs: pane.boundMs, entries: pane };
}
