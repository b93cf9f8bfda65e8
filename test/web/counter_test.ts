import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Counter } from "../../web/counter.ts";
import type { Point } from "../../web/evaluate.ts";

function point(series: string, start: number, y: number | null): Point {
  return { series, start, end: start + 10, y };
}

describe("counter", () => {
  test("shows the newest window and the total over all", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("a", 0, 3), 1);
    counter.apply(point("a", 10, 4), 1);
    expect(counter.changedSince(0)).toEqual({ a: { newest: 4, window: [10, 20], total: 7 } });
  });

  test("a result written again after a crash is not counted twice", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("a", 0, 3), 1);
    counter.apply(point("a", 0, 3), 2);
    expect(counter.changedSince(1)).toEqual({});
    expect(counter.changedSince(0)["a"]?.total).toBe(3);
  });

  test("an update replaces the window's earlier value, also when it is not the newest", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    for (const [start, y] of [
      [0, 3],
      [10, 4],
      [0, 5],
    ] as const)
      counter.apply(point("a", start, y), 1);
    expect(counter.changedSince(0)["a"]).toEqual({ newest: 4, window: [10, 20], total: 9 });
  });

  test("a deleted window counts nothing", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("a", 0, 3), 1);
    counter.apply(point("a", 0, null), 1);
    expect(counter.changedSince(0)["a"]).toMatchObject({ newest: 0, total: 0 });
  });

  test("a newest window of zero moves the window on", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("a", 0, 3), 1);
    counter.apply(point("a", 10, 0), 1);
    expect(counter.changedSince(0)["a"]).toEqual({ newest: 0, window: [10, 20], total: 3 });
  });

  test("old windows are folded: the total stays exact, a repeat of one of them is counted and ignored", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 4 });
    for (let start = 0; start < 1_000; start += 10) counter.apply(point("a", start, 1), 1);
    expect(counter.changedSince(0)["a"]?.total).toBe(100);
    counter.apply(point("a", 0, 1), 1);
    expect(counter.changedSince(0)["a"]?.total).toBe(100);
    expect(counter.tooOld).toBe(1);
  });

  test("series beyond the limit and outside `only` are left out", () => {
    const counter = new Counter({ maxSeries: 1, maxWindows: 4, only: ["a", "b"] });
    for (const series of ["a", "b", "c"]) counter.apply(point(series, 0, 1), 1);
    expect(Object.keys(counter.changedSince(0))).toEqual(["a"]);
    expect(counter.tooManySeries).toBe(1);
  });

  test("the total is the sum of last writes, whatever is repeated", () => {
    const writes = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 9 })),
    );
    fc.assert(
      fc.property(writes, (history) => {
        const counter = new Counter({ maxSeries: 1, maxWindows: 30 });
        const model = new Map<number, number>();
        for (const [start, y] of history) {
          counter.apply(point("a", start, y), 1);
          model.set(start, y);
        }
        const total = [...model.values()].reduce((a, b) => a + b, 0);
        expect(counter.changedSince(0)["a"]?.total ?? 0).toBe(total);
      }),
    );
  });
});
