/**
 * Functions that put entries together: panes into windows.
 *
 * @module
 */

import { isNumericAggregator, type ReduceNode } from "../../../topology/language/mod.ts";
import { ENTRY_RECORDS, type EntryTable, type WindowTable } from "../../state/mod.ts";
import { numericAggregator, type ObjectSlot } from "../aggregators/mod.ts";

/** Changes the entry `e` of `into` by the entry `x` of `from`. */
export type EntryFunction = (into: EntryTable, e: number, from: EntryTable, x: number) => void;

export interface Combiner {
  readonly combine: EntryFunction;
  /** Takes away again what `combine` has added. Absent: an aggregator has no inverse. */
  readonly subtract?: EntryFunction;
}

/**
 * @param table where accumulators and event times stand in its entries
 * @param objects accumulators that are no numbers, in the order of their aggregators
 */
export function compileCombiner(
  { aggregators }: ReduceNode,
  { firstAccumulator, maxTime }: Pick<WindowTable, "firstAccumulator" | "maxTime">,
  objects: readonly ObjectSlot[],
): Combiner {
  const combines: string[] = [];
  const inverses: (string | undefined)[] = [];
  let slot = firstAccumulator;
  let object = 0;
  for (const { aggregator } of aggregators) {
    if (!isNumericAggregator(aggregator)) {
      combines.push(`objects[${object++}].combine(into, e, from, x);`);
      // Neither a limit that was passed nor a combine that has failed can be taken back.
      inverses.push(undefined);
      continue;
    }
    const { initial, combine, inverse } = numericAggregator(aggregator);
    const first = slot;
    const of = (entry: string) => (n: number) => `${entry} + ${first + n}]`;
    combines.push(combine(of("f[e"), of("g[x")));
    inverses.push(inverse?.(of("f[e"), of("g[x")));
    slot += initial.length;
  }
  if (maxTime !== undefined) {
    combines.push(
      `if (g[x + ${maxTime}] > f[e + ${maxTime}]) f[e + ${maxTime}] = g[x + ${maxTime}];`,
    );
  }
  const combine = compile(["+=", ...combines], objects);
  return inverses.includes(undefined)
    ? { combine }
    : { combine, subtract: compile(["-=", ...(inverses as string[])], objects) };
}

type Maker = (objects: readonly ObjectSlot[]) => EntryFunction;

/** By source text, of which there are few: as many as kinds of reduces. */
const makers = new Map<string, Maker>();

function compile(
  [records, ...statements]: readonly string[],
  objects: readonly ObjectSlot[],
): EntryFunction {
  const text = [
    '"use strict"; return function (into, e, from, x) {',
    "const f = into.f64, g = from.f64;",
    `f[e + ${ENTRY_RECORDS}] ${records} g[x + ${ENTRY_RECORDS}];`,
    ...statements,
    "};",
  ].join("\n");
  let make = makers.get(text);
  if (make === undefined) {
    // Built from names and numbers of the plan's aggregators only.
    make = new Function("objects", text) as Maker;
    makers.set(text, make);
  }
  return make(objects);
}
