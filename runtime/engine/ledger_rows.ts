/**
 * The ledger as people read it: one row per source and stage, whatever kind of stage it is.
 *
 * @module
 */

import type { Node, Plan } from "../../topology/language/mod.ts";
import type { Ledger } from "./ledger.ts";
import { ledgerName } from "./ledger_names.ts";
import { flattenNodes } from "./program/mod.ts";

/** What counts, in the words of definitions; `map` is also what a flatMap is. */
export type LedgerStep = "source" | "map" | Exclude<Node["kind"], "emit">;

/**
 * Where the records of a source or stage are. Without windows `in = accepted + filtered + dead`; a
 * window stage counts `accepted`, `lateAtSource` and `lateAtOperator` once per window that covers the
 * record.
 */
export interface LedgerRow {
  readonly name: string;
  readonly step: LedgerStep;
  /** Records that came in; of a source, read from its topic. */
  readonly in: number;
  /** Passed on, or counted in a window. */
  readonly accepted: number;
  /** Left out by a condition, or dropped because a key or value is null. */
  readonly filtered: number;
  /** Of window stages. */
  readonly lateAtSource?: number;
  /** Of window stages. */
  readonly lateAtOperator?: number;
  /** Dead letters, and records without a valid time. */
  readonly dead: number;
  /** Records that went out; of a reduce its results. */
  readonly out: number;
}

/** In the order of the ledger. */
export function ledgerRows(ledger: Ledger, plan: Plan): LedgerRow[] {
  const kinds = new Map(
    plan.subtopologies
      .flatMap((subtopology) => flattenNodes(subtopology))
      .map((node) => [ledgerName(node), node.kind]),
  );
  return Object.entries(ledger).map(([name, counts]) => {
    const n = (count: string) => counts[count] ?? 0;
    const kind = kinds.get(name);
    const isReduce = kind === "reduce" || kind === "windowedReduce";
    if (kind === undefined) {
      const dead = n("dead") + n("invalid");
      const passed = n("passed");
      const all = { in: n("read"), accepted: passed, filtered: 0, dead, out: passed };
      return { name, step: "source", ...all };
    }
    return {
      name,
      step: kind === "emit" ? "map" : kind,
      in: n("in"),
      accepted: n(isReduce ? "accepted" : "passed"),
      filtered: n("filtered") + n("nullDropped"),
      ...(isReduce && { lateAtSource: n("lateAtSource"), lateAtOperator: n("lateAtOperator") }),
      dead: n("dead"),
      out: n(isReduce ? "results" : "emitted"),
    };
  });
}
