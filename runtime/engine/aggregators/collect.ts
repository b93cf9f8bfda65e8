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
  type SourceOrder,
  storedOrderBytes,
} from "./source_order.ts";
import { refuseBeyond, storedBytesOf, storedSchema } from "./value_type.ts";

interface Item {
  readonly x: unknown;
  readonly order: SourceOrder;
}

export interface Collected extends AccumulatorObject {
  heapBytes: number;
  storedBytes: number;
  items: Item[];
  /** There were too many: none is kept, whatever else comes. */
  over: boolean;
}

const EMPTY_BYTES = 64;
/** What an item's objects take beside what is stored of it. */
const ITEM_BYTES = 112;

export function collect(
  x: ExpressionType,
  max: number,
  limitBytes: number,
): ObjectAggregator<Collected> {
  const bytesOfX = storedBytesOf(x);
  const add = (list: Collected, x: unknown, order: SourceOrder): void => {
    if (list.over) return;
    list.items.push({ x, order });
    const bytes = bytesOfX(x) + storedOrderBytes(order);
    list.storedBytes += bytes;
    list.heapBytes += bytes + ITEM_BYTES;
    if (list.items.length > max || list.storedBytes > limitBytes) overflow(list);
  };
  const empty = (): Collected => ({
    items: [],
    over: false,
    storedBytes: 0,
    heapBytes: EMPTY_BYTES,
  });
  const overflow = (list: Collected): void => {
    Object.assign(list, empty(), { over: true });
  };
  return {
    lift: (x, _, order) => {
      const list = empty();
      add(list, x, keepOrder(order));
      return list;
    },
    fold: (list, x, _, order) => add(list, x, keepOrder(order)),
    combine: (a, b) => {
      for (const { x, order } of b.items) add(a, x, order);
      if (b.over) overflow(a);
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
      if (over) overflow(list);
      return list;
    },
  };
}
