import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layOut } from "../../../web/page/table.ts";
import type { ChartDescription, WindowRow } from "../../../web/protocol.ts";

const CHART: ChartDescription = {
  id: "chart-0",
  stream: "s",
  points: 5,
  missing: "zero",
  as: "line",
  stepMs: 10,
  only: ["a", "b"],
  labels: {},
};

function row(start: number, values: Record<string, number | null>): WindowRow {
  return { start, end: start + 10, values };
}

describe("laying rows on the grid of windows", () => {
  test("windows in which nothing came are zero between their neighbours", () => {
    const table = layOut(CHART, [row(0, { a: 1, b: 2 }), row(30, { a: 3, b: 4 })]);
    expect(table.starts).toEqual([0, 10, 20, 30]);
    expect(table.ends).toEqual([10, 20, 30, 40]);
    expect(table.columns).toEqual([
      [1, 0, 0, 3],
      [2, 0, 0, 4],
    ]);
  });

  test("a series without a value in a window others have is zero there", () => {
    const table = layOut(CHART, [row(0, { a: 1 }), row(10, {}), row(20, { a: 1, b: 2 })]);
    expect(table.columns).toEqual([
      [1, 0, 1],
      [0, 0, 2],
    ]);
  });

  test("in the newest window a series that has not come yet stays open", () => {
    const table = layOut(CHART, [row(0, { a: 1, b: 1 }), row(10, { a: 2 })]);
    expect(table.columns).toEqual([
      [1, 2],
      [1, null],
    ]);
  });

  test("gaps stay gaps when the chart says so", () => {
    const table = layOut({ ...CHART, missing: "gap" }, [
      row(0, { a: 1, b: 1 }),
      row(20, { a: 2, b: 2 }),
    ]);
    expect(table.columns).toEqual([
      [1, null, 2],
      [1, null, 2],
    ]);
  });

  test("a deleted point is a gap even where missing ones are zero", () => {
    const table = layOut(CHART, [row(0, { a: null, b: 1 }), row(10, { a: 1, b: 1 })]);
    expect(table.columns[0]).toEqual([null, 1]);
  });

  test("a gap of a year costs no more than the points shown", () => {
    const table = layOut(CHART, [row(0, { a: 1 }), row(31_536_000_000, { a: 2 })]);
    expect(table.starts).toHaveLength(5);
    expect(table.starts.at(-1)).toBe(31_536_000_000);
    expect(table.columns[0]).toEqual([0, 0, 0, 0, 2]);
  });

  test("without a step only what came is drawn", () => {
    const { stepMs: _, ...chart } = CHART;
    expect(layOut(chart, [row(0, { a: 1 }), row(70, { a: 2 })]).starts).toEqual([0, 70]);
  });

  test("without `only`, every series that occurs is drawn, by name", () => {
    const { only: _, ...chart } = CHART;
    expect(layOut(chart, [row(0, { z: 1, a: 2 })]).series).toEqual(["a", "z"]);
  });

  test("never more than the points, always ascending, every given value of a shown window kept", () => {
    const rows = fc
      .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 20 })
      .map((numbers) => numbers.sort((x, y) => x - y).map((n) => row(n * 10, { a: n })));
    fc.assert(
      fc.property(rows, (given) => {
        const table = layOut(CHART, given);
        expect(table.starts.length).toBeLessThanOrEqual(CHART.points);
        for (let i = 1; i < table.starts.length; i++) {
          expect(table.starts[i]! - table.starts[i - 1]!).toBe(10);
        }
        for (const { start, values } of given) {
          const at = table.starts.indexOf(start);
          if (at >= 0) expect(table.columns[0]?.[at]).toBe(values["a"]);
        }
      }),
    );
  });
});
