import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChartRing } from "../../web/chart_ring.ts";
import type { Point } from "../../web/evaluate.ts";

function point(series: string, start: number, y: number | null): Point {
  return { series, start, end: start + 10, y };
}

describe("chart ring", () => {
  test("keeps the newest windows and drops the oldest", () => {
    const ring = new ChartRing({ windows: 2, maxSeries: 9 });
    for (const start of [0, 10, 20]) ring.apply(point("a", start, start), 1);
    expect(ring.changedSince(0).map((row) => row.start)).toEqual([10, 20]);
  });

  test("a window older than a full ring is counted and not shown", () => {
    const ring = new ChartRing({ windows: 2, maxSeries: 9 });
    for (const start of [10, 20, 0]) ring.apply(point("a", start, 1), 1);
    expect(ring.changedSince(0).map((row) => row.start)).toEqual([10, 20]);
    expect(ring.rolledOff).toBe(1);
  });

  test("the last write of a series and window wins", () => {
    const ring = new ChartRing({ windows: 2, maxSeries: 9 });
    ring.apply(point("a", 0, 1), 1);
    ring.apply(point("a", 0, 5), 1);
    expect(ring.changedSince(0)).toEqual([{ start: 0, end: 10, values: { a: 5 } }]);
  });

  test("gives the rows changed after a seq; the same value again is no change", () => {
    const ring = new ChartRing({ windows: 9, maxSeries: 9 });
    ring.apply(point("a", 0, 1), 1);
    ring.apply(point("a", 10, 1), 2);
    ring.apply(point("a", 0, 1), 3);
    expect(ring.changedSince(1).map((row) => row.start)).toEqual([10]);
    ring.apply(point("b", 0, 2), 3);
    expect(ring.changedSince(2)).toEqual([{ start: 0, end: 10, values: { a: 1, b: 2 } }]);
  });

  test("a series that is not drawn leaves an empty window: the others have nothing there", () => {
    const ring = new ChartRing({ windows: 9, maxSeries: 9, only: ["a"] });
    ring.apply(point("unknown", 0, 4), 1);
    expect(ring.changedSince(0)).toEqual([{ start: 0, end: 10, values: {} }]);
  });

  test("series beyond the limit are counted and not kept", () => {
    const ring = new ChartRing({ windows: 9, maxSeries: 1 });
    ring.apply(point("a", 0, 1), 1);
    ring.apply(point("b", 0, 1), 1);
    expect(ring.changedSince(0)[0]?.values).toEqual({ a: 1 });
    expect(ring.tooManySeries).toBe(1);
  });

  test("a deleted point says so", () => {
    const ring = new ChartRing({ windows: 9, maxSeries: 9 });
    ring.apply(point("a", 0, 1), 1);
    ring.apply(point("a", 0, null), 2);
    expect(ring.changedSince(1)).toEqual([{ start: 0, end: 10, values: { a: null } }]);
  });

  test("equals the newest windows of a map with the last write, for any order in a full history", () => {
    const points = fc.array(
      fc.record({
        series: fc.constantFrom("a", "b"),
        start: fc.integer({ min: 0, max: 12 }).map((n) => n * 10),
        y: fc.integer({ min: 0, max: 9 }),
      }),
    );
    fc.assert(
      fc.property(points, (history) => {
        // Big enough never to roll off: then order must not matter beyond the last write.
        const ring = new ChartRing({ windows: 13, maxSeries: 9 });
        const model = new Map<number, Record<string, number>>();
        for (const { series, start, y } of history) {
          ring.apply(point(series, start, y), 1);
          model.set(start, { ...model.get(start), [series]: y });
        }
        const rows = ring.changedSince(0);
        expect(rows.map((row) => row.start)).toEqual([...model.keys()].sort((a, b) => a - b));
        for (const row of rows) expect(row.values).toEqual(model.get(row.start));
      }),
    );
  });
});
