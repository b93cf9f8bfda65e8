/**
 * Diagnostics as people read them.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";
import type { Place } from "./plan.ts";

const RED = "\u001b[31m";
const YELLOW = "\u001b[33m";
const BOLD = "\u001b[1m";
const DIM = "\u001b[2m";
const RESET = "\u001b[0m";

/** A line of the file is shown up to here; what is far behind is of no help. */
const MAX_FRAME_COLUMNS = 160;

/**
 * Each diagnostic with the line it is about:
 *
 *     topology/double11.yaml:19:17 error UNKNOWN_FIELD  user_log has no field "gendr"; did you mean "gender"?
 *        19 |         when: value.gendr in ['FEMALE', 'MALE']
 *           |                     ^^^^^
 *
 * @param textOf Text of a file that diagnostics name; without it the frame is left out.
 * @param options.color ANSI colours.
 */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  textOf: (file: string) => string | undefined,
  options: { readonly color?: boolean } = {},
): string {
  const paint = (code: string, text: string) => (options.color ? code + text + RESET : text);
  const lines = new Map<string, readonly string[]>();
  const blocks = diagnostics.map((diagnostic) => {
    const { file, line, severity, code, message, hint } = diagnostic;
    if (!lines.has(file)) lines.set(file, linesOf(textOf(file)));
    const tone = severity === "error" ? RED : YELLOW;
    const place = paint(BOLD, showPlace(diagnostic));
    const head = `${place} ${paint(tone, severity)} ${code}  ${oneLine(message)}`;
    const frame = codeFrame(diagnostic, diagnostic.excerpt ?? lines.get(file)?.[line - 1], (text) =>
      paint(tone, text),
    );
    const advice = hint === undefined ? [] : [`   ${paint(DIM, `hint: ${oneLine(hint)}`)}`];
    return [head, ...frame, ...advice].join("\n");
  });
  return blocks.join("\n");
}

/** `topology/double11.yaml:19:17`; of the object form `topology/double11.ts: streams.user_log`. */
export function showPlace({ file, line, column, path = "" }: Place): string {
  if (line > 0) return `${file}:${line}:${column}`;
  return path === "" ? `${file}:` : `${file}: ${path}`;
}

function linesOf(text = ""): readonly string[] {
  return text.replace(/^\ufeff/, "").split(/\r?\n/);
}

function codeFrame(
  { line, column, endColumn }: Diagnostic,
  text: string | undefined,
  paint: (text: string) => string,
): readonly string[] {
  // A tab is as wide as one column everywhere, so that the carets stand under what they mean.
  const shown = text?.replaceAll("\t", " ");
  if (shown === undefined || column > MAX_FRAME_COLUMNS) return [];
  const number = (line === 0 ? "" : String(line)).padStart(5);
  const width = Math.max(1, Math.min(endColumn, MAX_FRAME_COLUMNS) - column);
  const before = " ".repeat(displayWidth(shown.slice(0, column - 1)));
  const carets = "^".repeat(Math.max(1, displayWidth(shown.slice(column - 1, column - 1 + width))));
  return [
    `${number} | ${printable(shown.slice(0, MAX_FRAME_COLUMNS))}`,
    `${" ".repeat(number.length)} | ${before}${paint(carets)}`,
  ];
}

/** Columns in a terminal: CJK and full-width forms take two, combining marks and halves of pairs none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (/\p{Mn}/u.test(character)) continue;
    const wide =
      (point >= 0x1100 && point <= 0x115f) ||
      (point >= 0x2e80 && point <= 0xa4cf) ||
      (point >= 0xac00 && point <= 0xd7a3) ||
      (point >= 0xf900 && point <= 0xfaff) ||
      (point >= 0xfe30 && point <= 0xfe6f) ||
      (point >= 0xff00 && point <= 0xff60) ||
      (point >= 0xffe0 && point <= 0xffe6) ||
      (point >= 0x1f300 && point <= 0x1faff) ||
      (point >= 0x20000 && point <= 0x3fffd);
    width += wide ? 2 : 1;
  }
  return width;
}

/** A file must not drive the terminal. */
function printable(text: string): string {
  return Array.from(text, (c) => (c < " " || (c >= "\u007f" && c < "\u00a0") ? "\ufffd" : c)).join(
    "",
  );
}

function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, " "));
}
