/**
 * A task's side of the changelog: what a commit writes, and how a start reads it back.
 *
 * Of a closed window nothing is written. Its entries are tombstoned one commit after the one whose
 * offsets cover the closing: earlier, a crash in between would recount the tail from nothing. An entry
 * that was deleted is written as such, with its offsets, and tombstoned one commit after that.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import {
  decodeChangelogKey,
  decodeEntry,
  decodeSystem,
  encodeEntry,
  encodeSnapshot,
  encodeSystem,
  encodeSystemKey,
  finite,
  groupOf,
  isOfCommit,
  type Pane,
  type SnapshotOrigin,
  type SnapshotReader,
  SYSTEM_VERSION,
  type SystemEntry,
  type TrackedEntries,
} from "../state/mod.ts";
import { RecordCursor } from "../wire/mod.ts";
import type { PartitionOutput } from "./outputs.ts";
import type { Fetched } from "./ports.ts";
import type { Task } from "./task.ts";

export class TaskChangelog {
  readonly #task: Task;
  readonly #output: PartitionOutput;
  /** Slot that the next commit writes: not the one that the committed offsets belong to. */
  #slot = 0;
  /** Windows that closed before the last completed commit: their entries go now. */
  #expired: Pane[] = [];
  /** Windows whose closing the commit under way covers. */
  #covered: Pane[] = [];
  /** The same of entries that were deleted: due now, and covered by the commit under way. */
  #due: DeletedEntry[] = [];
  #deleted: DeletedEntry[] = [];
  /** System entry of the last completed commit. */
  #system: StoredSystem | undefined;
  #written: StoredSystem | undefined;
  /** A snapshot taken now would have more in it than the last one. */
  unsaved = false;

  constructor(task: Task, output: PartitionOutput) {
    this.#task = task;
    this.#output = output;
  }

  /** True when entries are left to be tombstoned, which wait for nothing else to go out. */
  get pending(): boolean {
    if (this.#expired.length > 0) return true;
    return [this.#due, this.#deleted].some((deleted) =>
      deleted.some(({ entries, entry }) => !entries.isChanged(entry)),
    );
  }

  /**
   * Appends what changed since the last commit to the task's changelog output. Yields whenever a batch
   * of it is full, which may be written then; nothing may be processed until all is appended.
   */
  *write(wallMs: number): Generator<void, void, void> {
    const task = this.#task;
    for (const deleted of this.#due) if (this.#settle(deleted, wallMs)) yield;
    this.#due = [];
    const { table } = task;
    if (table !== undefined) {
      const append = (entries: TrackedEntries, entry: number) =>
        this.#append(wallMs, entries.changelogKey(entry), encodeEntry(table.image(entries, entry)));
      while (!table.drainDirty(append)) yield;
      table.takeDeleted((entries, entry) => this.#deleted.push({ entries, entry }));
    }
    for (const pane of this.#expired) {
      const append = (entry: number) => this.#append(wallMs, pane.changelogKey(entry), null);
      for (let next = 0; (next = pane.forEachLogged(append, next)) >= 0; ) yield;
    }
    const system: SystemEntry = {
      version: SYSTEM_VERSION,
      positions: task.inputs.map(({ position }) => position),
      watermarkMs: finite(task.watermarkMs),
      ledger: task.ledger.snapshot(),
      seen: task.inputs.map(({ seen }) => seen.snapshot()),
    };
    this.#written = { slot: this.#slot, value: encodeSystem(system) };
    this.#append(wallMs, encodeSystemKey(this.#slot), this.#written.value);
    this.#covered = task.closed;
    task.closed = [];
  }

  /** The offsets that belong to the last `write` are committed. */
  committed(): void {
    this.#slot = 1 - this.#slot;
    this.#system = this.#written;
    this.unsaved = true;
    for (const pane of this.#expired) pane.release();
    this.#expired = this.#covered;
    this.#covered = [];
    // One that changed again before its window closed has its tombstone from that.
    this.#due = this.#deleted.filter(({ entries }) => !entries.isReleased);
    this.#deleted = [];
  }

  release(): void {
    for (const pane of [...this.#expired, ...this.#covered]) pane.release();
    this.#expired = [];
    this.#covered = [];
  }

  /**
   * Copies the state as the last completed commit left it; nothing may have been processed since.
   * Windows that wait for their tombstones belong to it, as they do to the changelog.
   *
   * @param offset end of the changelog behind that commit, or less: what is restored twice is the same
   * @returns undefined while nothing was committed
   */
  snapshot(
    origin: SnapshotOrigin,
    offset: number,
    takenAtMs: number,
  ): readonly Uint8Array[] | undefined {
    if (this.#system === undefined) return undefined;
    const { slot, value } = this.#system;
    const { table } = this.#task;
    const groups = [...(table?.groups() ?? []), ...this.#expired.map(groupOf)];
    this.unsaved = false;
    const system = new TextDecoder().decode(value);
    return encodeSnapshot({ ...origin, offset, takenAtMs, slot, system }, table, groups);
  }

  /**
   * Rebuilds the task's state from its whole changelog, or from a snapshot and what the changelog has
   * behind it.
   *
   * @param fresh no run has been committed: entries, if any, are of a first run that crashed, and the
   *   offsets they hold keep their records from being counted again
   * @throws {MillraceError} STATE_MISMATCH when nothing in it fits the committed offsets or the plan
   * @throws {MillraceError} STATE_CORRUPT
   */
  async restore(source: RestoreSource, fresh: boolean): Promise<Restored> {
    const task = this.#task;
    const { table } = task;
    const slots: (Uint8Array | undefined)[] = [undefined, undefined];
    let snapshotEntries = 0;
    if (source.snapshot !== undefined) {
      const { slot, system } = source.snapshot.head;
      slots[slot] = new TextEncoder().encode(system);
      snapshotEntries = await source.snapshot.load(table);
    }
    const cursor = new RecordCursor();
    let entries = 0;
    for await (const { bytes } of source.fetches) {
      cursor.reset(bytes);
      while (cursor.nextBatch()) {
        while (!cursor.isControl && cursor.nextRecord()) {
          const { buffer, keyStart, keyEnd, valueStart, valueEnd } = cursor;
          const key = decodeChangelogKey(
            buffer.subarray(Math.max(0, keyStart), Math.max(0, keyEnd)),
          );
          const value = valueStart < 0 ? undefined : buffer.subarray(valueStart, valueEnd);
          if (key.kind === "system") {
            slots[key.slot] = value?.slice();
            continue;
          }
          entries++;
          const image = value === undefined ? undefined : decodeEntry(value);
          if (table === undefined || !table.restore(key, image)) {
            throw this.#mismatch("its entries have another shape");
          }
        }
      }
      source.onProgress?.(entries, cursor.lastOffset + 1);
    }
    table?.restored();
    table?.takeDeleted((entries, entry) => this.#deleted.push({ entries, entry }));
    if (!fresh) this.#choose(slots);
    // What the restored watermark has closed was written before: dropped, and tombstoned next.
    for (const { windows, table: results, everyMs } of task.stages) {
      windows?.restored();
      windows?.skipTo(task.watermarkMs, this.#expired);
      // Which of them went out after their last change is not known.
      if (everyMs !== undefined) results?.changeAll();
    }
    this.unsaved = entries > 0;
    return { entries, snapshotEntries };
  }

  /** @returns whether a batch is full now */
  #settle(deleted: DeletedEntry, wallMs: number): boolean {
    const { entries, entry } = deleted;
    switch (entries.settle(entry)) {
      case "gone": {
        const isFull = this.#append(wallMs, entries.changelogKey(entry), null);
        entries.remove(entry);
        return isFull;
      }
      case "wait":
        this.#deleted.push(deleted);
        return false;
      case "alive":
        return false;
    }
  }

  #choose(slots: readonly (Uint8Array | undefined)[]): void {
    const { inputs, ledger, watermarkMs } = this.#task;
    const positions = inputs.map(({ position }) => position);
    const systems = slots.map((value) => value && decodeSystem(value));
    const fits = systems.findIndex(
      (system) => system !== undefined && isOfCommit(system, positions, watermarkMs),
    );
    const system = systems[fits];
    if (system === undefined)
      throw this.#mismatch("no entry of it belongs to the committed offsets");
    ledger.restore(system.ledger);
    inputs.forEach(({ seen }, n) => {
      seen.restore(system.seen[n] ?? { records: {}, finals: {} });
    });
    this.#slot = 1 - fits;
    this.#system = { slot: fits, value: slots[fits]! };
  }

  /** @returns whether a batch is full now */
  #append(wallMs: number, key: Uint8Array, value: Uint8Array | null): boolean {
    return this.#output.append(
      wallMs,
      key,
      0,
      key.length,
      value ?? key,
      value === null ? -1 : 0,
      value === null ? -1 : value.length,
    );
  }

  #mismatch(why: string): MillraceError {
    const { name, subtopology } = this.#task;
    return new MillraceError(
      "STATE_MISMATCH",
      `Cannot restore ${name} from ${subtopology.changelogTopic}: ${why}; start over with --reset`,
      { where: { task: name, topic: subtopology.changelogTopic } },
    );
  }
}

export interface RestoreSource {
  /** Of the changelog; behind the snapshot, where there is one. */
  readonly fetches: AsyncIterable<Fetched> | Iterable<Fetched>;
  readonly snapshot?: SnapshotReader | undefined;
  /** Called after each fetch with the entries so far, and the offset that comes next. */
  readonly onProgress?: ((entries: number, offset: number) => void) | undefined;
}

/** How many entries came from where. */
export interface Restored {
  readonly entries: number;
  readonly snapshotEntries: number;
}

interface StoredSystem {
  readonly slot: number;
  /** As the changelog has it. */
  readonly value: Uint8Array;
}

interface DeletedEntry {
  readonly entries: TrackedEntries;
  readonly entry: number;
}
