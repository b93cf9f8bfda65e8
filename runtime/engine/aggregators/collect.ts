/**
 * `collect(x, max)`: every `x` in a list, in the order of the records. More than `max` of them, or
 * more bytes than an accumulator may have, and there is no result: a list cut short would be taken
 * for all there was.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { AccumulatorObject } from "../../state/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import {
  compareOrder,
  keepOrder,
  ORDER_SCHEMA,
  orderBytes,
  type SourceOrder,
} from "./source_order.ts";
import { heapBytesOf, refuseBeyond, storedSchema } from "./value_type.ts";

interface Item {
  readonly x: unknown;
  readonly order: SourceOrder;
}

export interface Collected extends AccumulatorObject {
  heapBytes: number;
  items: Item[];
  /** There were too many: none is kept, whatever else comes. */
  over: boolean;
}

const EMPTY_BYTES = 48;

export function collect(
  x: ExpressionType,
  max: number,
  limitBytes: number,
): ObjectAggregator<Collected> {
  const bytesOfX = heapBytesOf(x);
  const add = (list: Collected, x: unknown, order: SourceOrder): void => {
    if (list.over) return;
    list.items.push({ x, order });
    list.heapBytes += 16 + bytesOfX(x) + orderBytes(order);
    if (list.items.length <= max && list.heapBytes <= limitBytes) return;
    list.over = true;
    list.items = [];
    list.heapBytes = EMPTY_BYTES;
  };
  const empty = (): Collected => ({ items: [], over: false, heapBytes: EMPTY_BYTES });
  return {
    lift: (x, _, order) => {
      const list = empty();
      add(list, x, keepOrder(order));
      return list;
    },
    fold: (list, x, _, order) => add(list, x, keepOrder(order)),
    combine: (a, b) => {
      for (const { x, order } of b.items) add(a, x, order);
      if (b.over && !a.over) Object.assign(a, empty(), { over: true });
      return a;
    },
    lower: ({ items, over }) => {
      if (over) refuseBeyond(`collect has more than ${max} items, or ${limitBytes} bytes of them`);
      return items.toSorted((a, b) => compareOrder(a.order, b.order)).map(({ x }) => x);
    },
    schema: {
      kind: "record",
      name: "Collected",
      fields: [
        { name: "over", type: { kind: "boolean" }, hasDefault: false },
        {
          name: "items",
          type: {
            kind: "array",
            items: {
              kind: "record",
              name: "Item",
              fields: [
                { name: "x", type: storedSchema(x), hasDefault: false },
                { name: "order", type: ORDER_SCHEMA, hasDefault: false },
              ],
            },
          },
          hasDefault: false,
        },
      ],
    },
    save: ({ over, items }) => ({ over, items }),
    load: (saved) => {
      const { over, items } = saved as Pick<Collected, "over" | "items">;
      const list = empty();
      for (const { x, order } of items) add(list, x, order);
      list.over ||= over;
      return list;
    },
  };
}
