/**
 * What a check has found, and how it is shown.
 *
 * @module
 */

import { MillraceError } from "../../fault/mod.ts";

export interface Finding {
  /** What was looked at: `local`, `broker`, `topic`, `group`, `registry`, `subject`, `clock`. */
  readonly check: string;
  readonly level: "ok" | "warning" | "failure";
  /** One line, no full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Something that is needed did not answer: exit code 3. */
  readonly unreachable?: true;
}

const MARKS = { ok: "✓", warning: "!", failure: "✗" } as const;

export function ok(check: string, message: string): Finding {
  return { check, level: "ok", message };
}

export function warning(check: string, message: string, hint?: string): Finding {
  return { check, level: "warning", message, ...(hint !== undefined && { hint }) };
}

export function failure(check: string, message: string, hint?: string): Finding {
  return { check, level: "failure", message, ...(hint !== undefined && { hint }) };
}

/** A check that could not be made. */
export function failed(check: string, error: unknown, hint?: string): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const found = failure(check, message, hint);
  const transient = error instanceof MillraceError && error.faultClass === "transient";
  return transient ? { ...found, unreachable: true } : found;
}

export function formatFinding({ check, level, message, hint }: Finding): string {
  const line = `${MARKS[level]} ${check.padEnd(9)}${message}`;
  return hint === undefined ? line : `${line}\n             → ${hint}`;
}

/** 0 with warnings at most, 3 when something did not answer, 1 for everything else. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 3 {
  if (findings.some(({ unreachable }) => unreachable)) return 3;
  return findings.some(({ level }) => level === "failure") ? 1 : 0;
}
