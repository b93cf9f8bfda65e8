/**
 * Comparing two definitions, the older one as it would have been stored.
 *
 * @module
 */

import {
  comparePlans,
  type PlanComparison,
  parseSnapshot,
  snapshotPlan,
} from "../../../../topology/language/mod.ts";
import { planOf } from "../_fixtures.ts";

export const BASE = `topology: t
streams:
  s: { value: { avro: user_log.avsc } }
  other: { value: { avro: user_log.avsc } }
  out: {}
  late: {}
  copies: {}
pipelines:
  busy:
    - source: s
    - filter: value.price > 1.0
    - map: { key: value.gender }
  counted:
    - source: busy
    - id: hits
      windowedReduce:
        window: { tumbling: 10s, grace: 5s }
        value: { n: count(), items: sum(value.item_id) }
        emit: final
        late: late
    - filter: value.n > 1
    - sink: out
  copied:
    - source: other
    - sink: copies
`;

export const RUNNING = `topology: t
streams: { s: { value: { avro: user_log.avsc }, key: string, partitionedBy: key }, out: {} }
pipelines:
  total: [{ source: s }, { reduce: { value: { n: count() }, emit: updates } }, { sink: out }]
`;

export const FOUR = new Map([
  ["s", 4],
  ["other", 2],
]);

/** As it is stored and read back. */
export function stored(text: string, partitions: ReadonlyMap<string, number>) {
  const snapshot = parseSnapshot(JSON.stringify(snapshotPlan(planOf(text), partitions)));
  if (snapshot === undefined) throw new Error("Cannot read back what was stored");
  return snapshot;
}

export function topicsOf(text: string): string[] {
  const { sources, written, internal } = snapshotPlan(planOf(text)).topics;
  return [...sources, ...written, ...internal];
}

/** From `before` to `after`, where all topics of `before` are there. */
export function compare(before: string, after: string, partitions = FOUR): PlanComparison {
  const existing = new Set([...topicsOf(before), ...partitions.keys()]);
  return comparePlans(stored(before, FOUR), snapshotPlan(planOf(after), partitions), existing);
}

export const edited = (...edits: readonly (readonly [from: string, to: string])[]): string =>
  edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`There is no ${from}`);
    return text.replace(from, to);
  }, BASE);

/** What is not unchanged: `hot busy.1: predicate has changed`. */
export function changesOf({ stages }: PlanComparison): string[] {
  return stages
    .filter((change) => change.class !== "unchanged")
    .map(({ stage, class: of, reasons }) => `${of} ${stage}: ${reasons.join("; ")}`);
}
