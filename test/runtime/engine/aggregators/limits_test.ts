import { describe, expect, test } from "vitest";
import { countBy } from "../../../../runtime/engine/aggregators/count_by.ts";
import { MAX_EXACT_DISTINCT } from "../../../../runtime/engine/aggregators/distinct.ts";
import {
  CurrentOrder,
  limitBytesOf,
  objectAggregator,
} from "../../../../runtime/engine/aggregators/mod.ts";
import { createCodec } from "../../../../runtime/engine/aggregators/object_slot.ts";
import { MAX_TALLIED } from "../../../../runtime/engine/aggregators/tally.ts";
import {
  AGGREGATORS,
  type Expression,
  type ObjectAggregatorPlan,
} from "../../../../topology/language/mod.ts";

const argument: Expression = {
  op: "path",
  root: "value",
  path: ["x"],
  type: { kind: "int" },
  span: { start: 0, end: 0 },
};

function filled(plan: ObjectAggregatorPlan, count: number, limitBytes: number) {
  const aggregator = objectAggregator(plan, limitBytes, () => ({ combine: (a) => a }));
  const order = new CurrentOrder();
  // As long as ints, times and offsets get.
  const long = Number.MAX_SAFE_INTEGER - count;
  order.ofRecord(long, 0, 1e6, long);
  const accumulator = aggregator.lift(long, null, order);
  for (let n = 1; n < count; n++) {
    order.ofRecord(long + n, 0, 1e6, long + n);
    aggregator.fold(accumulator, long + n, null, order);
  }
  return { aggregator, accumulator, bytes: createCodec(aggregator).encode(accumulator).length };
}

const docOf = (name: string) => AGGREGATORS.find((spec) => spec.name === name)!.doc;

describe("the documented limits", () => {
  test("are those of the code", () => {
    const words = (limit: number) => limit.toLocaleString("en");
    expect(docOf("countBy")).toContain(`More than ${words(MAX_TALLIED)} different values`);
    expect(docOf("mostFrequent")).toContain(`More than ${words(MAX_TALLIED)} different values`);
    expect(docOf("distinct")).toContain(`exact up to ${words(MAX_EXACT_DISTINCT)} of them`);
  });

  test("of countBy are exact", () => {
    const plan: ObjectAggregatorPlan = { name: "countBy", argument };
    const { aggregator, accumulator } = filled(plan, MAX_TALLIED, limitBytesOf(1));
    expect((aggregator.lower(accumulator) as Map<string, number>).size).toBe(MAX_TALLIED);
    aggregator.fold(accumulator, -1, null, new CurrentOrder());
    expect(() => aggregator.lower(accumulator)).toThrow(
      expect.objectContaining({ code: "AGGREGATE_LIMIT" }),
    );
  });

  test.each<ObjectAggregatorPlan>([
    { name: "countBy", argument },
    { name: "mostFrequent", argument, limit: 1000 },
    { name: "collect", argument, limit: 10_000 },
  ])("of $name can be reached by numbers, where it has the record to itself", (plan) => {
    const { aggregator, accumulator, bytes } = filled(plan, 10_000, limitBytesOf(1));
    expect(aggregator.lower(accumulator)).toBeDefined();
    expect(bytes).toBeLessThan(900_000);
  });

  test.each<ObjectAggregatorPlan>([
    { name: "countBy", argument },
    { name: "collect", argument, limit: 10_000 },
    { name: "distinct", argument },
    { name: "largest", argument, limit: 1000 },
    { name: "last", argument },
  ])("keep 64 accumulators of $name within one record", (plan) => {
    for (const count of [100, 1000, 20_000]) {
      const { bytes } = filled(plan, count, limitBytesOf(64));
      expect(64 * bytes).toBeLessThan(800 * 1024);
    }
  });

  test("of bytes hold for text, too", () => {
    const aggregator = countBy({ kind: "string" }, 1000);
    const order = new CurrentOrder();
    const accumulator = aggregator.lift("x".repeat(300), null, order);
    expect(aggregator.lower(accumulator)).toBeDefined();
    aggregator.fold(accumulator, "y".repeat(100), null, order);
    expect(() => aggregator.lower(accumulator)).toThrow("1000 bytes");
  });
});
