/**
 * Where a character of a scalar's value stands in the file.
 *
 * YAML folds lines, strips indentation and unescapes; what it never does is reorder. So value and
 * source are walked side by side: every character that is not white space must appear in both, in
 * the same order, and white space in the value is wherever the source has some.
 *
 * @module
 */

import type { Range, ScalarNode } from "./node.ts";
import { writtenSpan } from "./variables.ts";

/** As it stands in the file, before variables are expanded. */
type WrittenScalar = Pick<ScalarNode, "start" | "end" | "style" | "text">;

/**
 * @param text The file.
 * @param span Of `node.text`.
 * @returns the same in the file; a variable in it as a whole
 */
export function scalarRange(text: string, node: ScalarNode, span: Range): Range {
  const written = node.written === undefined ? node : { ...node, text: node.written.text };
  const { start, end } = node.written ? writtenSpan(node.written.expansions, span) : span;
  const last = scalarOffset(text, written, Math.max(start, end - 1));
  return { start: scalarOffset(text, written, start), end: last + 1 };
}

/**
 * @param text The file.
 * @param index Into `node.text`; its length means the end.
 * @returns Offset into the file.
 */
function scalarOffset(text: string, node: WrittenScalar, index: number): number {
  let at = bodyStart(text, node);
  let after = at;
  for (let i = 0; i <= index; i++) {
    if (i >= node.text.length) return after;
    const character = node.text[i]!;
    if (isSpace(character)) {
      if (isSpace(text[at])) {
        if (i === index) return at;
        at = text[at] === "\n" || text[at] === "\r" ? skipSpace(text, at) : at + 1;
      } else if (node.style === "double" && text[at] === "\\") {
        if (i === index) return at;
        at += escapeLength(text, at);
      } else if (i === index) return at;
    } else {
      at = skipToCharacter(text, at, node);
      if (i === index) return at;
      at += unitLength(text, at, node);
    }
    after = at;
  }
  return at;
}

function bodyStart(text: string, node: WrittenScalar): number {
  if (node.style === "plain") return node.start;
  if (node.style !== "block") return node.start + 1;
  // `|-` and a comment may stand on the header line.
  const lineEnd = text.indexOf("\n", node.start);
  return lineEnd < 0 ? node.end : skipSpace(text, lineEnd);
}

/** Skips white space, and in double quotes the backslash that joins two lines. */
function skipToCharacter(text: string, at: number, node: WrittenScalar): number {
  let here = skipSpace(text, at);
  while (node.style === "double" && text[here] === "\\" && /[\r\n]/.test(text[here + 1] ?? "")) {
    here = skipSpace(text, here + 1);
  }
  return here;
}

/** Source characters that make one character of the value. */
function unitLength(text: string, at: number, node: WrittenScalar): number {
  if (node.style === "single" && text[at] === "'" && text[at + 1] === "'") return 2;
  if (node.style === "double" && text[at] === "\\") return escapeLength(text, at);
  return 1;
}

function escapeLength(text: string, at: number): number {
  switch (text[at + 1]) {
    case "x":
      return 4;
    case "u":
      return 6;
    case "U":
      return 10;
    default:
      return 2;
  }
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}

function skipSpace(text: string, at: number): number {
  while (isSpace(text[at])) at++;
  return at;
}
