/**
 * From window rows to columns to draw: which windows are shown, and what stands where nothing came.
 *
 * @module
 */

import type { ChartDescription, WindowRow } from "../protocol.ts";

/** Parallel columns, ascending by time. */
export interface SeriesTable {
  /** Window starts, Unix epoch ms. */
  readonly starts: readonly number[];
  /** Window ends, Unix epoch ms. */
  readonly ends: readonly number[];
  /** Series names, in drawing order. */
  readonly series: readonly string[];
  /** One column per series; null = nothing to draw there. */
  readonly columns: readonly (readonly (number | null)[])[];
}

/** Series to draw: the chosen ones, or all that occur, by name. */
export function seriesOf(chart: ChartDescription, rows: readonly WindowRow[]): readonly string[] {
  if (chart.only !== undefined) return chart.only;
  return [...new Set(rows.flatMap((row) => Object.keys(row.values)))].sort();
}

/**
 * Lays rows on the grid of windows and keeps the newest `chart.points`.
 *
 * A window between two others in which nothing came, and a series that has no value in a window, is
 * zero or a gap, as the chart says. In the newest window a series that has not come yet stays open:
 * its result may be in another partition, a moment away.
 *
 * @param rows ascending by start
 */
export function layOut(chart: ChartDescription, rows: readonly WindowRow[]): SeriesTable {
  const series = seriesOf(chart, rows);
  const grid = gridOf(rows, chart.points, chart.stepMs);
  const missing = chart.missing === "zero" ? 0 : null;
  const columns = series.map((name) =>
    grid.map(({ values }, i) => {
      const value = values[name];
      if (value !== undefined) return value;
      return i === grid.length - 1 ? null : missing;
    }),
  );
  return {
    starts: grid.map((row) => row.start),
    ends: grid.map((row) => row.end),
    series,
    columns,
  };
}

/** From the newest backwards, so that a gap of a year costs no more than the points shown. */
function gridOf(
  rows: readonly WindowRow[],
  points: number,
  stepMs: number | undefined,
): readonly WindowRow[] {
  const grid: WindowRow[] = [];
  for (let i = rows.length - 1; i >= 0 && grid.length < points; i--) {
    const row = rows[i]!;
    grid.push(row);
    const before = rows[i - 1];
    if (before === undefined || stepMs === undefined) continue;
    const sizeMs = row.end - row.start;
    // Half a step of slack: windows of a calendar are not all of one length.
    for (
      let start = row.start - stepMs;
      start > before.start + stepMs / 2 && grid.length < points;
      start -= stepMs
    ) {
      grid.push({ start, end: start + sizeMs, values: {} });
    }
  }
  return grid.reverse();
}
