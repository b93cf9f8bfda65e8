/**
 * The report as text: a line a file, the rules that were needed, what failed, and the sum.
 *
 * @module
 */

import { RULES } from "./rules.ts";
import type { FileReport, Verdict } from "./run_files.ts";

export interface Sum {
  readonly passed: number;
  readonly failed: number;
}

const COLUMNS = ["cases", "passed", "as they are", "by rules", "failed", "not built"] as const;

export function sumOf(reports: readonly FileReport[]): Sum {
  const verdicts = reports.flatMap(({ verdicts }) => verdicts);
  const passed = verdicts.filter(isPassed).length;
  return { passed, failed: verdicts.length - passed };
}

/** @param maxFailures shown of each file */
export function formatReport(reports: readonly FileReport[], maxFailures: number): string {
  const { passed, failed } = sumOf(reports);
  return [
    line("", COLUMNS),
    ...reports.map(formatFile),
    "",
    ...formatRules(reports),
    ...reports.flatMap((report) => formatFailures(report, maxFailures)),
    `${passed} passed, ${failed} failed`,
  ].join("\n");
}

function formatFile({ name, verdicts, leftOut }: FileReport): string {
  const joins = `${leftOut} not counted: joins are not built`;
  if (verdicts.length === 0 && leftOut > 0) return `${name.padEnd(NAME)}  ${joins}`;
  const ok = verdicts.filter(isPassed);
  const asTheyAre = ok.filter(({ rules }) => rules.length === 0).length;
  const numbers = [
    verdicts.length,
    ok.length,
    asTheyAre,
    ok.length - asTheyAre,
    verdicts.length - ok.length,
    verdicts.filter(({ notBuilt }) => notBuilt !== undefined).length,
  ];
  const rules = [...countOf(verdicts.flatMap((verdict) => verdict.rules))];
  const notes = [...rules.map(([rule, n]) => `${rule} ${n}`), ...(leftOut > 0 ? [joins] : [])];
  return `${line(name, numbers)}  ${notes.join(", ")}`.trimEnd();
}

const NAME = 20;
const COLUMN = 13;

function line(name: string, cells: readonly (string | number)[]): string {
  return name.padEnd(NAME) + cells.map((cell) => String(cell).padStart(COLUMN)).join("");
}

/** What the named differences mean, those that came up. */
function formatRules(reports: readonly FileReport[]): readonly string[] {
  const counts = countOf(reports.flatMap(({ verdicts }) => verdicts.flatMap(({ rules }) => rules)));
  const used = RULES.filter(({ name }) => counts.has(name));
  if (used.length === 0) return [];
  const lines = used.map(({ name, says }) => `  ${name} (${counts.get(name)} cases): ${says}`);
  return ["Named differences:", ...lines, ""];
}

function formatFailures({ name, verdicts }: FileReport, maxFailures: number): readonly string[] {
  const missing = countOf(verdicts.flatMap(({ notBuilt = [] }) => notBuilt));
  const failures = verdicts.filter(
    (verdict) => !isPassed(verdict) && verdict.notBuilt === undefined,
  );
  const rest = failures.length - maxFailures;
  const lines = [
    ...[...missing].map(([what, n]) => `${n} of ${name} not built: ${what}`),
    ...failures
      .slice(0, maxFailures)
      .flatMap(({ id, problems }) => problems.map((problem) => `${id} ${problem}`)),
    ...(rest > 0 ? [`… and ${rest} more of ${name}`] : []),
  ];
  return lines.length === 0 ? [] : [...lines, ""];
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function isPassed({ problems }: Verdict): boolean {
  return problems.length === 0;
}
