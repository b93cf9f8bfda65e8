/**
 * Written records against expected ones.
 *
 * @module
 */

import type { ExpectedRecord, ExpectedStream, Place } from "../../topology/language/mod.ts";
import { toJson } from "../serde/mod.ts";
import { covers, type Difference, differencesOf } from "./differences.ts";
import { showRecord } from "./format_failure.ts";
import type { WrittenRecord } from "./test_driver.ts";

/** Why a step does not hold, at one place of the file. */
export interface Mismatch {
  readonly place: Place;
  /** One line. */
  readonly message: string;
  /** Fields that are not as expected, if a record or count is near enough to compare. */
  readonly differences: readonly Difference[];
}

/** Records beyond the expected ones that a message shows. */
const MAX_SHOWN = 5;

/**
 * Finds for each expected record one of its own among the written ones, in any order and of any
 * partition. A record may be what several expectations describe: each takes over another's record if
 * that one finds a further.
 *
 * @param kind `expect`: nothing else may have been written; `contain`: it may
 * @returns what does not hold, in the order of the file
 */
export function compareRecords(
  { stream, place, records: expected }: ExpectedStream,
  records: readonly WrittenRecord[],
  kind: "expect" | "contain",
): Mismatch[] {
  const written = records.map(plain);
  const owners = assign(expected, written);
  const owned = new Set(owners.values());
  const free = new Set(written.filter((_, n) => !owners.has(n)));
  const mismatches: Mismatch[] = [];
  for (const wanted of expected) {
    if (owned.has(wanted)) continue;
    const nearest = nearestTo(wanted, free);
    if (nearest !== undefined) free.delete(nearest.record);
    mismatches.push(missing(stream, wanted, nearest, written.length));
  }
  if (kind === "expect" && free.size > 0) {
    const shown = [...free].slice(0, MAX_SHOWN).map((record) => showRecord(record));
    const more = free.size > MAX_SHOWN ? `, and ${free.size - MAX_SHOWN} more` : "";
    const message = `${stream}: written, but not expected: ${shown.join(", ")}${more}`;
    mismatches.push({ place, message, differences: [] });
  }
  return mismatches;
}

/** A written record as JSON has it. */
export interface PlainRecord {
  readonly key: unknown;
  readonly window?: readonly [number, number];
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly offset: number;
}

function plain({ key, window, value, headers, partition, offset }: WrittenRecord): PlainRecord {
  return {
    key: toJson(key),
    ...(window !== undefined && { window }),
    value: toJson(value),
    headers,
    partition,
    offset,
  };
}

/** @returns who has the n-th written record: as many expectations as can have one at once */
function assign(
  expected: readonly ExpectedRecord[],
  written: readonly PlainRecord[],
): ReadonlyMap<number, ExpectedRecord> {
  const owners = new Map<number, ExpectedRecord>();
  const place = (wanted: ExpectedRecord, tried: Set<number>): boolean =>
    written.some((record, n) => {
      if (tried.has(n) || !matches(record, wanted)) return false;
      tried.add(n);
      const owner = owners.get(n);
      if (owner !== undefined && !place(owner, tried)) return false;
      owners.set(n, wanted);
      return true;
    });
  for (const wanted of expected) place(wanted, new Set());
  return owners;
}

function matches(record: PlainRecord, wanted: ExpectedRecord): boolean {
  if ("key" in wanted && !covers(record.key, wanted.key)) return false;
  if (wanted.window !== undefined && !covers(record.window, wanted.window)) return false;
  if ("value" in wanted && !covers(record.value, wanted.value)) return false;
  return wanted.headers === undefined || covers(record.headers, wanted.headers);
}

interface Nearest {
  readonly record: PlainRecord;
  readonly differences: readonly Difference[];
}

/** The one that differs least; of several, only one that has something in common with it. */
function nearestTo(wanted: ExpectedRecord, written: ReadonlySet<PlainRecord>): Nearest | undefined {
  let nearest: Nearest | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const record of written) {
    const { differences, compared } = differencesOf(record, wanted);
    if (differences.length === compared && written.size > 1) continue;
    // Another key or window is another record before it is another value.
    const far = differences.filter(({ field }) => /^(?:key|window)\b/.test(field)).length;
    const distance = differences.length + far * compared;
    if (distance >= least) continue;
    least = distance;
    nearest = { record, differences };
  }
  return nearest;
}

function missing(
  stream: string,
  wanted: ExpectedRecord,
  nearest: Nearest | undefined,
  written: number,
): Mismatch {
  const { place } = wanted;
  if (nearest === undefined) {
    const among = written === 0 ? "nothing was written" : `not among the ${written} written`;
    const message = `${stream}: ${among}: ${showRecord(wanted)}`;
    return { place, message, differences: [] };
  }
  const { record, differences } = nearest;
  const where = `partition ${record.partition}, offset ${record.offset}`;
  return { place, message: `${stream}: the nearest record (${where}) differs`, differences };
}
