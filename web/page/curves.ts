/**
 * uPlot options of a chart: axes, scales, curve shapes.
 *
 * @module
 */

import uPlot from "uplot";
import type { ChartShape } from "../protocol.ts";
import type { Wording } from "./texts.ts";
import type { Palette } from "./theme.ts";
import { tickTexts } from "./time_ticks.ts";

/** What a chart draws with; read at each redraw, so that theme and language can change. */
export interface Style {
  readonly palette: Palette;
  readonly wording: Wording;
}

const FONT =
  '"Helvetica Neue", Arial, "PingFang SC", "Hiragino Sans GB", "Noto Sans SC", "Microsoft YaHei", sans-serif';

/** Windows are marked with dots while they are at least this far apart, CSS pixels. */
const DOT_DISTANCE_PX = 20;

/** CSS font shorthand for text drawn on a canvas. */
export function canvasFont(sizePx: number, weight: 400 | 600 = 400): string {
  return `${weight} ${sizePx}px ${FONT}`;
}

export interface CurveOptions {
  readonly style: () => Style;
  readonly shape: () => ChartShape;
  /** Colour index of each series. */
  readonly colours: readonly number[];
  readonly labels: () => readonly string[];
  readonly isShown: (series: number) => boolean;
  /** Width of a window on the x scale, ms. */
  readonly stepMs: number;
  /** x range to show, ms. */
  readonly range: () => readonly [number, number];
  readonly onCursor: (plot: uPlot) => void;
  /** True while mouse events may be a touch in disguise. */
  readonly isTouched: () => boolean;
  readonly widthPx: number;
  readonly heightPx: number;
}

export function createPlot(options: CurveOptions, target: HTMLElement): uPlot {
  const { style } = options;
  const top = new SteadyTop();
  return new uPlot(
    {
      width: options.widthPx,
      height: options.heightPx,
      ms: 1,
      padding: [16, 32, 0, 4],
      legend: { show: false },
      cursor: {
        y: false,
        // The hair line stands on the window whose values are shown, not between two.
        move: (plot, left, top) => {
          const at = left < 0 ? undefined : plot.data[0]?.[plot.posToIdx(left)];
          return at === undefined ? [left, top] : [Math.round(plot.valToPos(at, "x")), top];
        },
        drag: { x: false, y: false },
        bind: {
          // After a tap browsers act out a mouse that comes, clicks and leaves; the finger has chosen a
          // window and it stays chosen until the focus goes elsewhere.
          mouseleave: (_plot, _target, handler) => (event) =>
            options.isTouched() ? null : handler(event),
        },
        points: {
          size: 10,
          width: 2,
          stroke: () => style().palette.surface,
          fill: (_, i) => colourOf(options, i - 1),
        },
      },
      scales: {
        x: { time: true, range: () => [...options.range()] as uPlot.Range.MinMax },
        y: { range: (_, min, max) => [Math.min(0, min ?? 0), top.above(max ?? 0)] },
      },
      axes: [timeAxis(style), valueAxis(style)],
      series: [
        {},
        ...options.colours.map((_, i) => ({
          label: options.labels()[i] ?? "",
          show: options.isShown(i),
          width: widthPx(options, i),
          cap: "round" as const,
          stroke: () => colourOf(options, i),
          fill: () => fillOf(options, i),
          paths: pathsOf(options),
          points: {
            show: (plot: uPlot) => options.shape() !== "bar" && hasRoomForDots(plot),
            size: widthPx(options, i) + 4,
            width: 0,
            fill: () => colourOf(options, i),
          },
        })),
      ],
      hooks: { setCursor: [options.onCursor] },
    },
    [[], ...options.colours.map(() => [])],
    target,
  );
}

function colourOf({ style, colours }: CurveOptions, series: number): string {
  const { palette } = style();
  return palette.series[(colours[series] ?? 0) % palette.series.length] ?? palette.ink;
}

/**
 * Counts often coincide. A curve drawn earlier is broader, so that it shows as a rim under the one on
 * top instead of vanishing.
 */
function widthPx({ colours }: CurveOptions, series: number): number {
  return 2.25 + 1.25 * Math.min(2, colours.length - 1 - series);
}

/** Bars are filled; a line alone is calmer than overlapping areas. */
function fillOf(options: CurveOptions, series: number): string {
  return options.shape() === "bar" ? colourOf(options, series) : "";
}

/**
 * Builders exist per plot and shape. Spline is offered because the tutorial had it; it is not the
 * default, since it bulges past the values it connects.
 */
function pathsOf(options: CurveOptions): uPlot.Series.PathBuilder {
  const { linear, spline, stepped } = uPlot.paths;
  const builders: Record<ChartShape, uPlot.Series.PathBuilder> = {
    line: linear!(),
    spline: spline!(),
    step: stepped!({ align: 1 }),
    bar: groupedBars(options),
  };
  return (plot, series, from, to) => builders[options.shape()](plot, series, from, to);
}

function hasRoomForDots(plot: uPlot): boolean {
  const windows = plot.data[0]?.length ?? 0;
  return plot.over.clientWidth / Math.max(1, windows - 1) >= DOT_DISTANCE_PX;
}

/** Side by side within three quarters of a window's width. */
function groupedBars({ colours, stepMs }: CurveOptions): uPlot.Series.PathBuilder {
  const groupMs = stepMs * 0.76;
  const barMs = groupMs / Math.max(1, colours.length);
  return uPlot.paths.bars!({
    disp: {
      x0: {
        unit: 1,
        values: (plot, series) =>
          [...(plot.data[0] ?? [])].map((x) => x - groupMs / 2 + (series - 1) * barMs),
      },
      size: { unit: 1, values: () => [barMs] },
    },
  });
}

function timeAxis(style: () => Style): uPlot.Axis {
  return {
    font: canvasFont(12),
    size: 44,
    gap: 10,
    space: 92,
    stroke: () => style().palette.muted,
    grid: { show: false },
    ticks: { show: true, size: 5, width: 1, stroke: () => style().palette.hairline },
    border: { show: true, width: 1, stroke: () => style().palette.hairline },
    values: (plot, splits) =>
      tickTexts(style().wording, splits, (ms, text) => hasRoom(plot, ms, text)),
  };
}

/** Whether a text centred on a time is inside the canvas. */
function hasRoom({ ctx, bbox, width, scales }: uPlot, ms: number, text: string): boolean {
  ctx.save();
  ctx.font = canvasFont(12);
  const half = ctx.measureText(text).width / 2;
  ctx.restore();
  const { min = 0, max = 1 } = scales["x"] ?? {};
  // The plot's box is in device pixels.
  const ratio = ctx.canvas.width / width;
  const x = (bbox.left + ((ms - min) / (max - min || 1)) * bbox.width) / ratio;
  return x >= half + TEXT_MARGIN_PX && x + half + TEXT_MARGIN_PX <= width;
}

/** A glyph's ink may reach beyond its width, and a text is put on whole pixels. */
const TEXT_MARGIN_PX = 3;

function valueAxis(style: () => Style): uPlot.Axis {
  return {
    font: canvasFont(12),
    // As wide as the widest number; digits of this size are about 7 px.
    size: (_, values) => 16 + 7 * Math.max(2, ...(values ?? []).map((text) => text?.length ?? 0)),
    gap: 8,
    space: 44,
    stroke: () => style().palette.muted,
    grid: { show: true, width: 1, stroke: () => style().palette.hairline },
    ticks: { show: false },
    // Counts: no ticks between whole numbers.
    incrs: [1, 2, 5]
      .flatMap((digit) => Array.from({ length: 12 }, (_, e) => digit * 10 ** e))
      .sort((a, b) => a - b),
    values: (_, splits) => splits.map((value) => style().wording.number(value)),
  };
}

/**
 * Top of the value scale: a round number that is left alone until the data outgrows it or falls
 * under half of it. A scale that moves with each point makes every curve look nervous.
 */
export class SteadyTop {
  #top = 0;

  above(max: number): number {
    if (max > this.#top || max < this.#top * 0.45) this.#top = roundUp(max * 1.12);
    return this.#top;
  }
}

/** The next number of the form 1, 1.5, 2, 3, 4, 5, 6, 8 × 10ⁿ; at least 4. */
function roundUp(value: number): number {
  if (value <= 4) return 4;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const digit = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * magnitude >= value) ?? 10;
  return digit * magnitude;
}
