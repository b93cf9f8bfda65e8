/**
 * The laws of every aggregator: whatever the order, the grouping and the reloading, the result is the
 * one of the plain definition; what has been combined can be taken away again where there is an inverse.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { avg } from "../../../../runtime/engine/aggregators/avg.ts";
import { collect } from "../../../../runtime/engine/aggregators/collect.ts";
import { count } from "../../../../runtime/engine/aggregators/count.ts";
import { countBy } from "../../../../runtime/engine/aggregators/count_by.ts";
import { distinct } from "../../../../runtime/engine/aggregators/distinct.ts";
import { extremum } from "../../../../runtime/engine/aggregators/extremum.ts";
import { extremumBy } from "../../../../runtime/engine/aggregators/extremum_by.ts";
import { first } from "../../../../runtime/engine/aggregators/first.ts";
import { largest } from "../../../../runtime/engine/aggregators/largest.ts";
import { last } from "../../../../runtime/engine/aggregators/last.ts";
import { mostFrequent } from "../../../../runtime/engine/aggregators/most_frequent.ts";
import { reducer } from "../../../../runtime/engine/aggregators/reducer.ts";
import { sumDouble } from "../../../../runtime/engine/aggregators/sum_double.ts";
import { sumInt } from "../../../../runtime/engine/aggregators/sum_int.ts";
import type { ExpressionType } from "../../../../topology/language/mod.ts";
import {
  type Algebra,
  choices,
  type Given,
  givens,
  inAnyWay,
  inOrder,
  numericAlgebra,
  objectAlgebra,
} from "./_laws.ts";

const INT: ExpressionType = { kind: "int" };
const DOUBLE: ExpressionType = { kind: "double" };
const STRING: ExpressionType = { kind: "string" };
const BOOL: ExpressionType = { kind: "bool" };
const LIMIT_BYTES = 256 * 1024;

const int = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.maxSafeInteger());
const smallInt = fc.integer({ min: -5, max: 5 });
/** Sums of these are exact, so that they can be compared. */
const eighth = fc.integer({ min: -8000, max: 8000 }).map((n) => n / 8);
const anyDouble = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, 1, -1));
const text = fc.string({ unit: "binary", maxLength: 3 });
const PERSON: ExpressionType = {
  kind: "record",
  name: "Person",
  fields: [
    { name: "who", type: { kind: "nullable", type: STRING } },
    {
      name: "tags",
      type: { kind: "list", element: { kind: "enum", name: "E", symbols: ["A", "B"] } },
    },
    { name: "by", type: { kind: "map", value: DOUBLE } },
    { name: "raw", type: { kind: "bytes" } },
  ],
};
const person = fc.record({
  who: fc.option(text),
  tags: fc.array(fc.constantFrom("A", "B"), { maxLength: 2 }),
  by: fc
    .uniqueArray(fc.tuple(text, anyDouble), { maxLength: 2, selector: ([key]) => key })
    .map((entries) => new Map(entries)),
  raw: fc.uint8Array({ maxLength: 3 }),
});

interface Case<X = unknown> {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each aggregator has accumulators of its own.
  readonly algebra: Algebra<any, X>;
  readonly x: fc.Arbitrary<X>;
  readonly by?: fc.Arbitrary<unknown>;
  /** The plain definition, over records in order. */
  readonly plain: (records: readonly Given<X>[]) => unknown;
}

function defined<X>(made: Case<X>): Case {
  return made as unknown as Case;
}

const xs = <X>(records: readonly Given<X>[]): X[] => records.map(({ x }) => x);
/** Of equal ones the first: `sort` is stable. */
const ranked = (records: readonly Given<unknown>[], sign: number) =>
  records.toSorted((a, b) => sign * byDouble(b.by as number, a.by as number));
const byDouble = (a: number, b: number): number =>
  a === b ? 0 : Number.isNaN(a) ? Number(!Number.isNaN(b)) : Number.isNaN(b) ? -1 : a - b;
const byCodePoints = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
const tally = <X>(values: readonly X[]): Map<X, number> => {
  const counts = new Map<X, number>();
  for (const x of values) counts.set(x, (counts.get(x) ?? 0) + 1);
  return counts;
};

const exactSum = (values: readonly number[]): bigint =>
  values.reduce((sum, x) => sum + BigInt(x), 0n);

const CASES: readonly Case[] = [
  defined({
    name: "count()",
    algebra: numericAlgebra(count(false)),
    x: fc.constant(null),
    plain: (records) => records.length,
  }),
  defined({
    name: "count(condition)",
    algebra: numericAlgebra(count(true)),
    x: fc.boolean(),
    plain: (records) => xs(records).filter(Boolean).length,
  }),
  defined({
    name: "sum of ints",
    algebra: numericAlgebra<number>(sumInt()),
    x: int,
    plain: (records) => {
      const sum = exactSum(xs(records));
      return sum === BigInt(Number(sum)) && Number.isSafeInteger(Number(sum))
        ? Number(sum)
        : "SUM_OVERFLOW";
    },
  }),
  defined({
    name: "sum of doubles",
    algebra: numericAlgebra<number>(sumDouble()),
    x: eighth,
    plain: (records) => xs(records).reduce((sum, x) => sum + x, 0),
  }),
  defined({
    name: "avg of ints",
    algebra: numericAlgebra<number>(avg("int")),
    x: smallInt,
    plain: (records) => Number(exactSum(xs(records))) / records.length,
  }),
  defined({
    name: "avg of doubles",
    algebra: numericAlgebra<number>(avg("double")),
    x: eighth,
    plain: (records) => xs(records).reduce((sum, x) => sum + x, 0) / records.length,
  }),
  ...(["min", "max"] as const).map((name) =>
    defined({
      name,
      algebra: numericAlgebra<number>(extremum(name)),
      x: anyDouble,
      plain: (records) => Math[name](...xs(records)),
    }),
  ),
  defined({
    name: "first",
    algebra: objectAlgebra(first(PERSON)),
    x: person,
    plain: (records) => records[0]!.x,
  }),
  defined({
    name: "last of what may be null",
    algebra: objectAlgebra(last({ kind: "nullable", type: STRING })),
    x: fc.option(text),
    plain: (records) => records.at(-1)!.x,
  }),
  defined({
    name: "maxBy a double",
    algebra: objectAlgebra(extremumBy("maxBy", PERSON, DOUBLE)),
    x: person,
    by: anyDouble,
    plain: (records) => ranked(records, 1)[0]!.x,
  }),
  defined({
    name: "minBy a double",
    algebra: objectAlgebra(extremumBy("minBy", INT, DOUBLE)),
    x: int,
    by: anyDouble,
    plain: (records) => ranked(records, -1)[0]!.x,
  }),
  defined({
    name: "maxBy text",
    algebra: objectAlgebra(extremumBy("maxBy", INT, STRING)),
    x: int,
    by: text,
    plain: (records) =>
      records.toSorted((a, b) => byCodePoints(b.by as string, a.by as string))[0]!.x,
  }),
  defined({
    name: "collect",
    algebra: objectAlgebra(collect(PERSON, 20, LIMIT_BYTES)),
    x: person,
    plain: (records) => (records.length > 20 ? "AGGREGATE_LIMIT" : xs(records)),
  }),
  defined({
    name: "collect of too many bytes",
    algebra: objectAlgebra<string>(collect(STRING, 1000, 800)),
    x: text,
    plain: (records) => {
      const bytes = records.reduce(
        (sum, { x, order }) => sum + 5 + 3 * x.length + 48 + order.key.length,
        0,
      );
      return bytes > 800 ? "AGGREGATE_LIMIT" : xs(records);
    },
  }),
  defined({
    name: "largest",
    algebra: objectAlgebra<number>(largest(DOUBLE, 4)),
    x: anyDouble,
    plain: (records) => {
      const rank = (x: number) => (Object.is(x, -0) ? -Number.MIN_VALUE / 2 : x);
      return xs(records)
        .toSorted(
          (a, b) =>
            byDouble(rank(b), rank(a)) || Number(Object.is(a, -0)) - Number(Object.is(b, -0)),
        )
        .slice(0, 4);
    },
  }),
  defined({
    name: "mostFrequent",
    algebra: objectAlgebra<string>(mostFrequent(STRING, 2, LIMIT_BYTES)),
    x: fc.constantFrom("a", "b", "c", "\u{1f600}", "\uffee"),
    plain: (records) =>
      [...tally(xs(records))]
        .toSorted(([a, n], [b, m]) => m - n || byCodePoints(a, b))
        .slice(0, 2)
        .map(([value, count]) => ({ value, count })),
  }),
  defined({
    name: "countBy",
    algebra: objectAlgebra<number>(countBy(INT, LIMIT_BYTES)),
    x: smallInt,
    plain: (records) => {
      const counts = [...tally(xs(records))].toSorted(([a], [b]) => a - b);
      return counts.map(([x, count]) => [String(x), count]);
    },
  }),
  defined({
    name: "countBy of too many bytes",
    algebra: objectAlgebra(countBy(BOOL, 39)),
    x: fc.boolean(),
    plain: (records) =>
      tally(xs(records)).size > 1 ? "AGGREGATE_LIMIT" : [[String(records[0]!.x), records.length]],
  }),
  defined({
    name: "distinct",
    algebra: objectAlgebra(distinct(DOUBLE, LIMIT_BYTES)),
    x: anyDouble,
    plain: (records) => new Set(xs(records)).size,
  }),
  defined({
    name: "a reducer of one's own",
    algebra: objectAlgebra<readonly number[]>(
      reducer(
        { kind: "list", element: INT },
        {
          combine: (a, b) => (a as number[]).map((x, n) => x + (b as number[])[n]!),
          inverse: (a, b) => (a as number[]).map((x, n) => x - (b as number[])[n]!),
          lower: (a) => (a as number[])[0]! / (a as number[])[1]!,
        },
        LIMIT_BYTES,
      ),
    ),
    x: smallInt.map((n): readonly number[] => [n, 1]),
    plain: (records) => Number(exactSum(xs(records).map(([n]) => n!))) / records.length,
  }),
];

/** Its result, or the code of why there is none; maps in the order of their keys. */
function resultOf<A>(algebra: Algebra<A, unknown>, accumulator: A): unknown {
  try {
    const result = algebra.lower(accumulator);
    return result instanceof Map ? [...result] : result;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe.each(CASES)("$name", ({ algebra, x, by, plain }) => {
  test("is what the plain definition says, in whatever order and groups records are combined", () => {
    fc.assert(
      fc.property(givens(x, by), choices, (records, how) => {
        const combined = inAnyWay(algebra, records, how);
        expect(resultOf(algebra, combined)).toEqual(plain(inOrder(records)));
      }),
      { numRuns: 150 },
    );
  });

  test("combines in any order and grouping, and leaves what it takes in as it was", () => {
    fc.assert(
      fc.property(givens(x, by), givens(x, by), givens(x, by), choices, (...[p, q, r, how]) => {
        const [a, b, c] = [p, q, r].map((part) => inAnyWay(algebra, part, how));
        const before = resultOf(algebra, b);
        const result = (accumulator: unknown) => resultOf(algebra, accumulator);
        expect(result(algebra.combine(algebra.combine(a, b), c))).toEqual(
          result(algebra.combine(a, algebra.combine(b, c))),
        );
        expect(result(b)).toEqual(before);
        if (algebra.inverse !== undefined) {
          expect(result(algebra.inverse(algebra.combine(a, b), b))).toEqual(result(a));
        }
      }),
      { numRuns: 60 },
    );
  });
});
