/**
 * The ledger as people read it: one row per source and stage, whatever kind of stage it is.
 *
 * @module
 */

import type { Ledger } from "./ledger.ts";

/**
 * Where the records of a source or stage are. For all but windows
 * `in = accepted + filtered + dead`; a window stage counts `accepted`, `lateAtSource` and
 * `lateAtOperator` once per window that covers the record.
 */
export interface LedgerRow {
  readonly name: string;
  readonly kind: "source" | "stage" | "window";
  /** Records that came in; of a source, read from its topic. */
  readonly in: number;
  /** Passed on, or counted in a window. */
  readonly accepted: number;
  /** Left out by a filter, or dropped because a key or value is null. */
  readonly filtered: number;
  readonly lateAtSource: number;
  readonly lateAtOperator: number;
  /** Dead letters, and records that the source found invalid. */
  readonly dead: number;
  /** Records that went out; of a window stage its results. */
  readonly out: number;
}

/** In the ledger's order. */
export function ledgerRows(ledger: Ledger): LedgerRow[] {
  return Object.entries(ledger).map(([name, counts]) => {
    const n = (count: string) => counts[count] ?? 0;
    const common = {
      name,
      filtered: n("filtered") + n("nullDropped"),
      lateAtSource: n("lateAtSource"),
      lateAtOperator: n("lateAtOperator"),
      dead: n("dead") + n("invalid"),
    };
    if ("read" in counts) {
      return { ...common, kind: "source", in: n("read"), accepted: n("passed"), out: n("passed") };
    }
    if ("lateAtSource" in counts) {
      return { ...common, kind: "window", in: n("in"), accepted: n("accepted"), out: n("results") };
    }
    return { ...common, kind: "stage", in: n("in"), accepted: n("passed"), out: n("emitted") };
  });
}
