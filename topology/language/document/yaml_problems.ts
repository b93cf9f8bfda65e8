/**
 * What to say about a file that the YAML library cannot read.
 *
 * @module
 */

import type { YAMLError } from "yaml";
import type { Report } from "./report.ts";
import { findSlips, ODD_BLANK } from "./yaml_slips.ts";

/** Blanks of other kinds are letters to YAML: what they indent is a key that nobody knows. */
const ODDLY_INDENTED = new RegExp(`^ *${ODD_BLANK.source}`, "m");

/** @returns whether there was something to say */
export function reportYamlProblems(
  problems: readonly YAMLError[],
  text: string,
  report: Report,
): boolean {
  if (problems.length === 0 && !ODDLY_INDENTED.test(text)) return false;
  const slips = findSlips(text);
  for (const { code, range, message, hint } of slips) report.errorAt(code, range, message, hint);
  // One slip breaks many rules in a row: the first says it best.
  const first = problems.toSorted((a, b) => a.pos[0] - b.pos[0])[0];
  if (slips.length > 0 || first === undefined) return slips.length > 0;
  const { code, message, pos } = first;
  const range = { start: pos[0], end: pos[1] };
  if (code === "TAG_RESOLVE_FAILED") {
    const hint = "quote text that begins with !";
    report.errorAt("BAD_YAML", range, "tags are not allowed", hint);
  } else {
    const isEscape = code === "BAD_DQ_ESCAPE";
    const hint = isEscape ? "in double quotes a backslash itself is \\\\" : undefined;
    report.errorAt("BAD_YAML", range, message.slice(0, 1).toLowerCase() + message.slice(1), hint);
  }
  return true;
}
