/**
 * Offsets to lines and columns.
 *
 * @module
 */

import type { Range } from "./node.ts";

export interface LineRange {
  /** From 1. */
  readonly line: number;
  /** From 1, UTF-16 units. */
  readonly column: number;
  /** Exclusive, on the same line. */
  readonly endColumn: number;
}

export class SourceText {
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
  }

  /** Line from 1. */
  lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Text of a line from 1, without its end. */
  lineText(line: number): string {
    const start = this.#lineStarts[line - 1] ?? this.text.length;
    const next = this.#lineStarts[line] ?? this.text.length + 1;
    return this.text.slice(start, next - 1).replace(/\r$/, "");
  }

  /** From an offset to the end of its line, blanks and a comment at the end left out. */
  restOfLine(offset: number): string {
    const end = this.#lineStarts[this.lineOf(offset)] ?? this.text.length;
    return this.text
      .slice(offset, end)
      .replace(/\s+#.*/, "")
      .trimEnd();
  }

  /** The part of a range on its first line, at least one column wide. */
  place(range: Range): LineRange {
    const line = this.lineOf(range.start);
    const lineStart = this.#lineStarts[line - 1]!;
    const column = range.start - lineStart + 1;
    const lineEnd = Math.max(column + 1, this.lineText(line).length + 1);
    const endColumn = Math.min(lineEnd, Math.max(column + 1, range.end - lineStart + 1));
    return { line, column, endColumn };
  }
}

/** A line up to its comment, without the blanks at its end. */
export function withoutComment(line: string): string {
  for (let at = line.indexOf("#"); at >= 0; at = line.indexOf("#", at + 1)) {
    if (at === 0 || line[at - 1] === " " || line[at - 1] === "\t")
      return line.slice(0, at).trimEnd();
  }
  return line.trimEnd();
}
