/**
 * What benches of the engine in one process share: a plan of one pipeline `p` from stream `s` to stream
 * `out`, and records for it.
 *
 * @module
 */

import { BatchBuilder } from "../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";

/** Of event time. */
export const PER_SECOND = 5000;
export const PER_BATCH = 1000;
export const FIRST_MS = 1_447_171_200_000;

/** Keys that the producer has partitioned by. */
export const KEYED = "key: string, partitionedBy: key, ";

/**
 * @param source lines of the stream beside its value, a long
 * @param stages between source and sink, a line each of the YAML list
 */
export function planOf(source: string, stages: readonly string[]): Plan {
  const text = `topology: t
streams:
  s: { ${source}value: long, idle: never, maxFuture: unlimited }
  out: {}
pipelines:
  p:
    - source: s
${stages.map((line) => `    ${line}\n`).join("")}    - sink: out
`;
  const files = { read: () => undefined };
  const { plan, diagnostics } = planTopology({ file: "t.yaml", text, files });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

/** So many records of so many users, in batches; values from 0 to 999. */
export function userBatches(records: number, users: number): readonly Uint8Array[] {
  const utf8 = new TextEncoder();
  const keys = Array.from({ length: users }, (_, n) => utf8.encode(`user ${n}`));
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  return batches(records, (i, atMs, builder) => {
    const key = keys[(i * 7919) % users]!;
    view.setBigInt64(0, BigInt(i % 1000));
    builder.append(atMs, key, 0, key.length, value, 0, value.length);
  });
}

/** @param append the n-th record */
export function batches(
  records: number,
  append: (n: number, atMs: number, builder: BatchBuilder) => void,
): readonly Uint8Array[] {
  const made: Uint8Array[] = [];
  for (let first = 0; first < records; first += PER_BATCH) {
    const builder = new BatchBuilder();
    for (let n = first; n < first + PER_BATCH; n++) {
      append(n, FIRST_MS + Math.floor((n * 1000) / PER_SECOND), builder);
    }
    made.push(builder.finish());
  }
  return made;
}

/** The one in the middle. */
export function median<T>(all: readonly T[], costOf: (one: T) => number): T {
  return all.toSorted((a, b) => costOf(a) - costOf(b))[Math.floor(all.length / 2)]!;
}
