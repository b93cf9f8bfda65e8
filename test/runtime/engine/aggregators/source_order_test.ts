import { expect, test } from "vitest";
import {
  CurrentOrder,
  compareOrder,
  keepOrder,
} from "../../../../runtime/engine/aggregators/source_order.ts";

test("what is kept of an order does not change when the next record's bytes come", () => {
  const bytes = Buffer.from("key");
  const order = new CurrentOrder();
  order.ofRecord(1, 0, 0, 7);
  order.key = bytes.subarray(0, 3);
  const kept = keepOrder(order);
  bytes.write("new");
  order.ofRecord(2, 0, 0, 8);
  expect(kept).toMatchObject({ atMs: 1, offset: 7 });
  expect(new TextDecoder().decode(kept.key)).toBe("key");
  expect(order.key).toHaveLength(0);
});

test("records that a stage makes of one record keep their order, and the next one begins again", () => {
  const order = new CurrentOrder();
  const places = [5, 5, 6, 6].map((offset) => {
    order.ofRecord(1000, 0, 2, offset);
    return keepOrder(order);
  });
  expect(places.map(({ offset, emit }) => [offset, emit])).toEqual([
    [5, 0],
    [5, 1],
    [6, 0],
    [6, 1],
  ]);
  expect(places.toReversed().toSorted(compareOrder)).toEqual(places);
});

test("event time comes before place, place before emit", () => {
  const key = new Uint8Array(0);
  const place = { atMs: 5, topic: 1, partition: 1, offset: 5, key, emit: 5, writer: 5 };
  const before = (earlier: Partial<typeof place>) =>
    compareOrder({ ...place, ...earlier }, place) < 0;
  expect(before({ atMs: 4, topic: 9, partition: 9, offset: 9, emit: 9, writer: 9 })).toBe(true);
  expect(before({ topic: 0, partition: 9, offset: 9, emit: 9, writer: 9 })).toBe(true);
  expect(before({ partition: 0, offset: 9, emit: 9 })).toBe(true);
  expect(before({ offset: 4, emit: 9 })).toBe(true);
  expect(before({ emit: 4 })).toBe(true);
  expect(before({ key: Uint8Array.of(0) })).toBe(false);
});
