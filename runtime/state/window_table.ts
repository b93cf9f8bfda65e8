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

export class WindowTable implements StageTable {
  readonly shape: EntryShape;
  readonly #panes = new Map<number, Pane[]>();
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
    const beside = this.#panes.get(startMs);
    let pane = beside?.find((one) => one.boundMs === boundMs);
    if (pane === undefined) {
      pane = new Pane(startMs, boundMs, this.shape.layout, this.shape.budget);
      if (last !== undefined) pane.expectSizeOf(last);
      if (beside === undefined) this.#panes.set(startMs, [pane]);
      else beside.push(pane);
    }
    this.#last = pane;
    return pane;
  }

  /** All panes in order of their starts, then of their bounds. */
  open(): Pane[] {
    const all = [...this.#panes.values()].flat();
    return all.sort((a, b) => a.startMs - b.startMs || a.boundMs - b.boundMs);
  }

  /** Takes a pane out of the table; the caller releases it when it is done with it. */
  detach(pane: Pane): void {
    const { startMs } = pane;
    const others = this.#panes.get(startMs)!.filter((one) => one !== pane);
    if (others.length === 0) this.#panes.delete(startMs);
    else this.#panes.set(startMs, others);
    if (this.#last === pane) this.#last = undefined;
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

  drainDirty(visit: (pane: Pane, entry: number) => void): void {
    for (const panes of this.#panes.values()) {
      for (const pane of panes) pane.drainDirty((entry) => visit(pane, entry));
    }
  }

  takeDeleted(visit: (pane: Pane, entry: number) => void): void {
    for (const panes of this.#panes.values()) {
      for (const pane of panes) for (const entry of pane.takeDeleted()) visit(pane, entry);
    }
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
      const known = this.#panes.get(startMs)?.find((pane) => pane.boundMs === boundMs);
      const entry = known?.seek(key, 0, key.length) ?? -1;
      if (entry >= 0) known!.remove(entry);
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
    for (const pane of this.open()) {
      this.detach(pane);
      pane.release();
    }
  }
}

export function groupOf(pane: Pane): EntryGroup {
  return { startMs: pane.startMs, boundMs: pane.boundMs, entries: pane };
}
