/**
 * What `first`, `last`, `maxBy` and `minBy` have in common: of all records one is chosen, and its `x`
 * is the result.
 *
 * @module
 */

import type { AvroType, ExpressionType } from "../../../topology/language/mod.ts";
import type { AccumulatorObject } from "../../state/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { keepOrder, ORDER_SCHEMA, type SourceOrder, storedOrderBytes } from "./source_order.ts";
import { storedBytesOf, storedSchema } from "./value_type.ts";

export interface Chosen extends AccumulatorObject {
  heapBytes: number;
  x: unknown;
  by: unknown;
  order: SourceOrder;
}

/** Is the candidate to be taken instead of the one that was chosen so far? */
export type Prefers = (by: unknown, order: SourceOrder, chosen: Chosen) => boolean;

/** What the objects take beside what is stored of them. */
const OBJECT_BYTES = 160;

export function choosing(
  x: ExpressionType,
  by: ExpressionType,
  prefers: Prefers,
): ObjectAggregator<Chosen> {
  const bytesOfX = storedBytesOf(x);
  const bytesOfBy = storedBytesOf(by);
  const bytesOf = (x: unknown, by: unknown, order: SourceOrder): number =>
    OBJECT_BYTES + bytesOfX(x) + bytesOfBy(by) + storedOrderBytes(order);
  const take = (chosen: Chosen, x: unknown, by: unknown, order: SourceOrder): void => {
    chosen.x = x;
    chosen.by = by;
    chosen.order = keepOrder(order);
    chosen.heapBytes = bytesOf(x, by, order);
  };
  return {
    lift: (x, by, order) => ({
      x,
      by,
      order: keepOrder(order),
      heapBytes: bytesOf(x, by, order),
    }),
    fold: (chosen, x, by, order) => {
      if (prefers(by, order, chosen)) take(chosen, x, by, order);
    },
    combine: (a, b) => {
      if (prefers(b.by, b.order, a)) take(a, b.x, b.by, b.order);
      return a;
    },
    ofOneSize: true,
    lower: ({ x }) => x,
    schema: schemaOf(storedSchema(x), storedSchema(by)),
    save: ({ x, by, order }) => ({ x, by, order }),
    load: (saved) => {
      const { x, by, order } = saved as Pick<Chosen, "x" | "by" | "order">;
      return { x, by, order, heapBytes: bytesOf(x, by, order) };
    },
  };
}

function schemaOf(x: AvroType, by: AvroType): AvroType {
  return {
    kind: "record",
    name: "Chosen",
    fields: [
      { name: "x", type: x, hasDefault: false },
      { name: "by", type: by, hasDefault: false },
      { name: "order", type: ORDER_SCHEMA, hasDefault: false },
    ],
  };
}
