/**
 * The text of an aggregator, `name(part, part)`, taken apart: each part is an expression of its own.
 *
 * @module
 */

export interface Part {
  readonly text: string;
  /** Offset in the aggregator's text. */
  readonly start: number;
}

export interface Call {
  readonly name: string;
  readonly start: number;
  /** Behind the closing parenthesis. */
  readonly end: number;
  readonly parts: readonly Part[];
}

/** The call at the beginning of a text; undefined where there is none. */
export function splitCall(text: string): Call | undefined {
  const head = /^(\s*)([A-Za-z_]\w*)\s*\(/.exec(text);
  if (head === null) return undefined;
  const start = head[1]!.length;
  const parts: Part[] = [];
  let depth = 1;
  let partStart = head[0].length;
  let at = partStart;
  for (; at < text.length && depth > 0; at++) {
    const character = text[at]!;
    if (character === "'" || character === '"') at = endOfString(text, at);
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    if ((character === "," && depth === 1) || depth === 0) {
      parts.push({ text: text.slice(partStart, at), start: partStart });
      partStart = at + 1;
    }
  }
  if (depth > 0) return undefined;
  const empty = parts.length === 1 && parts[0]!.text.trim() === "";
  return { name: head[2]!, start, end: at, parts: empty ? [] : parts };
}

/** Index of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** Where a part's own text stands, without the space around it. */
export function spanOf({ text, start }: Part): { readonly start: number; readonly end: number } {
  const trimmed = text.trim();
  const from = start + text.indexOf(trimmed);
  return { start: from, end: from + trimmed.length };
}
