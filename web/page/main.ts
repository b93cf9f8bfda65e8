/**
 * The page: one connection, one store, drawn at most once a frame.
 *
 * @module
 */

import type { ServerMessage } from "../protocol.ts";
import { ChartPanel } from "./chart_panel.ts";
import { Connection, type ConnectionState } from "./connection.ts";
import { CountersPanel } from "./counters_panel.ts";
import { part, setText } from "./dom.ts";
import { LedgerTable } from "./ledger_table.ts";
import { recall, remember } from "./memory.ts";
import { showProblems } from "./problems.ts";
import { describeState } from "./state_line.ts";
import { Store, type View } from "./store.ts";
import { seriesOf } from "./table.ts";
import { type Language, preferredLanguage, textIn, Wording } from "./texts.ts";
import { applyTheme, currentTheme, readPalette, switchTheme, watchSystemTheme } from "./theme.ts";
import { Toolbar } from "./toolbar.ts";

/** How often the state line looks at the clock, ms. */
const STATE_EVERY_MS = 1_000;
/** Spoken announcements are not repeated faster than this, ms. */
const ANNOUNCE_AFTER_MS = 150;

class Page {
  readonly #store = new Store();
  readonly #connection: Connection;
  readonly #toolbar: Toolbar;
  #charts: ChartPanel[] = [];
  #counters: CountersPanel[] = [];
  readonly #ledger = new LedgerTable(part("ledger"));
  #wording = new Wording(storedLanguage());
  #palette = readPalette();
  /** What is shown while paused. */
  #frozen: View | undefined;
  #connectionState: ConnectionState = "connecting";
  #lastMessageMs = Date.now();
  #frame = 0;
  #announcing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#toolbar = new Toolbar(part("toolbar"), {
      togglePause: () => this.#togglePause(),
      switchLanguage: () => this.#switchLanguage(),
      switchTheme: () => {
        switchTheme();
        this.#restyle();
      },
    });
    this.#connection = new Connection({
      cursor: () => this.#store.cursor,
      onMessage: (message) => this.#receive(message),
      onState: (state) => {
        this.#connectionState = state;
        this.#showState();
      },
    });
  }

  start(): void {
    applyTheme(currentTheme());
    watchSystemTheme(() => this.#restyle());
    this.#restyle();
    this.#connection.open();
    setInterval(() => this.#showState(), STATE_EVERY_MS);
  }

  #receive(message: ServerMessage): void {
    this.#lastMessageMs = Date.now();
    switch (this.#store.apply(message)) {
      case "gap":
        this.#connection.restart();
        return;
      case "layout":
        this.#rebuild();
        return;
      case "data":
        this.#draw();
        return;
      case "other":
        if (message.type === "diagnostics") this.#showProblems();
        this.#showState();
    }
  }

  /**
   * Other charts than before, or the same on another history: a pause has nothing left to hold; a
   * table that was open stays open.
   */
  #rebuild(): void {
    const { hello } = this.#store;
    if (hello === undefined) return;
    this.#frozen = undefined;
    for (const chart of this.#charts) chart.close();
    const open = new Set(this.#charts.filter((c) => c.isTableOpen).map((c) => c.id));
    this.#charts = hello.charts.map(
      (chart) =>
        new ChartPanel({
          chart,
          isTableOpen: open.has(chart.id),
          style: () => ({ palette: this.#palette, wording: this.#wording }),
          pageTitle: () => textIn(hello.title, this.#wording.language),
          announce: (text) => this.#announce(text),
        }),
    );
    this.#counters = hello.counters.map(
      (counter) => new CountersPanel(counter, (series) => this.#colourOf(counter.stream, series)),
    );
    part("charts").replaceChildren(...this.#charts.map(({ root }) => root));
    part("counters").replaceChildren(...this.#counters.map(({ root }) => root));
    this.#restyle();
  }

  /** A series has the colour it has in the first chart of its stream. */
  #colourOf(stream: string, series: string): number | undefined {
    const chart = this.#store.hello?.charts.find((c) => c.stream === stream);
    if (chart === undefined) return undefined;
    const at = seriesOf(chart, this.#view().rows.get(chart.id) ?? []).indexOf(series);
    return at < 0 ? undefined : at % this.#palette.series.length;
  }

  #view(): View {
    return this.#frozen ?? this.#store.view();
  }

  #draw(): void {
    // One draw per frame, however many messages came; a hidden tab draws when it is seen again.
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow(): void {
    const view = this.#view();
    this.#store.hello?.charts.forEach(({ id }, i) => {
      this.#charts[i]?.show(view.rows.get(id) ?? []);
    });
    this.#store.hello?.counters.forEach(({ id }, i) => {
      this.#counters[i]?.show(view.counters.get(id) ?? {}, this.#wording);
    });
    this.#ledger.show(view.ledger, this.#wording);
    this.#toolbar.show(this.#wording, this.#frozen !== undefined, this.#newWindows());
    this.#showState();
  }

  #restyle(): void {
    this.#palette = readPalette();
    document.documentElement.lang = this.#wording.language === "zh" ? "zh-CN" : "en";
    const { hello } = this.#store;
    const title = hello === undefined ? "Millrace" : textIn(hello.title, this.#wording.language);
    setText(part("title"), title);
    document.title = title;
    part("counters").setAttribute("aria-label", this.#wording.say("counters"));
    part("toolbar").setAttribute("aria-label", this.#wording.say("toolbar"));
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    setText(
      part("colophon"),
      `${this.#wording.say("zone", { zone })} · ${this.#wording.say("local")}`,
    );
    for (const chart of this.#charts) chart.restyle();
    this.#showProblems();
    this.#drawNow();
  }

  #showProblems(): void {
    showProblems(part("problems"), this.#store.diagnostics, this.#wording);
  }

  #showState(): void {
    const state = describeState({
      connection: this.#connectionState,
      status: this.#store.status,
      isPaused: this.#frozen !== undefined,
      silentMs: Date.now() - this.#lastMessageMs,
      lastMessageMs: this.#lastMessageMs,
      newestStart: newestOf(this.#view()),
      wording: this.#wording,
    });
    part("state").dataset["state"] = state.kind;
    setText(part("state-text"), state.text);
    setText(part("state-detail"), state.detail);
  }

  #togglePause(): void {
    this.#frozen = this.#frozen === undefined ? this.#store.view() : undefined;
    this.#drawNow();
  }

  /** Windows that came since the pause began, by the grid of the first chart. */
  #newWindows(): number {
    const chart = this.#store.hello?.charts[0];
    if (this.#frozen === undefined || chart === undefined) return 0;
    const shown = this.#frozen.rows.get(chart.id)?.at(-1)?.start ?? Number.NEGATIVE_INFINITY;
    const rows = this.#store.view().rows.get(chart.id) ?? [];
    const newest = rows.at(-1)?.start;
    if (newest === undefined || newest <= shown) return 0;
    if (chart.stepMs !== undefined && Number.isFinite(shown)) {
      return Math.round((newest - shown) / chart.stepMs);
    }
    return rows.filter(({ start }) => start > shown).length;
  }

  #switchLanguage(): void {
    const language: Language = this.#wording.language === "zh" ? "en" : "zh";
    remember("language", language);
    this.#wording = new Wording(language);
    this.#restyle();
  }

  #announce(text: string): void {
    clearTimeout(this.#announcing);
    this.#announcing = setTimeout(() => setText(part("announcer"), text), ANNOUNCE_AFTER_MS);
  }
}

function storedLanguage(): Language {
  const stored = recall("language");
  return stored === "zh" || stored === "en" ? stored : preferredLanguage(navigator.languages);
}

function newestOf(view: View): number | undefined {
  const starts = [...view.rows.values()].flatMap((rows) => rows.at(-1)?.start ?? []);
  return starts.length === 0 ? undefined : Math.max(...starts);
}

new Page().start();
