/** Random runs: what may happen to an application while its input arrives. */

import fc from "fast-check";

export type Step =
  /** The next records of one source partition arrive, as one batch. */
  | { readonly kind: "arrive"; readonly feed: number; readonly records: number }
  /** One instance turns its loop, and its poll brings these partitions in this order. */
  | { readonly kind: "turn"; readonly instance: number; readonly reads: readonly Read[] }
  | { readonly kind: "flush" | "commit"; readonly instance: number }
  /** Each instance in turn turns its loop and flushes. */
  | { readonly kind: "round" }
  /** One instance turns and flushes so often while the others stand still. */
  | { readonly kind: "alone"; readonly instance: number; readonly turns: number }
  | { readonly kind: "settle" }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "restart"; readonly how: "clean" | "crash" }
  | { readonly kind: "instances"; readonly count: number; readonly leaving: "clean" | "crash" }
  /** A commit dies before its offsets: of what it writes to each changelog a first part is there. */
  | { readonly kind: "tear"; readonly kept: number };

export interface Read {
  readonly partition: number;
  readonly maxBatches: number;
}

export interface Run {
  /** The log has atomic commits: nothing is ever repeated. */
  readonly atomic: boolean;
  /** Records are put together before they travel, where commits are atomic. */
  readonly preAggregates: boolean;
  /** Taken at every commit and hand-over, into one store for all instances; undefined: none. */
  readonly snapshots: boolean;
  /** At the start. */
  readonly instances: number;
  /** In a round, a poll brings so much of a partition at most. */
  readonly maxBatches: number;
  readonly flushIntervalMs: number;
  readonly commitIntervalMs: number;
  readonly steps: readonly Step[];
  /** How the rest arrives, and what closes the windows: the end of a bounded run, or a far time. */
  readonly end: "bounded" | "far";
}

const NEVER_MS = 1e12;
const instance = fc.nat({ max: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("arrive" as const),
      feed: fc.nat({ max: 5 }),
      records: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("turn" as const),
      instance,
      reads: fc.array(
        fc.record({ partition: fc.nat({ max: 11 }), maxBatches: fc.integer({ min: 1, max: 2 }) }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("flush" as const), instance }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("commit" as const), instance }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("round" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("alone" as const),
      instance,
      turns: fc.integer({ min: 2, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("time" as const),
      ms: fc.constantFrom(1, 50, 150, 1000, 4000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("restart" as const),
      how: fc.constantFrom("clean" as const, "crash" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("instances" as const),
      count: fc.integer({ min: 1, max: 4 }),
      leaving: fc.constantFrom("clean" as const, "crash" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("tear" as const),
      kept: fc.constantFrom(1, 0.5, 0.2),
    }),
  },
);

export const run: fc.Arbitrary<Run> = fc.record({
  snapshots: fc.boolean(),
  atomic: fc.boolean(),
  preAggregates: fc.constantFrom(true, true, false),
  instances: fc.constantFrom(1, 1, 2, 2, 3, 4),
  maxBatches: fc.constantFrom(64, 1),
  flushIntervalMs: fc.constantFrom(0, 100, NEVER_MS),
  commitIntervalMs: fc.constantFrom(0, 100, NEVER_MS),
  steps: fc.array(step, { maxLength: 40, size: "max" }),
  end: fc.constantFrom("bounded" as const, "far" as const),
});
