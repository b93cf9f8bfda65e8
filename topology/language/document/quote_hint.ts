/**
 * YAML bites into expressions: `!value.ok` is a tag, `topK(x, 10)` in a flow map ends at the comma,
 * `? :` looks like a key. When the place of an error looks like an expression, the answer is the
 * line with quotes around it.
 *
 * @module
 */

import { withoutComment } from "./source_text.ts";

/** `  - when: rest`, or the part of a flow map from the key on. */
const ENTRY = /^(\s*(?:-\s+)*)([A-Za-z_][\w]*)(\s*:\s+)(.+)$/;

const MAX_LINE = 500;

/** Reads like CEL, not like a name or a number. */
const EXPRESSION =
  /\b(?:value|key|headers|window|eventTime)\b|&&|\|\||[=!<>]=|\w\(|^\[.*\]\s*\S|^["'].*["']\s*[+]|\s\?\s/;

/**
 * @param lineText The line on which YAML stumbled.
 * @param inside `#`: what looks like a comment belongs to the expression.
 * @returns the same entry, quoted: `when: "!value.ok && value.x"`; undefined when the line does not
 * look like an expression
 */
export function quotedEntry(lineText: string, inside?: "#"): string | undefined {
  // Nobody quotes a longer line by hand, and the patterns are not linear in blanks.
  if (lineText.length > MAX_LINE) return undefined;
  const match = ENTRY.exec(inside === "#" ? lineText : withoutComment(lineText));
  if (match === null) return undefined;
  const [, , key, , rest] = match;
  const expression = rest!.trim();
  if (expression.startsWith("{") || /^(["']).*\1$/.test(expression)) return undefined;
  if (!EXPRESSION.test(expression)) return undefined;
  return `${key}: ${quote(expression)}`;
}

/** Where the closing quote of a quoted YAML scalar stands that opens at `from`; -1 when it is never closed. */
export function closingQuote(text: string, from: number): number {
  const mark = text[from]!;
  for (let at = from + 1; at < text.length; at++) {
    if (mark === '"' && text[at] === "\\") at++;
    else if (text[at] !== mark) continue;
    else if (mark === "'" && text[at + 1] === mark) at++;
    else return at;
  }
  return -1;
}

/** Whether a text reads like CEL rather than like words. */
export function looksLikeExpression(text: string): boolean {
  return text.length <= MAX_LINE && EXPRESSION.test(text);
}

/** Quotes that need no escaping if there are such; CEL texts are in single quotes. */
export function quote(expression: string): string {
  if (!/["\\]/.test(expression)) return `"${expression}"`;
  return `'${expression.replaceAll("'", "''")}'`;
}
