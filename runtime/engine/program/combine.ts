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

/**
 * Takes away again what was added to the entry `e` of `into` by the entry `x` of `from`.
 * @returns false when it cannot be: the entry is of no use then
 */
export type SubtractFunction = (
  into: EntryTable,
  e: number,
  from: EntryTable,
  x: number,
) => boolean;

export interface Combiner {
  readonly combine: EntryFunction;
  /** Absent: an aggregator has no inverse. */
  readonly subtract?: SubtractFunction;
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
      const { subtracts } = objects[object]!;
      combines.push(`objects[${object}].combine(into, e, from, x);`);
      inverses.push(
        subtracts ? `if (!objects[${object}].subtract(into, e, from, x)) ok = false;` : undefined,
      );
      object++;
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
  const combine = compile("", "+=", combines, "", objects) as EntryFunction;
  if (inverses.includes(undefined)) return { combine };
  const subtract = compile("let ok = true;", "-=", inverses as string[], "return ok;", objects);
  return { combine, subtract: subtract as SubtractFunction };
}

type Maker = (objects: readonly ObjectSlot[]) => unknown;

/** By source text, of which there are few: as many as kinds of reduces. */
const makers = new Map<string, Maker>();

function compile(
  before: string,
  records: "+=" | "-=",
  statements: readonly string[],
  behind: string,
  objects: readonly ObjectSlot[],
): unknown {
  const text = [
    '"use strict"; return function (into, e, from, x) {',
    before,
    "const f = into.f64, g = from.f64;",
    `f[e + ${ENTRY_RECORDS}] ${records} g[x + ${ENTRY_RECORDS}];`,
    ...statements,
    behind,
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
