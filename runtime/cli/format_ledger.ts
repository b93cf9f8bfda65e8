/**
 * A ledger as a table of text.
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import { type Ledger, type LedgerRow, ledgerRows } from "../engine/mod.ts";

/** Title and count of each column of numbers; those of lateness are empty but for windows. */
const COLUMNS: readonly (readonly [string, (row: LedgerRow) => number | undefined])[] = [
  ["in", (row) => row.in],
  ["accepted", (row) => row.accepted],
  ["filtered", (row) => row.filtered],
  ["late at source", (row) => row.lateAtSource],
  ["late at operator", (row) => row.lateAtOperator],
  ["dead", (row) => row.dead],
  ["out", (row) => row.out],
];

/** A line of titles, then one per source and stage. */
export function formatLedger(ledger: Ledger, plan: Plan): string[] {
  const rows = ledgerRows(ledger, plan);
  const lines = [
    ["", "", ...COLUMNS.map(([title]) => title)],
    ...rows.map((row) => [
      row.name,
      row.step,
      ...COLUMNS.map(([, count]) => count(row)?.toLocaleString("en") ?? ""),
    ]),
  ];
  const widths = lines[0]!.map((_, n) => Math.max(...lines.map((line) => line[n]!.length)));
  return lines.map((line) =>
    line
      .map((cell, n) => (n < 2 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!)))
      .join("  ")
      .trimEnd(),
  );
}
