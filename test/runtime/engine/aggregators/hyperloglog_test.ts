import { describe, expect, test } from "vitest";
import { distinct, MAX_EXACT_DISTINCT } from "../../../../runtime/engine/aggregators/distinct.ts";
import type { SourceOrder } from "../../../../runtime/engine/aggregators/source_order.ts";
import type { ExpressionType } from "../../../../topology/language/mod.ts";

const ORDER: SourceOrder = {
  atMs: 0,
  topic: 0,
  writer: 0,
  partition: 0,
  offset: 0,
  key: new Uint8Array(0),
  emit: 0,
};
const LIMIT_BYTES = 256 * 1024;

function counted(type: ExpressionType, values: Iterable<unknown>): number {
  const aggregator = distinct(type, LIMIT_BYTES);
  const [first, ...others] = values;
  const seen = aggregator.lift(first, null, ORDER);
  for (const x of others) aggregator.fold(seen, x, null, ORDER);
  return aggregator.lower(seen) as number;
}

const range = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const KINDS: readonly (readonly [string, ExpressionType, (n: number) => unknown])[] = [
  ["numbers in a row", { kind: "int" }, (n) => n],
  ["multiples of 2^32", { kind: "int" }, (n) => n * 2 ** 32],
  ["doubles", { kind: "double" }, (n) => n / 7],
  ["numbered text", { kind: "string" }, (n) => `user-${n}`],
  ["text of two characters", { kind: "string" }, (n) => String.fromCharCode(n >> 8, n & 255)],
];

describe("distinct", () => {
  test("is exact up to its stated size", () => {
    const values = range(MAX_EXACT_DISTINCT, (n) => `v${n}`);
    expect(counted({ kind: "string" }, [...values, ...values])).toBe(MAX_EXACT_DISTINCT);
  });

  test.each(KINDS)("beyond it estimates %s, with a standard error of 1.6 %%", (_, type, make) => {
    const errors = [1025, 1500, 3000, 6000, 12_000, 25_000, 60_000].map(
      (count) => counted(type, range(count, make)) / count - 1,
    );
    // Of seven one may be off by twice the standard error, and none by four times.
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * 0.01625);
    expect(errors.filter((error) => Math.abs(error) > 2 * 0.01625).length).toBeLessThanOrEqual(2);
  });

  test("does not depend on when it stopped to be exact", () => {
    const aggregator = distinct({ kind: "int" }, LIMIT_BYTES);
    const values = range(5000, (n) => n * 31);
    const parts = range(10, (part) => {
      const seen = aggregator.lift(values[part], null, ORDER);
      for (const x of values.filter((_, n) => n % 10 === part))
        aggregator.fold(seen, x, null, ORDER);
      return seen;
    });
    const merged = parts.reduce((a, b) => aggregator.combine(a, b));
    expect(aggregator.lower(merged)).toBe(counted({ kind: "int" }, values));
  });
});
