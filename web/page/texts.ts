/**
 * The page's own words in its two languages, and how it writes numbers and times.
 *
 * @module
 */

import type { Text } from "../protocol.ts";

export type Language = "zh" | "en";

const EN = {
  connecting: "Connecting",
  connected: "Live",
  catchingUp: "Catching up",
  reconnecting: "Reconnecting",
  stale: "Stale",
  paused: "Paused",
  ended: "Disconnected; reload the page",
  lastWindow: "last window {time}",
  lastSeen: "no news since {time}",
  pause: "Pause",
  resume: "Resume",
  newWindows: "{n} new",
  language: "中文",
  languageHint: "Switch to Chinese",
  themeSystem: "Auto",
  themeLight: "Light",
  themeDark: "Dark",
  themeHint: "Colours: {theme}. Switch",
  exportPng: "PNG",
  exportCsv: "CSV",
  exportPngHint: "Save the chart as an image",
  exportCsvHint: "Save the points as a table",
  shape: "Curve",
  line: "Linear",
  spline: "Spline",
  step: "Step",
  bar: "Bars",
  total: "total {n}",
  counters: "Counters",
  waiting: "Waiting for the first window…",
  waitingHint: "Points appear as soon as a window of event time has closed.",
  table: "Data table",
  time: "Time",
  windowStart: "window_start",
  windowEnd: "window_end",
  noValue: "–",
  chartHelp:
    "Chart. Arrow keys move from point to point; the same numbers are in the data table below.",
  problems: "Problems in the definition: {n}. The last good version keeps running.",
  warnings: "Warnings about the definition: {n}.",
  lastPoints: "last {n} windows of {step}",
  lastRecords: "last {n} points",
  toolbar: "View",
  ledger: "Ledger",
  ledgerHint: "What became of every record: each one is in exactly one class of each stage.",
  ledgerStage: "Stage",
  ledgerStageHint: "A source of records or a stage of a pipeline, in the order records take",
  ledgerIn: "In",
  ledgerInHint: "Records that came in; of a source, read from its topic",
  ledgerAccepted: "Accepted",
  ledgerAcceptedHint: "Passed on, or counted in a window (once per window)",
  ledgerFiltered: "Filtered",
  ledgerFilteredHint: "Left out by a condition, or because a key or value is null",
  ledgerLateAtSource: "Late at source",
  ledgerLateAtSourceHint:
    "Came after their window had closed, by the clock of the partition they were read from (once per window)",
  ledgerLateAtOperator: "Late at operator",
  ledgerLateAtOperatorHint:
    "Came in time by their own partition, which had been silent so long that the window had closed without it (once per window)",
  ledgerDead: "Dead",
  ledgerDeadHint:
    "Records that cannot be used: not readable, a failing expression, no valid time. Dead letters, unless skipped",
  ledgerOut: "Out",
  ledgerOutHint: "Records that went on from here; of a window stage, results",
  legend: "Curves",
  zone: "Times in {zone}",
  local: "Everything on this page comes from your own server.",
} as const;

export type Word = keyof typeof EN;

const ZH: Readonly<Record<Word, string>> = {
  connecting: "正在连接",
  connected: "实时",
  catchingUp: "正在追赶",
  reconnecting: "正在重新连接",
  stale: "数据已过时",
  paused: "已暂停",
  ended: "连接已断开，请刷新页面",
  lastWindow: "最新窗口 {time}",
  lastSeen: "自 {time} 起无更新",
  pause: "暂停",
  resume: "继续",
  newWindows: "{n} 个新点",
  language: "English",
  languageHint: "切换为英文",
  themeSystem: "自动",
  themeLight: "浅色",
  themeDark: "深色",
  themeHint: "配色：{theme}。点击切换",
  exportPng: "PNG",
  exportCsv: "CSV",
  exportPngHint: "将图表保存为图片",
  exportCsvHint: "将数据点保存为表格",
  shape: "曲线",
  line: "折线",
  spline: "平滑",
  step: "阶梯",
  bar: "柱状",
  total: "累计 {n}",
  counters: "实时计数",
  waiting: "等待第一个窗口…",
  waitingHint: "事件时间窗口关闭后，数据点会立即出现。",
  table: "数据表",
  time: "时间",
  windowStart: "窗口开始",
  windowEnd: "窗口结束",
  noValue: "–",
  chartHelp: "图表。用方向键在数据点之间移动;下方数据表中有相同的数字。",
  problems: "定义文件有 {n} 处问题，上一个正确的版本仍在运行。",
  warnings: "定义文件有 {n} 处警告。",
  lastPoints: "最近 {n} 个窗口，每个 {step}",
  lastRecords: "最近 {n} 个点",
  toolbar: "视图",
  ledger: "账本",
  ledgerHint: "每条记录的去向：在每个阶段中，一条记录恰好属于一类。",
  ledgerStage: "阶段",
  ledgerStageHint: "数据源或流水线中的阶段，按记录经过的顺序",
  ledgerIn: "进入",
  ledgerInHint: "进入的记录数；对数据源为从主题读取的记录数",
  ledgerAccepted: "接受",
  ledgerAcceptedHint: "继续传递，或计入窗口（每个窗口计一次）",
  ledgerFiltered: "过滤",
  ledgerFilteredHint: "被条件排除，或因键或值为空而丢弃",
  ledgerLateAtSource: "源端迟到",
  ledgerLateAtSourceHint: "按其所在分区的时钟，到达时窗口已关闭（每个窗口计一次）",
  ledgerLateAtOperator: "算子端迟到",
  ledgerLateAtOperatorHint:
    "按自身分区并未迟到，但该分区沉默过久，窗口已先行关闭（每个窗口计一次）",
  ledgerDead: "死信",
  ledgerDeadHint: "无法使用的记录：无法解码、表达式出错、时间无效。除非设为跳过，否则写入死信",
  ledgerOut: "输出",
  ledgerOutHint: "由此继续的记录数；对窗口阶段为结果数",
  legend: "曲线",
  zone: "时区 {zone}",
  local: "本页内容全部来自您自己的服务器。",
};

const WORDS: Readonly<Record<Language, Readonly<Record<Word, string>>>> = { en: EN, zh: ZH };
const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", zh: "zh-CN" };

/** Chinese for a browser whose first language is Chinese, English for any other. */
export function preferredLanguage(languages: readonly string[]): Language {
  return languages[0]?.toLowerCase().startsWith("zh") === true ? "zh" : "en";
}

/** One text of the definition in a language; failing that English, failing that any. */
export function textIn(text: Text, language: Language): string {
  if (typeof text === "string") return text;
  return text[language] ?? text["en"] ?? Object.values(text)[0] ?? "";
}

/** What a series is called; without a label, its own name. */
export function labelOf(
  labels: Readonly<Record<string, Text>>,
  series: string,
  language: Language,
): string {
  const label = labels[series];
  return label === undefined ? series : textIn(label, language);
}

/** All wording for one language. */
export class Wording {
  readonly language: Language;
  readonly #numbers: Intl.NumberFormat;
  readonly #clock: Intl.DateTimeFormat;
  readonly #minutes: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  constructor(language: Language) {
    this.language = language;
    const locale = LOCALES[language];
    this.#numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    this.#clock = new Intl.DateTimeFormat(locale, { ...time, second: "2-digit" });
    this.#minutes = new Intl.DateTimeFormat(locale, time);
    const day = { year: "numeric", month: "short", day: "numeric" } as const;
    this.#day = new Intl.DateTimeFormat(locale, day);
  }

  /** @param values fill `{name}` in the text */
  say(word: Word, values: Readonly<Record<string, string>> = {}): string {
    return WORDS[this.language][word].replace(
      /\{(\w+)\}/g,
      (_, name: string) => values[name] ?? "",
    );
  }

  number(value: number): string {
    return this.#numbers.format(value);
  }

  /** `10:04:05` */
  time(ms: number): string {
    return this.#clock.format(ms);
  }

  /** `10:04` */
  minute(ms: number): string {
    return this.#minutes.format(ms);
  }

  /** `11 Nov 2015` */
  day(ms: number): string {
    return this.#day.format(ms);
  }

  /** `1 s`, `5 min`: the largest unit that divides it. */
  duration(ms: number): string {
    const units = [
      [86_400_000, "d", "天"],
      [3_600_000, "h", "小时"],
      [60_000, "min", "分钟"],
      [1_000, "s", "秒"],
      [1, "ms", "毫秒"],
    ] as const;
    const [size, en, zh] = units.find(([unit]) => ms % unit === 0) ?? [1, "ms", "毫秒"];
    return `${this.number(ms / size)} ${this.language === "zh" ? zh : en}`;
  }
}
