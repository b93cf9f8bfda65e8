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

  test("with sparse data all series show one window: who has nothing there or just before shows 0", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("boys", 0, 5), 1);
    counter.apply(point("girls", 20, 7), 2);
    counter.apply(point("girls", 30, 8), 3);
    expect(counter.changedSince(0)).toEqual({
      boys: { newest: 0, window: [30, 40], total: 5 },
      girls: { newest: 8, window: [30, 40], total: 15 },
    });
  });

  test("a result that another partition writes some ms later does not flicker to 0", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("boys", 0, 5), 1);
    counter.apply(point("girls", 0, 7), 1);
    counter.apply(point("girls", 10, 8), 2);
    expect(counter.changedSince(0)).toMatchObject({
      boys: { newest: 5, window: [0, 10] },
      girls: { newest: 8, window: [10, 20] },
    });
    counter.apply(point("boys", 10, 6), 3);
    expect(counter.changedSince(2)).toEqual({ boys: { newest: 6, window: [10, 20], total: 11 } });
  });

  test("the window before the newest is that of any series, also when it arrives late", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("boys", 0, 5), 1);
    counter.apply(point("girls", 30, 8), 2);
    expect(counter.changedSince(0)["boys"]).toEqual({ newest: 5, window: [0, 10], total: 5 });
    counter.apply(point("unknown", 20, 1), 3);
    expect(counter.changedSince(2)).toEqual({
      boys: { newest: 0, window: [30, 40], total: 5 },
      girls: { newest: 8, window: [30, 40], total: 8 },
      unknown: { newest: 1, window: [20, 30], total: 1 },
    });
  });

  test("a series that falls to 0 is told to pages, although it has no new record", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    counter.apply(point("boys", 0, 5), 1);
    counter.apply(point("girls", 10, 7), 2);
    counter.apply(point("girls", 20, 8), 3);
    expect(counter.changedSince(2)["boys"]).toEqual({ newest: 0, window: [20, 30], total: 5 });
  });

  test("an update of an older window changes its own series alone", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    for (const start of [0, 10, 20]) counter.apply(point("girls", start, 1), 1);
    counter.apply(point("boys", 20, 1), 1);
    counter.apply(point("girls", 0, 4), 2);
    expect(counter.changedSince(1)).toEqual({ girls: { newest: 1, window: [20, 30], total: 6 } });
  });

  test("records without a window have a time each: every series keeps its own newest", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 9 });
    for (const [i, series] of ["a", "b", "c"].entries()) {
      counter.apply({ series, start: i, end: i, y: i + 1 }, 1);
    }
    expect(counter.changedSince(0)).toEqual({
      a: { newest: 1, window: [0, 0], total: 1 },
      b: { newest: 2, window: [1, 1], total: 2 },
      c: { newest: 3, window: [2, 2], total: 3 },
    });
  });

  test("folding keeps the two windows that may be shown, however few are allowed", () => {
    const counter = new Counter({ maxSeries: 9, maxWindows: 1 });
    for (let start = 0; start <= 90; start += 10) counter.apply(point("girls", start, start), 1);
    counter.apply(point("boys", 100, 1), 1);
    expect(counter.changedSince(0)["girls"]).toEqual({ newest: 90, window: [90, 100], total: 450 });
  });

  test("a restarted server that reads the partitions in another order shows the same", () => {
    const series = fc.constantFrom("a", "b", "c");
    const writes = fc.array(fc.record({ series, window: fc.nat(9), y: fc.nat(9) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(writes, (history) => {
        const [live, restarted] = [0, 1].map(() => new Counter({ maxSeries: 9, maxWindows: 20 }));
        history.forEach((w, i) => {
          live!.apply(point(w.series, w.window * 10, w.y), i + 1);
        });
        // One partition after the other; within a partition the order stays.
        const order = [...history].sort((a, b) => a.series.localeCompare(b.series));
        for (const w of order) restarted!.apply(point(w.series, w.window * 10, w.y), 1);
        expect(restarted!.changedSince(0)).toEqual(live!.changedSince(0));
      }),
    );
  });

  test("what a page was told, change by change, is what a page that just came is told", () => {
    const writes = fc.array(
      fc.record({ series: fc.constantFrom("a", "b", "c"), window: fc.nat(9), y: fc.nat(9) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(writes, (history) => {
        const counter = new Counter({ maxSeries: 9, maxWindows: 20 });
        const page = {};
        history.forEach((w, i) => {
          counter.apply(point(w.series, w.window * 10, w.y), i + 1);
          Object.assign(page, counter.changedSince(i));
        });
        expect(page).toEqual(counter.changedSince(0));
      }),
    );
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
