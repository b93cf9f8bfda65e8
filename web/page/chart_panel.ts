/**
 * One chart with its legend, tooltip, export buttons and data table.
 *
 * @module
 */

import type uPlot from "uplot";
import type { ChartDescription, ChartShape, WindowRow } from "../protocol.ts";
import { writeCsv } from "./csv.ts";
import { createPlot, type Style } from "./curves.ts";
import { DataTable } from "./data_table.ts";
import { element, icon, setText } from "./dom.ts";
import { Legend } from "./legend.ts";
import { drawPng, saveFile } from "./png.ts";
import { layOut, type SeriesTable } from "./table.ts";
import { labelOf, textIn, type Wording } from "./texts.ts";
import { type Spot, Tooltip } from "./tooltip.ts";

const DOWNLOAD_ICON = "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10";
/** Points per curve the tooltip looks out for. */
const MAX_SPOTS = 200;
/** Mouse events this soon after a touch are its echo, ms. */
const TOUCH_ECHO_MS = 700;
const SHAPES = ["line", "step", "spline", "bar"] as const;

export interface ChartPanelOptions {
  readonly chart: ChartDescription;
  readonly style: () => Style;
  readonly isTableOpen: boolean;
  /** Title for files when the chart has none of its own. */
  readonly pageTitle: () => string;
  readonly announce: (text: string) => void;
}

export class ChartPanel {
  readonly root: HTMLElement;
  readonly #options: ChartPanelOptions;
  readonly #tooltip = new Tooltip();
  readonly #heading = element("h2", { class: "chart-title" });
  readonly #legend = new Legend((i, isShown) => this.#plot?.setSeries(i + 1, { show: isShown }));
  readonly #note = element("p", { class: "chart-note" });
  readonly #canvas: HTMLElement;
  readonly #empty = element("div", { class: "empty" });
  readonly #shapeSelect = element("select", { class: "quiet-select" });
  readonly #actions = element("div", { class: "chart-actions" });
  readonly #dataTable: DataTable;
  readonly #resizes = new ResizeObserver(() => this.#fit());
  #shape: ChartShape;
  #data: SeriesTable = { starts: [], ends: [], series: [], columns: [] };
  #rows: readonly WindowRow[] = [];
  #plot: uPlot | undefined;
  #plotSeries = "";
  #pointed: number | undefined;
  #touchedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ChartPanelOptions) {
    this.#options = options;
    this.#shape = options.chart.as;
    const tableId = `${options.chart.id}-table`;
    this.#canvas = element("div", {
      class: "canvas",
      tabindex: "0",
      role: "figure",
      "aria-details": tableId,
    });
    this.#dataTable = new DataTable(tableId, options.isTableOpen, () => this.#writeTable());
    this.root = element("section", { class: "chart" }, [
      element("div", { class: "chart-head" }, [
        element("div", { class: "chart-head-text" }, [this.#heading, this.#legend.root]),
        this.#actions,
      ]),
      element("div", { class: "chart-body" }, [this.#canvas, this.#empty]),
      element("div", { class: "chart-foot" }, [this.#dataTable.root, this.#note]),
    ]);
    this.#listen();
    this.#resizes.observe(this.#canvas);
  }

  /** Gives up what would outlive the elements: observers and uPlot's window listeners. */
  close(): void {
    this.#resizes.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  get id(): string {
    return this.#options.chart.id;
  }

  get isTableOpen(): boolean {
    return this.#dataTable.root.open;
  }

  /** Newest window shown, ms since 1970; undefined while there is none. */
  get newestStart(): number | undefined {
    return this.#data.starts.at(-1);
  }

  show(rows: readonly WindowRow[]): void {
    this.#rows = rows;
    this.#data = layOut(this.#options.chart, rows);
    this.#canvas.dataset["windows"] = String(this.#data.starts.length);
    const isEmpty = rows.length === 0;
    this.#empty.hidden = !isEmpty;
    this.root.classList.toggle("is-empty", isEmpty);
    this.#ensurePlot();
    this.#plot?.setData([[...this.#data.starts], ...this.#data.columns.map((c) => [...c])]);
    this.#writeTable();
    if (this.#pointed !== undefined) this.#followPointed();
  }

  /** Everything that depends on language or theme. */
  restyle(): void {
    const { chart } = this.#options;
    const { wording } = this.#options.style();
    const title = chart.title === undefined ? "" : textIn(chart.title, wording.language);
    setText(this.#heading, title);
    this.#heading.hidden = title === "";
    this.#canvas.setAttribute("aria-label", `${this.#title()}. ${wording.say("chartHelp")}`);
    this.#empty.replaceChildren(
      element("p", { class: "empty-headline" }, [wording.say("waiting")]),
      element("p", { class: "empty-hint" }, [wording.say("waitingHint")]),
    );
    const n = wording.number(chart.points);
    const { stepMs } = chart;
    const step = stepMs === undefined ? "" : wording.duration(stepMs);
    setText(
      this.#note,
      wording.say(stepMs === undefined ? "lastRecords" : "lastPoints", { n, step }),
    );
    this.#writeActions(wording);
    this.#legend.show(this.#data.series, this.#labels(), this.#options.style().wording);
    this.#writeTable();
    this.#plot?.redraw(false, true);
  }

  #title(): string {
    const { chart, pageTitle, style } = this.#options;
    return chart.title === undefined ? pageTitle() : textIn(chart.title, style().wording.language);
  }

  #labels(): string[] {
    const { chart, style } = this.#options;
    return this.#data.series.map((s) => labelOf(chart.labels, s, style().wording.language));
  }

  #ensurePlot(): void {
    const series = JSON.stringify(this.#data.series);
    if (this.#plot !== undefined && this.#plotSeries === series) return;
    this.#plotSeries = series;
    this.#plot?.destroy();
    this.#plot = createPlot(
      {
        style: this.#options.style,
        shape: () => this.#shape,
        colours: this.#data.series.map((_, i) => i),
        labels: () => this.#labels(),
        isShown: (i) => this.#legend.isShown(this.#data.series[i]!),
        stepMs: this.#options.chart.stepMs ?? 1_000,
        range: () => this.#range(),
        onCursor: (plot) => this.#pointAt(plot),
        isTouched: () => performance.now() - this.#touchedAtMs < TOUCH_ECHO_MS,
        widthPx: this.#canvas.clientWidth || 600,
        heightPx: this.#canvas.clientHeight || 320,
      },
      this.#canvas,
    );
    this.#plot.over.append(this.#tooltip.root);
    this.#legend.show(this.#data.series, this.#labels(), this.#options.style().wording);
  }

  /** The whole span of `points` windows from the start, so that the curve grows in from the right. */
  #range(): readonly [number, number] {
    const { stepMs, points } = this.#options.chart;
    const { starts } = this.#data;
    const last = starts.at(-1) ?? Date.now();
    const first = starts[0] ?? last - (stepMs ?? 1000) * (points - 1);
    const span = stepMs === undefined ? last - first : stepMs * (points - 1);
    // Bars stand astride their window's start and need room on both sides.
    const marginMs = this.#shape === "bar" ? (stepMs ?? 1_000) / 2 : span === 0 ? 1 : 0;
    return [Math.min(first, last - span) - marginMs, last + marginMs];
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width > 0 && height > 0) this.#plot?.setSize({ width, height });
  }

  #writeActions(wording: Wording): void {
    this.#shapeSelect.setAttribute("aria-label", wording.say("shape"));
    this.#shapeSelect.replaceChildren(
      ...SHAPES.map((shape) =>
        element("option", { value: shape, selected: shape === this.#shape }, [wording.say(shape)]),
      ),
    );
    const action = (word: "exportPng" | "exportCsv", run: () => void) => {
      const button = element(
        "button",
        {
          type: "button",
          class: "button",
          title: wording.say(`${word}Hint`),
          "data-action": word,
        },
        [icon(DOWNLOAD_ICON), wording.say(word)],
      );
      button.addEventListener("click", run);
      return button;
    };
    this.#actions.replaceChildren(
      this.#shapeSelect,
      action("exportPng", () => void this.#savePng()),
      action("exportCsv", () => this.#saveCsv()),
    );
  }

  #saveCsv(): void {
    const { wording } = this.#options.style();
    const csv = writeCsv(this.#data, {
      start: wording.say("windowStart"),
      end: wording.say("windowEnd"),
      labels: this.#labels(),
    });
    saveFile(`${this.#fileName()}.csv`, new Blob([csv], { type: "text/csv;charset=utf-8" }));
  }

  async #savePng(): Promise<void> {
    const plot = this.#plot;
    if (plot === undefined) return;
    const { palette } = this.#options.style();
    const labels = this.#labels();
    const legend = this.#data.series.flatMap((series, i) =>
      !this.#legend.isShown(series)
        ? []
        : [{ label: labels[i] ?? series, colour: palette.series[i % palette.series.length]! }],
    );
    const blob = await drawPng({
      title: this.#title(),
      subtitle: this.#span(),
      legend,
      chart: plot.ctx.canvas,
      scale: plot.ctx.canvas.width / plot.width,
      palette,
    });
    saveFile(`${this.#fileName()}.png`, blob);
  }

  /** `11 Nov 2015, 10:00:00 – 10:00:19` */
  #span(): string {
    const { wording } = this.#options.style();
    const { starts } = this.#data;
    const [first, last] = [starts[0], starts.at(-1)];
    if (first === undefined || last === undefined) return "";
    return `${wording.day(first)}, ${wording.time(first)} – ${wording.time(last)}`;
  }

  #fileName(): string {
    const at = new Date(this.newestStart ?? Date.now()).toISOString();
    return `${this.#options.chart.stream}-${at.replace(/[:.]/g, "-")}`;
  }

  #listen(): void {
    this.#shapeSelect.addEventListener("change", () => {
      this.#shape = SHAPES.find((shape) => shape === this.#shapeSelect.value) ?? "line";
      this.show(this.#rows);
    });
    this.#canvas.addEventListener("keydown", (event) => this.#moveByKey(event));
    this.#canvas.addEventListener("blur", () => this.#leave());
    // Touch has no hover: a finger on the chart moves the cursor.
    const touch = (event: TouchEvent) => this.#moveByTouch(event);
    this.#canvas.addEventListener("touchstart", touch, { passive: true });
    this.#canvas.addEventListener("touchmove", touch, { passive: true });
  }

  #moveByKey(event: KeyboardEvent): void {
    const last = this.#data.starts.length - 1;
    if (last < 0) return;
    const at = this.#pointed === undefined ? last + 1 : this.#data.starts.indexOf(this.#pointed);
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: last,
    };
    if (event.key === "Escape") this.#leave();
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#pointed = this.#data.starts[Math.max(0, Math.min(last, target))];
    this.#followPointed();
    this.#options.announce(this.#describePointed());
  }

  #moveByTouch(event: TouchEvent): void {
    const { plot, finger } = { plot: this.#plot, finger: event.touches[0] };
    if (plot === undefined || finger === undefined) return;
    this.#touchedAtMs = performance.now();
    const left = finger.clientX - plot.over.getBoundingClientRect().left;
    plot.setCursor({ left, top: 0 });
  }

  #leave(): void {
    this.#pointed = undefined;
    this.#plot?.setCursor({ left: -10, top: -10 });
  }

  /** Keeps the cursor on a window chosen by key while the data slides; it ends when that rolls off. */
  #followPointed(): void {
    const plot = this.#plot;
    if (plot === undefined || this.#pointed === undefined) return;
    if (this.#data.starts.includes(this.#pointed)) {
      plot.setCursor({ left: plot.valToPos(this.#pointed, "x"), top: 0 });
    } else {
      this.#leave();
    }
  }

  #describePointed(): string {
    const i = this.#data.starts.indexOf(this.#pointed ?? Number.NaN);
    const { wording } = this.#options.style();
    const values = this.#linesAt(i).map(({ label, value }) => `${label} ${value}`);
    return [wording.time(this.#data.starts[i] ?? 0), ...values].join(", ");
  }

  #linesAt(i: number): { label: string; value: string; colour: number }[] {
    const { wording } = this.#options.style();
    const labels = this.#labels();
    return this.#data.series.flatMap((series, s) => {
      if (!this.#legend.isShown(series)) return [];
      const value = this.#data.columns[s]?.[i];
      const text = value == null ? wording.say("noValue") : wording.number(value);
      return [{ label: labels[s] ?? series, value: text, colour: s % 6 }];
    });
  }

  #pointAt(plot: uPlot): void {
    const { idx, left } = plot.cursor;
    const start = idx == null ? undefined : this.#data.starts[idx];
    if (idx == null || start === undefined || left === undefined || left < 0) {
      this.#tooltip.hide();
      return;
    }
    const { wording } = this.#options.style();
    const time = `${wording.day(start)} ${wording.time(start)}`;
    const anchor = plot.valToPos(start, "x");
    const area = { width: plot.over.clientWidth, height: plot.over.clientHeight };
    this.#tooltip.show(time, this.#linesAt(idx), anchor, area, this.#spots(plot));
  }

  /** Drawn points; of a long history every n-th, which is enough to keep out of the way. */
  #spots(plot: uPlot): Spot[] {
    const { starts, series, columns } = this.#data;
    const every = Math.ceil(starts.length / MAX_SPOTS);
    const shown = columns.filter((_, s) => this.#legend.isShown(series[s]!));
    return shown.flatMap((column) =>
      starts.flatMap((start, i) => {
        const value = column[i];
        if (value == null || i % every !== 0) return [];
        return [{ x: plot.valToPos(start, "x"), y: plot.valToPos(value, "y") }];
      }),
    );
  }

  #writeTable(): void {
    this.#dataTable.show(this.#title(), this.#labels(), this.#data, this.#options.style().wording);
  }
}
