/**
 * What the cases let Kafka Streams compute per key and window: initialiser, aggregator, merger.
 *
 * @module
 */

import type { ReduceName, Value } from "../vectors.ts";
import type { Semantics } from "./semantics.ts";

export interface Aggregation {
  readonly initial: Value;
  /** Null deletes the entry. */
  add(aggregate: Value, value: Value): Value;
  merge(a: Value, b: Value): Value;
}

type Reducer = (a: Value, b: Value) => Value;

const REDUCERS: Readonly<Record<"sum" | "min" | "max" | "concat", Reducer>> = {
  sum: ofNumbers((a, b) => a + b),
  min: ofNumbers(Math.min),
  max: ofNumbers(Math.max),
  concat: (a, b) => `${a}${b}`,
};

export function aggregationOf(reduce: ReduceName, { nestsMerges }: Semantics): Aggregation {
  switch (reduce) {
    case "count":
      return { initial: 0, add: (n) => Number(n) + 1, merge: (a, b) => Number(a) + Number(b) };
    case "trace":
    case "traceDel": {
      const merge: Reducer = nestsMerges
        ? (a, b) => `(${a}+${b})`
        : (a, b) => `${a}${String(b).slice("I".length)}`;
      const deletes = reduce === "traceDel";
      return {
        initial: "I",
        add: (aggregate, value) => (deletes && value === "DEL" ? null : `${aggregate},${value}`),
        merge,
      };
    }
    default: {
      const join = REDUCERS[reduce];
      const reducer: Reducer = (a, b) => (a === null ? b : join(a, b));
      return { initial: null, add: reducer, merge: reducer };
    }
  }
}

function ofNumbers(join: (a: number, b: number) => number): Reducer {
  return (a, b) => (b === null ? a : join(Number(a), Number(b)));
}
