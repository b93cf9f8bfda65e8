/**
 * Failures of tests as people read them.
 *
 * @module
 */

import { showDuration, showPlace } from "../../topology/language/mod.ts";
import type { TestFailure } from "./definition_tests.ts";
import type { Difference } from "./differences.ts";

const RED = "\u001b[31m";
const BOLD = "\u001b[1m";
const DIM = "\u001b[2m";
const RESET = "\u001b[0m";

const MAX_DIFFERENCES = 12;
const MAX_VALUE_LENGTH = 60;
/** Later times are dates; a test that begins at 0s stays below. */
const DAYS_SHOWN_AS_DURATION = 10;

/**
 * A failure with its place and what differs:
 *
 *     topology/double11.yaml:52:15 FAILED two girls and a boy in one second, one late
 *       shoppers: the nearest record (partition 0, offset 0) differs
 *         field         expected  written
 *         value.people  3         2
 *
 * @param options.color ANSI colours.
 */
export function formatFailure(
  { test, place, message, differences }: TestFailure,
  options: { readonly color?: boolean } = {},
): string {
  const paint = (code: string, text: string) => (options.color ? code + text + RESET : text);
  const head = `${paint(BOLD, showPlace(place))} ${paint(RED, "FAILED")} ${printable(test)}`;
  const [titles, ...rows] = tableOf(differences).map((row) => `    ${row}`);
  const table = titles === undefined ? [] : [paint(DIM, titles), ...rows];
  return [head, `  ${printable(message)}`, ...table].join("\n");
}

/** Key, window, value and headers in one line, as far as there are any. */
export function showRecord(record: {
  readonly key?: unknown;
  readonly window?: readonly [number, number];
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}): string {
  const { key, window, value, headers } = record;
  const parts = [
    ...(key === undefined ? [] : [`key: ${show(key)}`]),
    ...(window === undefined ? [] : [`window: ${showWindow(window)}`]),
    ...(value === undefined ? [] : [`value: ${show(value)}`]),
    ...(headers === undefined || Object.keys(headers).length === 0
      ? []
      : [`headers: ${show(headers)}`]),
  ];
  return `{ ${parts.join(", ")} }`;
}

function tableOf(differences: readonly Difference[]): string[] {
  if (differences.length === 0) return [];
  const rows = [
    ["field", "expected", "written"],
    ...differences
      .slice(0, MAX_DIFFERENCES)
      .map(({ field, expected, actual }) => [
        printable(field),
        showPart(field, expected),
        showPart(field, actual),
      ]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const more = differences.length - MAX_DIFFERENCES;
  return [
    ...rows.map(([field, expected, actual]) =>
      `${field!.padEnd(widths[0]!)}  ${expected!.padEnd(widths[1]!)}  ${actual}`.trimEnd(),
    ),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function showPart(field: string, value: unknown): string {
  if (field === "window" && Array.isArray(value)) return showWindow(value as [number, number]);
  return show(value);
}

function show(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  const cut = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
  return printable(cut);
}

function showWindow(window: readonly [number, number]): string {
  return `[${window.map(showInstant).join(", ")}]`;
}

function showInstant(ms: number): string {
  if (ms < DAYS_SHOWN_AS_DURATION * 86_400_000) return ms === 0 ? "0s" : showDuration(ms);
  return new Date(ms).toISOString();
}

/** A record must not drive the terminal. */
function printable(text: string): string {
  return Array.from(text, (c) => (c < " " || (c >= "\u007f" && c < "\u00a0") ? "\ufffd" : c)).join(
    "",
  );
}
