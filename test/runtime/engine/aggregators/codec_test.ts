import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObjectAggregator } from "../../../../runtime/engine/aggregators/aggregator.ts";
import { CurrentOrder, objectAggregator } from "../../../../runtime/engine/aggregators/mod.ts";
import { createCodec } from "../../../../runtime/engine/aggregators/object_slot.ts";
import type { MillraceError } from "../../../../runtime/fault/mod.ts";
import type { Expression, ObjectAggregatorPlan } from "../../../../topology/language/mod.ts";

const LIMIT_BYTES = 256 * 1024;
const argument: Expression = {
  op: "path",
  root: "value",
  path: ["x"],
  type: { kind: "string" },
  span: { start: 0, end: 0 },
};
const made = { kind: "expression", expression: argument } as const;

const PLANS: readonly ObjectAggregatorPlan[] = [
  { name: "first", argument },
  { name: "last", argument },
  { name: "maxBy", argument, by: argument },
  { name: "minBy", argument, by: argument },
  { name: "largest", argument: { ...argument, type: { kind: "double" } }, limit: 3 },
  { name: "mostFrequent", argument, limit: 3 },
  { name: "countBy", argument },
  { name: "distinct", argument },
  { name: "collect", argument, limit: 100 },
  { name: "reducer", lift: made, combine: made, partial: { kind: "string" } },
];

function create(plan: ObjectAggregatorPlan): ObjectAggregator {
  return objectAggregator(plan, LIMIT_BYTES, () => ({ combine: (a, b) => `${a}${b}` }));
}

/** Accumulators with something in them. */
function filled(aggregator: ObjectAggregator, name: string): Uint8Array {
  const order = new CurrentOrder();
  const by = (n: number) => (name.endsWith("By") && name !== "countBy" ? `by ${n}` : null);
  const x = (n: number) => (name === "largest" ? n : `value ${n}`);
  const accumulator = aggregator.lift(x(0), by(0), order);
  for (let n = 1; n < 8; n++) {
    order.ofRecord(n * 1000, 0, 1, n);
    aggregator.fold(accumulator, x(n), by(n), order);
  }
  return createCodec(aggregator).encode(accumulator);
}

describe.each(PLANS)("an accumulator of $name in the changelog", (plan) => {
  const aggregator = create(plan);
  const codec = createCodec(aggregator);
  const bytes = filled(aggregator, plan.name);

  test("is the same bytes again when it has been read", () => {
    expect(codec.encode(codec.decode(bytes))).toEqual(bytes);
  });

  test("is a fault where it is torn, whichever byte is the last", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => codec.decode(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "STATE_CORRUPT" }),
      );
    }
  });

  test("is an accumulator or a fault, whatever the bytes are", () => {
    const changed = fc
      .tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }))
      .map(([at, byte]) => bytes.with(at, byte));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), changed), (hostile) => {
        try {
          const accumulator = codec.decode(hostile);
          expect(accumulator.heapBytes).toBeLessThan(LIMIT_BYTES);
          aggregator.lower(accumulator);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          const { code } = error as MillraceError;
          // A reducer's own failure is an accumulator, too.
          if (plan.name !== "reducer") expect(["STATE_CORRUPT", "AGGREGATE_LIMIT"]).toContain(code);
        }
      }),
      { numRuns: 300 },
    );
  });
});
