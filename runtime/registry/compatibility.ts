/**
 * Compatibility levels: which earlier schemas a new one is held against, and in which direction.
 *
 * @module
 */

import type { AvroType } from "../../topology/language/mod.ts";
import { unreadable } from "./resolution.ts";

export const LEVELS = [
  "NONE",
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
] as const;

export type Level = (typeof LEVELS)[number];

/**
 * What keeps `added` from following `earlier` (oldest first) at a level; empty when nothing does.
 * BACKWARD: the new schema reads old data; FORWARD: the old one reads new data.
 */
export function incompatibilities(
  level: Level,
  added: AvroType,
  earlier: readonly AvroType[],
): string[] {
  if (level === "NONE") return [];
  const against = level.endsWith("_TRANSITIVE") ? earlier : earlier.slice(-1);
  const problems = new Set<string>();
  for (const schema of against) {
    if (!level.startsWith("FORWARD")) for (const p of unreadable(added, schema)) problems.add(p);
    if (!level.startsWith("BACKWARD")) for (const p of unreadable(schema, added)) problems.add(p);
  }
  return [...problems];
}
