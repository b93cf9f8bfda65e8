/**
 * What was expected and what came, in words.
 *
 * @module
 */

import type { Outcome, OutputRecord } from "./vectors.ts";

const MAX_SHOWN = 3;

export function sameOutcome(a: Outcome, b: Outcome): boolean {
  return differencesOf(a, b, 1).length === 0;
}

/** A line for each difference, the first ones only: one mistake makes many. */
export function differencesOf(
  expected: Outcome,
  got: Outcome,
  atMost: number = MAX_SHOWN,
): readonly string[] {
  const found: string[] = [];
  const outputs = Math.max(expected.output.length, got.output.length);
  for (let n = 0; n < outputs && found.length < atMost; n++) {
    const [left, right] = [show(expected.output[n]), show(got.output[n])];
    if (left !== right) found.push(`output[${n}]: expected ${left}, got ${right}`);
  }
  const indices = new Set([...expected.droppedAt, ...got.droppedAt]);
  for (const i of [...indices].sort((a, b) => a - b)) {
    if (found.length >= atMost) break;
    const [left, right] = [countOf(expected.droppedAt, i), countOf(got.droppedAt, i)];
    if (left !== right) found.push(`dropped at input[${i}]: expected ${left}, got ${right}`);
  }
  return found;
}

/** The same text for the same record, whatever the order of its fields. */
function show(record: OutputRecord | undefined): string {
  if (record === undefined) return "nothing";
  const { i, topic, key, windowStart, windowEnd, value, ts, keyHex } = record;
  return JSON.stringify({ i, topic, key, windowStart, windowEnd, value, ts, keyHex });
}

function countOf(indices: readonly number[], i: number): number {
  return indices.filter((index) => index === i).length;
}
