import fc from "fast-check";
import type {
  NumericAggregator,
  ObjectAggregator,
} from "../../../../runtime/engine/aggregators/aggregator.ts";
import { createCodec } from "../../../../runtime/engine/aggregators/object_slot.ts";
import type { SourceOrder } from "../../../../runtime/engine/aggregators/source_order.ts";
import { engineLibrary } from "../../../../runtime/engine/program/library.ts";
import type { AccumulatorObject } from "../../../../runtime/state/mod.ts";

/** A record as an aggregator sees it. */
export interface Given<X> {
  readonly x: X;
  readonly by: unknown;
  readonly order: SourceOrder;
}

/** The algebra, whatever the accumulator is. */
export interface Algebra<A, X> {
  lift(given: Given<X>): A;
  fold(accumulator: A, given: Given<X>): A;
  combine(a: A, b: A): A;
  inverse?(a: A, b: A): A;
  lower(accumulator: A): unknown;
  /** Through its bytes and back. */
  reload(accumulator: A): A;
}

/**
 * Source text run on arrays, the first element of which counts the records, as that of an entry does.
 * `combine` works on a copy: here accumulators are values.
 */
export function numericAlgebra<X>(code: NumericAggregator): Algebra<readonly number[], X> {
  const slot = (array: string) => (n: number) => `${array}[${n + 1}]`;
  const statements = (text: string) =>
    new Function("f", "o", "x", "L", `"use strict"; ${text}`) as (
      f: number[],
      o: readonly number[],
      x: unknown,
      L: typeof engineLibrary,
    ) => unknown;
  const change = (text: string) => {
    const run = statements(text);
    return (a: readonly number[], b: readonly number[], x?: unknown) => {
      const f = [...a];
      run(f, b, x, engineLibrary);
      return f;
    };
  };
  const fold = change(`f[0] += 1; ${code.fold(slot("f"), "x")}`);
  const combine = change(`f[0] += o[0]; ${code.combine(slot("f"), slot("o"))}`);
  const inverse = code.inverse && change(`f[0] -= o[0]; ${code.inverse(slot("f"), slot("o"))}`);
  const lower = statements(`return ${code.lower(slot("f"), "L", "f[0]")};`);
  return {
    lift: ({ x }) => fold([0, ...code.initial], [], x),
    fold: (a, { x }) => fold(a, [], x),
    combine: (a, b) => combine(a, b),
    ...(inverse && { inverse: (a: readonly number[], b: readonly number[]) => inverse(a, b) }),
    lower: (a) => lower([...a], [], undefined, engineLibrary),
    reload: (a) => Array.from(new Float64Array(a)),
  };
}

export function objectAlgebra<X>(aggregator: ObjectAggregator): Algebra<AccumulatorObject, X> {
  const codec = createCodec(aggregator);
  // What is combined or folded into is changed, so it is a copy.
  const copy = (a: AccumulatorObject) => codec.decode(codec.encode(a));
  const checked = (a: AccumulatorObject) => {
    const bytes = codec.encode(a);
    if (bytes.length > a.heapBytes) {
      throw new Error(`It takes ${bytes.length} bytes encoded and says ${a.heapBytes}`);
    }
    return a;
  };
  const { inverse } = aggregator;
  return {
    lift: ({ x, by, order }) => checked(aggregator.lift(x, by, order)),
    fold: (a, { x, by, order }) => {
      const folded = copy(a);
      aggregator.fold(folded, x, by, order);
      return checked(folded);
    },
    combine: (a, b) => checked(aggregator.combine(copy(a), b)),
    ...(inverse && {
      inverse: (a: AccumulatorObject, b: AccumulatorObject) => {
        const rest = inverse(copy(a), b);
        if (rest === undefined) throw new Error("It cannot be taken away again");
        return rest;
      },
    }),
    lower: (a) => aggregator.lower(a),
    reload: (a) => {
      const read = copy(a);
      if (read.heapBytes !== a.heapBytes) {
        throw new Error(`It says ${a.heapBytes} bytes, and ${read.heapBytes} once read again`);
      }
      return read;
    },
  };
}

/** Records with places of their own in the order, as they might come. */
export function givens<X>(
  x: fc.Arbitrary<X>,
  by: fc.Arbitrary<unknown> = fc.constant(null),
  maxLength = 30,
): fc.Arbitrary<readonly Given<X>[]> {
  const order = fc.record({
    atMs: fc.nat({ max: 4 }),
    topic: fc.nat({ max: 1 }),
    writer: fc.nat({ max: 1 }),
    partition: fc.nat({ max: 1 }),
    offset: fc.nat({ max: 20 }),
    key: fc.constantFrom(
      new Uint8Array(0),
      Uint8Array.of(1),
      Uint8Array.of(1, 0),
      Uint8Array.of(255),
    ),
    emit: fc.nat({ max: 2 }),
  });
  return fc.uniqueArray(fc.record({ x, by, order }), {
    minLength: 1,
    maxLength,
    selector: ({ order }) => JSON.stringify({ ...order, key: [...order.key] }),
  });
}

/** In the order of the records. */
export function inOrder<X>(all: readonly Given<X>[]): readonly Given<X>[] {
  const compare = (a: Given<X>, b: Given<X>): number => {
    const keys = ["atMs", "topic", "partition", "offset"] as const;
    for (const key of keys) if (a.order[key] !== b.order[key]) return a.order[key] - b.order[key];
    return (
      Buffer.compare(a.order.key, b.order.key) ||
      a.order.emit - b.order.emit ||
      a.order.writer - b.order.writer
    );
  };
  return all.toSorted(compare);
}

/** Accumulators of some records, grouped, combined and reloaded as the numbers say. */
export function inAnyWay<A, X>(
  algebra: Algebra<A, X>,
  all: readonly Given<X>[],
  choices: readonly number[],
): A {
  let turn = 0;
  const choose = (count: number): number => (choices[turn++ % choices.length] ?? 0) % count;
  const parts: A[] = [];
  for (const given of all) {
    const at = choose(parts.length + 1);
    if (at === parts.length) parts.push(algebra.lift(given));
    else parts[at] = algebra.fold(parts[at]!, given);
    if (choose(4) === 0) parts[at] = algebra.reload(parts[at]!);
  }
  while (parts.length > 1) {
    const [a] = parts.splice(choose(parts.length), 1);
    const at = choose(parts.length);
    parts[at] = choose(2) === 0 ? algebra.combine(a!, parts[at]!) : algebra.combine(parts[at]!, a!);
  }
  return parts[0]!;
}

export const choices = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 60 });
