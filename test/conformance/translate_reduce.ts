/**
 * Cases that reduce, as a definition: the records of `input` go through one reduce to `output`, whose
 * values are `{ result }`.
 *
 * @module
 */

import type {
  Aggregator,
  Duration,
  Stage,
  Topology,
  ValueType,
  Window,
} from "../../topology/mod.ts";
import type { ReduceName, ReduceParams, UnwindowedVector, WindowedVector } from "./vectors.ts";

/** Time is that of the records alone: nothing ticks, and nothing is too far ahead. */
export const TIMELESS = { idle: "never", maxFuture: "unlimited" } as const;

export function translateWindowed({ kind, params, input }: WindowedVector): Topology {
  const words: Stage = {
    flatMap: {
      for: { word: "value.lowerAscii().split(' ')" },
      when: "word != ''",
      key: "word",
      value: "word",
    },
  };
  return definitionOf(valueTypeOf(input), [
    ...(kind === "wordcount" ? [words] : []),
    {
      id: "reduced",
      windowedReduce: {
        window: windowOf(params),
        value: { result: AGGREGATORS[params.reduce] },
        emit: params.emit === "update" ? "updates" : "final",
      },
    },
  ]);
}

export function translateUnwindowed({ params, input }: UnwindowedVector): Topology {
  return definitionOf(valueTypeOf(input), [
    {
      id: "reduced",
      reduce: { value: { result: AGGREGATORS[params.reduce] }, emit: "updates" },
    },
  ]);
}

function definitionOf(value: ValueType, stages: readonly Stage[]): Topology {
  return {
    topology: "conformance",
    streams: { input: { key: "string", value, ...TIMELESS }, output: { value: "json" } },
    pipelines: { reduced: [{ source: "input" }, ...stages, { sink: "output" }] },
  };
}

function valueTypeOf(input: WindowedVector["input"]): ValueType {
  return input.some(({ value }) => typeof value === "number") ? "long" : "string";
}

/**
 * `trace` shows initialiser and aggregator as they are called: the partial result is the list of what
 * was added, and `lower` puts the initial value before it.
 */
const AGGREGATORS: Readonly<Record<ReduceName, Aggregator>> = {
  count: "count()",
  sum: "sum(value)",
  min: "min(value)",
  max: "max(value)",
  concat: { lift: "value", combine: "a + b", ordered: true },
  trace: { lift: "value", combine: "a + ',' + b", lower: "'I,' + a", ordered: true },
  traceDel: {
    lift: "value == 'DEL' ? null : value",
    combine: "a == null || b == null ? b : a + ',' + b",
    lower: "a == null ? null : 'I,' + a",
    ordered: true,
  },
};

function windowOf(params: ReduceParams): Window {
  const grace = ms(params.graceMs);
  switch (params.windows) {
    case "tumbling":
      return { tumbling: ms(params.sizeMs), grace };
    case "hopping":
      return { hopping: ms(params.sizeMs), every: ms(params.advanceMs), grace };
    case "sliding":
      return { sliding: ms(params.differenceMs), grace };
    case "session":
      return { session: ms(params.gapMs), grace };
  }
}

function ms(milliseconds: number): Duration {
  return `${milliseconds}ms`;
}
