/**
 * `largest(x, k)`: the `k` largest numbers, the largest first, equal ones as often as they came. NaN
 * is above every number, 0 above -0.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { AccumulatorObject } from "../../state/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { compareNumbers } from "./compare_values.ts";
import { storedSchema } from "./value_type.ts";

export interface Largest extends AccumulatorObject {
  /** At most `k`, descending. */
  readonly numbers: number[];
  readonly heapBytes: number;
}

export function largest(x: ExpressionType, k: number): ObjectAggregator<Largest> {
  // What it may become: a list of numbers is cheaper than its accounting.
  const heapBytes = 64 + 16 * k;
  const add = (numbers: number[], x: number): void => {
    if (numbers.length === k && compare(numbers[k - 1]!, x) >= 0) return;
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(numbers[middle]!, x) >= 0) low = middle + 1;
      else high = middle;
    }
    numbers.splice(low, 0, x);
    if (numbers.length > k) numbers.pop();
  };
  return {
    lift: (x) => ({ numbers: [x as number], heapBytes }),
    fold: ({ numbers }, x) => add(numbers, x as number),
    combine: (a, b) => {
      for (const x of b.numbers) add(a.numbers, x);
      return a;
    },
    lower: ({ numbers }) => [...numbers],
    schema: { kind: "array", items: storedSchema(x) },
    save: ({ numbers }) => numbers,
    load: (saved) => {
      const numbers: number[] = [];
      for (const x of saved as readonly number[]) add(numbers, x);
      return { numbers, heapBytes };
    },
  };
}

/** Tells -0 from 0, so that equal ones cannot be told apart. */
function compare(a: number, b: number): number {
  if (a === 0 && b === 0) return Number(Object.is(b, -0)) - Number(Object.is(a, -0));
  return compareNumbers(a, b);
}
