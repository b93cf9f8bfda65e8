/**
 * `tombstone:` of an emit: null, which deletes the key of a compacted topic.
 *
 * @module
 */

import type { Emit } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import type { TypedMade } from "./expressions.ts";

const SPAN = { start: 0, end: 0 };

/** @returns the null that goes out; undefined when something is wrong, which has been reported */
export function checkTombstone(
  emit: Emit,
  path: Path,
  report: Report,
): (TypedMade & { readonly path: Path }) | undefined {
  const other = (["value", "set", "drop"] as const).find((key) => emit[key] !== undefined);
  if (other !== undefined) {
    const message = `a tombstone has no value: ${other} has nothing to say`;
    report.error("CONFLICTING_KEYS", [...path, other], message, { on: "key" });
    return undefined;
  }
  const type = { kind: "null" } as const;
  const expression = { op: "const", value: null, type, span: SPAN } as const;
  return { made: { kind: "expression", expression }, type, path: [...path, "tombstone"] };
}
