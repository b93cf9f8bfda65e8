/**
 * Source text that finds the entries of a record: the windows that it counts in, and those that have
 * closed for it. One function per kind of windows.
 *
 * The code stands in a block of its stage and works with `at`, the record's event time, and the range
 * of its key; it runs `fold` with `pane` and `e`.
 *
 * @module
 */

import {
  type CalendarWindow,
  type HoppingWindow,
  isInclusive,
  type SessionWindow,
  type SlidingWindow,
  type WindowPlan,
} from "../../../topology/language/mod.ts";

export interface WindowSourceOptions {
  /** Number of the stage. */
  readonly i: number;
  readonly window: WindowPlan;
  /** Folds the record into the entry `e` of `pane`. */
  readonly fold: string;
  /** Stream time that judges lateness. */
  readonly streamTime: string;
  readonly input: number;
  /** The window that the record is a result of. */
  readonly own: { readonly start: string; readonly end: string } | undefined;
  /** A result goes out after each record. */
  readonly updates: boolean;
  /** Entries travel on to the task that has the windows: it alone knows what has closed for all. */
  readonly partial: boolean;
  /**
   * Writes a late record.
   * @param judged the clock that says so, the reason, starts of the first and last windows that have
   *   closed, their number, and when the first one did
   */
  readonly late: (judged: string) => string;
}

export function windowSource(options: WindowSourceOptions): string {
  const { window } = options;
  switch (window.kind) {
    case "none":
      return neverClosing(options);
    case "same":
      return isInclusive(window.of)
        ? single(options, sameSource(options), "0", "<", distinct(options))
        : single(options, sameSource(options), "0", "<=", own(options));
    case "calendar":
      return calendar(options, window);
    case "hopping":
      return window.panes ? sharedPanes(options, window) : separate(options);
    case "session":
      return session(options, window);
    case "sliding":
      return sliding(options, window);
  }
}

/** Finds the entry of the key in `pane` and folds the record in. */
function foldInto(options: WindowSourceOptions, window: string): string {
  const { i } = options;
  return [`const e = pane.find(kb${i}, ks${i}, ke${i});`, foldOnce(options, window)].join("\n");
}

/** Folds the record into the entry `e` of `pane`, unless that has it already. */
function foldOnce(
  { i, input, fold, updates, partial }: WindowSourceOptions,
  window: string,
): string {
  if (partial) return fold;
  return [
    `if (!pane.covers(e, ${input}, c.offset)) {`,
    fold,
    updates ? `s${i}.result(pane, e, ${window});` : "",
    "}",
  ].join("\n");
}

/** Counts a record in the windows that take it: where those are. */
function accepted({ i, partial }: WindowSourceOptions, windows?: string): string {
  if (partial) return "";
  return windows === undefined ? `n${i}.accepted++;` : `n${i}.accepted += ${windows};`;
}

/** Source of the watermark that has closed windows for good. */
function watermark({ partial }: WindowSourceOptions): string {
  return partial ? "-Infinity" : "t.watermarkMs";
}

function neverClosing(options: WindowSourceOptions): string {
  const { i } = options;
  return [
    `const pane = s${i}.table.pane(0, 0); ${accepted(options)}`,
    foldInto(options, "NaN, NaN"),
  ].join("\n");
}

function sameSource({ own }: WindowSourceOptions): string {
  return `const o = ${own!.start}, end = ${own!.end};`;
}

function calendar(options: WindowSourceOptions, { graceMs }: CalendarWindow): string {
  const { i } = options;
  const find = `s${i}.calendar.find(at); const o = s${i}.calendar.startMs, end = s${i}.calendar.endMs;`;
  return single(options, find, String(graceMs), "<=", own(options));
}

/** An entry of a window that has a pane. */
function own({ i }: WindowSourceOptions): string {
  return `const pane = s${i}.table.pane(o, end), e = pane.find(kb${i}, ks${i}, ke${i});`;
}

function distinct({ i }: WindowSourceOptions): string {
  return `const pane = s${i}.distinct.entries, e = s${i}.distinct.at(kb${i}, ks${i}, ke${i}, o, end);`;
}

/**
 * The one window of the record, from `o` to `end`, which is closed when its end and grace are `closed` a
 * clock.
 * @param entry statements that set `pane` and `e`
 */
function single(
  options: WindowSourceOptions,
  find: string,
  grace: string,
  closed: "<" | "<=",
  entry: string,
): string {
  const { streamTime } = options;
  return [
    find,
    `const T = ${streamTime}, W = ${watermark(options)}, due = end + ${grace};`,
    refused(options, `due ${closed} T`, `due ${closed} W`, "o, o, 1, due"),
    "else {",
    accepted(options),
    entry,
    foldOnce(options, "o, end"),
    "}",
  ].join("\n");
}

/** `if`: the record is late, at its source or here only. */
function refused(
  { i, late }: WindowSourceOptions,
  atSource: string,
  atOperator: string,
  windows: string,
): string {
  return [
    `if (${atSource}) { n${i}.lateAtSource++; ${late(`T, "late", ${windows}`)} }`,
    `else if (${atOperator}) { n${i}.lateAtOperator++; ${late(`W, "closed-while-idle", ${windows}`)} }`,
  ].join("\n");
}

/** Statements that set `o` to the start of the first window that covers the record. */
function firstStart(i: number): string {
  return [
    `let o = Math.floor((at - s${i}.offsetMs - s${i}.sizeMs) / s${i}.advanceMs + 1) * s${i}.advanceMs + s${i}.offsetMs;`,
    `while (o < 0) o += s${i}.advanceMs;`,
  ].join("\n");
}

/** Moves `o` behind the windows that refuse the record: as they close in order, those are the first ones. */
function refusedFirst(options: WindowSourceOptions): string {
  const { i, streamTime, late } = options;
  const windows = `first, o - s${i}.advanceMs, Math.round((o - first) / s${i}.advanceMs), first + s${i}.sizeMs + s${i}.graceMs`;
  return [
    `const T = ${streamTime}, W = ${watermark(options)}, closed = (W > T ? W : T) - s${i}.sizeMs - s${i}.graceMs;`,
    `if (o <= last && o <= closed) {`,
    `const first = o, isLate = o + s${i}.sizeMs + s${i}.graceMs <= T;`,
    `for (; o <= last && o <= closed; o += s${i}.advanceMs) if (o + s${i}.sizeMs + s${i}.graceMs <= T) n${i}.lateAtSource++; else n${i}.lateAtOperator++;`,
    late(`isLate ? T : W, isLate ? "late" : "closed-while-idle", ${windows}`),
    "}",
  ].join("\n");
}

function separate(options: WindowSourceOptions): string {
  const { i } = options;
  return [
    firstStart(i),
    "const last = at;",
    refusedFirst(options),
    `for (; o <= last; o += s${i}.advanceMs) {`,
    `const end = o + s${i}.sizeMs, pane = s${i}.table.pane(o, end); ${accepted(options)}`,
    foldInto(options, "o, end"),
    "}",
  ].join("\n");
}

/**
 * The pane that the record is folded into once. Which of its windows is the first one is decided by
 * stream time alone: after a crash it has to be found again.
 */
function sharedPanes(options: WindowSourceOptions, { sizeMs, advanceMs }: HoppingWindow): string {
  const { i, streamTime, partial } = options;
  const rest = sizeMs % advanceMs;
  const start = rest === 0 ? "last" : `at - last < ${rest} ? last : last + ${rest}`;
  return [
    firstStart(i),
    `const last = Math.floor((at - s${i}.offsetMs) / s${i}.advanceMs) * s${i}.advanceMs + s${i}.offsetMs;`,
    "const least = o;",
    refusedFirst(options),
    "if (o <= last) {",
    accepted(options, `Math.round((last - o) / s${i}.advanceMs) + 1`),
    `const open = Math.floor((${streamTime} - s${i}.sizeMs - s${i}.graceMs - s${i}.offsetMs) / s${i}.advanceMs + 1) * s${i}.advanceMs + s${i}.offsetMs;`,
    `const oldest = open > least ? open : least;`,
    `const pane = s${i}.table.pane(${start}, oldest);`,
    foldInto(options, "NaN, NaN"),
    partial ? "" : `if (oldest <= s${i}.overlapping.closedMs) s${i}.overlapping.forget();`,
    "}",
  ].join("\n");
}

function session(options: WindowSourceOptions, { graceMs }: SessionWindow): string {
  const { i, input, fold, streamTime, updates, partial, late } = options;
  const windows = `at, at, 1, at + ${graceMs}`;
  // What travels on is in no changelog.
  const offset = partial ? "0" : "c.offset";
  return [
    `const T = ${streamTime}, W = ${watermark(options)};`,
    `if (at + ${graceMs} < T) { n${i}.lateAtSource++; ${late(`T, "late", ${windows}`)} }`,
    "else {",
    `const e = s${i}.sessions.join(kb${i}, ks${i}, ke${i}, at, at, W, ${input}, ${offset});`,
    `if (e === -2) { n${i}.lateAtOperator++; ${late(`W, "closed-while-idle", ${windows}`)} }`,
    // A session before it may have closed that it would have gone on with.
    partial ? "" : `else { n${i}.accepted++; if (at + ${graceMs} < W) n${i}.partlyLate++; }`,
    "if (e >= 0) {",
    `const pane = s${i}.sessions.entries;`,
    fold,
    updates ? `s${i}.result(pane, e, f[e + pane.from], f[e + pane.maxTime]);` : "",
    "}",
    "}",
  ].join("\n");
}

function sliding(options: WindowSourceOptions, { differenceMs, graceMs }: SlidingWindow): string {
  const { i, input, fold, streamTime, updates } = options;
  const due = `at + ${differenceMs + graceMs}`;
  const windows = `Math.max(0, at - ${differenceMs}), at, 2, Math.max(at, ${differenceMs}) + ${graceMs}`;
  return [
    `const T = ${streamTime}, W = t.watermarkMs;`,
    refused(options, `${due} < T`, `${due} < W`, windows),
    "else {",
    `n${i}.accepted++;`,
    `const e = s${i}.sliding.at(kb${i}, ks${i}, ke${i}, at, T, ${input}, c.offset);`,
    "if (e >= 0) {",
    `const pane = s${i}.sliding.entries;`,
    fold,
    updates ? `s${i}.sliding.emitUpdates(e);` : "",
    "}",
    "}",
  ].join("\n");
}
