/**
 * Partial results: records that were put together by the task that has read them, per key and window
 * (or slice of windows that overlap), and travel so through the repartition topic at the next commit.
 * The task has judged their lateness; which windows are closed for all is known where they go.
 *
 *     header   p: int64BE start, int64BE bound of the window or slice (see `Pane`); of a session its
 *              first and its last time
 *     key      as in state
 *     value    an entry as the changelog has it, without offsets
 *
 * They have no identity: what is written and the offsets it covers become visible together.
 *
 * @module
 */

import { type InputPlan, type Plan, preAggregationOf } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import {
  decodeEntry,
  ENTRY_RECORDS,
  type EntryTable,
  encodeEntry,
  type StageTable,
} from "../state/mod.ts";
import { partitionFor, type RecordCursor, readInt64, writeInt64 } from "../wire/mod.ts";
import { PARTIAL_ENTRY_BYTES, PARTIAL_HEAD } from "./identity.ts";
import type { StageCounts } from "./ledger.ts";
import type { PartialResult } from "./partial_result.ts";
import { Stage, type StageContext } from "./stage.ts";

/** What a task puts together before one repartition topic. */
export class Partials {
  /** The reduce that it is for: its entries here hold what has come since the last commit. */
  readonly stage: Stage;
  readonly #repartition: Stage;
  readonly #header = Uint8Array.from({ ...PARTIAL_HEAD, length: PARTIAL_ENTRY_BYTES });

  constructor(repartition: Stage, stage: Stage) {
    this.#repartition = repartition;
    this.stage = stage;
  }

  /** Sends everything on, and begins anew. */
  send(wallMs: number): void {
    const table = this.stage.table!;
    const windows = this.stage.windows!;
    for (const { startMs, boundMs, entries } of table.groups()) {
      entries.forEach((entry) => {
        if (entries.f64[entry + ENTRY_RECORDS] === 0) return;
        const [start, bound] = windows.boundsOf?.(entry) ?? [startMs, boundMs];
        this.#append(table, entries, entry, start, bound, wallMs);
      });
    }
    windows.clear();
  }

  release(): void {
    this.stage.windows!.release();
    this.stage.table!.release();
  }

  #append(
    { shape }: StageTable,
    entries: EntryTable,
    entry: number,
    startMs: number,
    boundMs: number,
    wallMs: number,
  ): void {
    const { outputs, counts } = this.#repartition;
    const header = this.#header;
    writeInt64(header, PARTIAL_HEAD.length, startMs);
    writeInt64(header, PARTIAL_HEAD.length + 8, boundMs);
    const value = encodeEntry({ ...shape.image(entries, entry), offsets: [] });
    const { keys } = entries;
    const [keyStart, keyEnd] = [entries.keyStart(entry), entries.keyEnd(entry)];
    outputs[partitionFor(keys, keyStart, keyEnd, outputs.length)]!.append(
      wallMs,
      keys,
      keyStart,
      keyEnd,
      value,
      0,
      value.length,
      header,
      0,
      header.length,
      1,
    );
    (counts as StageCounts).emitted++;
  }
}

/** By the number of a repartition node, what is put together before it. */
export function partialsBefore(
  stages: readonly Stage[],
  plan: Plan,
  context: StageContext,
): ReadonlyMap<number, Partials> {
  const partials = new Map<number, Partials>();
  stages.forEach((stage, n) => {
    const { node } = stage;
    const made = node.kind === "repartition" ? preAggregationOf(plan, node.topic) : undefined;
    if (made === undefined) return;
    partials.set(n, new Partials(stage, new Stage(made.node, made.store, context)));
  });
  return partials;
}

/** For an input that partial results may come from. */
export function partialReader(
  { from, nodes }: InputPlan,
  stages: readonly Stage[],
  plan: Plan,
): PartialReader | undefined {
  if (from.kind !== "repartition" || preAggregationOf(plan, from.topic) === undefined) {
    return undefined;
  }
  return new PartialReader(stages.find(({ node }) => node === nodes[0])!);
}

/** Takes in what others have put together for one stage. */
export class PartialReader {
  readonly #stage: Stage;
  /** Holds the one that was read last. */
  readonly #scratch: EntryTable;
  readonly #entry: number;
  readonly #noOffsets: readonly number[];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#scratch = stage.table!.combined();
    this.#entry = this.#scratch.find(new Uint8Array(0), 0, 0);
    this.#noOffsets = new Array<number>(stage.table!.shape.layout.inputs).fill(-1);
  }

  /** Takes in the partial result at the cursor. */
  take(cursor: RecordCursor, input: number, watermarkMs: number): void {
    const { buffer, headersStart, keyStart, keyEnd, valueStart, valueEnd, offset } = cursor;
    const { shape } = this.#stage.table!;
    const image = decodeEntry(buffer.subarray(valueStart, valueEnd));
    const whole = { ...image, offsets: this.#noOffsets };
    if (!shape.fits(whole)) {
      throw new MillraceError(
        "STATE_MISMATCH",
        `Cannot take in a partial result for ${this.#stage.node.stage}: it was made by another version of the topology; start over with --reset`,
      );
    }
    shape.fill(this.#scratch, this.#entry, whole);
    const partial: PartialResult = {
      startMs: readInt64(buffer, headersStart + PARTIAL_HEAD.length),
      boundMs: readInt64(buffer, headersStart + PARTIAL_HEAD.length + 8),
      key: buffer,
      keyStart,
      keyEnd,
      entries: this.#scratch,
      entry: this.#entry,
      records: image.records,
      input,
      offset,
    };
    this.#stage.windows!.fold(partial, watermarkMs);
  }

  release(): void {
    this.#scratch.release();
  }
}
