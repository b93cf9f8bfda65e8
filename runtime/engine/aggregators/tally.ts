/**
 * What `countBy` and `mostFrequent` have in common: how often each value came. Too many different ones
 * and there is no result: which of them had been left out would be chance. That cannot be taken back,
 * so there is no inverse.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { AccumulatorObject } from "../../state/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { NUMBER_BYTES, refuseBeyond, storedBytesOf, storedSchema } from "./value_type.ts";

/** Different values in one accumulator. */
export const MAX_TALLIED = 10_000;

export interface Tally extends AccumulatorObject {
  heapBytes: number;
  storedBytes: number;
  readonly counts: Map<unknown, number>;
  /** There were too many: none is kept, whatever else comes. */
  over: boolean;
}

const EMPTY_BYTES = 96;
/** What an entry of the map takes beside what is stored of it. */
const ENTRY_BYTES = 40;

/** @param name of the aggregator, in messages */
export function tallying(
  name: string,
  x: ExpressionType,
  limitBytes: number,
  lower: (counts: ReadonlyMap<unknown, number>) => unknown,
): ObjectAggregator<Tally> {
  const bytesOfX = storedBytesOf(x);
  const empty = (): Tally => ({
    counts: new Map(),
    over: false,
    storedBytes: 0,
    heapBytes: EMPTY_BYTES,
  });
  const overflow = (tally: Tally): void => {
    tally.over = true;
    tally.counts.clear();
    tally.storedBytes = 0;
    tally.heapBytes = EMPTY_BYTES;
  };
  const add = (tally: Tally, x: unknown, count: number): void => {
    if (tally.over) return;
    const { counts } = tally;
    const before = counts.get(x);
    counts.set(x, (before ?? 0) + count);
    if (before !== undefined) return;
    const bytes = bytesOfX(x) + NUMBER_BYTES;
    tally.storedBytes += bytes;
    tally.heapBytes += bytes + ENTRY_BYTES;
    if (counts.size > MAX_TALLIED || tally.storedBytes > limitBytes) overflow(tally);
  };
  return {
    lift: (x) => {
      const tally = empty();
      add(tally, x, 1);
      return tally;
    },
    fold: (tally, x) => add(tally, x, 1),
    combine: (a, b) => {
      for (const [x, count] of b.counts) add(a, x, count);
      if (b.over) overflow(a);
      return a;
    },
    lower: ({ counts, over }) => {
      if (over) {
        refuseBeyond(`${name} has more than ${MAX_TALLIED} values, or ${limitBytes} bytes of them`);
      }
      return lower(counts);
    },
    schema: {
      kind: "record",
      name: "Tally",
      fields: [
        { name: "over", type: { kind: "boolean" }, hasDefault: false },
        {
          name: "counts",
          type: {
            kind: "array",
            items: {
              kind: "record",
              name: "Count",
              fields: [
                { name: "x", type: storedSchema(x), hasDefault: false },
                { name: "count", type: { kind: "long" }, hasDefault: false },
              ],
            },
          },
          hasDefault: false,
        },
      ],
    },
    save: ({ over, counts }) => ({
      over,
      counts: Array.from(counts, ([x, count]) => ({ x, count })),
    }),
    load: (saved) => {
      const { over, counts } = saved as {
        readonly over: boolean;
        readonly counts: readonly { readonly x: unknown; readonly count: number }[];
      };
      const tally = empty();
      for (const { x, count } of counts) add(tally, x, count);
      if (over) overflow(tally);
      return tally;
    },
  };
}
