/**
 * Slips inside `{ … }` and `[ … ]`: brackets that do not pair, commas that are missing, expressions
 * that YAML cuts.
 *
 * @module
 */

import { closingQuote, looksLikeExpression, quote } from "./quote_hint.ts";
import type { Slip } from "./yaml_slips.ts";

export interface FlowScan {
  /** Behind the bracket that closes it. */
  readonly end: number;
  readonly slip?: Slip;
  /** The slip leaves open where the value ends. */
  readonly stops: boolean;
}

interface OpenBracket {
  readonly mark: "{" | "[";
  readonly at: number;
  /** Where the entry began that is being read. */
  entry: number;
  /** Behind its colon. */
  value: number | undefined;
  /** Something stands in front of here that belongs to the key, or to the value. */
  hasText: boolean;
}

/** @param from Where the bracket opens. */
export function scanFlow(text: string, from: number): FlowScan {
  const open: OpenBracket[] = [];
  for (let at = from; at < text.length; at++) {
    const mark = text[at]!;
    const top = open.at(-1);
    if (mark === "#" && /\s/.test(text[at - 1] ?? " ")) {
      at = lineEnd(text, at) - 1;
    } else if ((mark === "'" || mark === '"') && top?.hasText === false) {
      const closing = closingQuote(text, at);
      if (closing < 0) return unclosed(text, at);
      at = closing;
      top.hasText = true;
    } else if (mark === "{" || mark === "[") {
      if (top?.hasText) return cut(text, top, at);
      if (top !== undefined) top.hasText = true;
      open.push({ mark, at, entry: at + 1, value: undefined, hasText: false });
    } else if (mark === "}" || mark === "]") {
      if ((mark === "}") !== (top!.mark === "{")) return mismatch(text, top!, at);
      open.pop();
      if (open.length === 0) return { end: at + 1, stops: false };
    } else if (mark === ",") {
      Object.assign(top!, { entry: at + 1, value: undefined, hasText: false });
    } else if (mark === ":" && top?.mark === "{" && /[\s,}\]]/.test(text[at + 1] ?? " ")) {
      if (top.value !== undefined) return secondColon(text, top, at);
      Object.assign(top, { value: at + 1, hasText: false });
    } else if (mark === "\n") {
      if (isNextEntry(text, at + 1, from)) break;
    } else if (mark !== " " && mark !== "\t" && mark !== "\r") {
      top!.hasText = true;
    }
  }
  return unclosed(text, open[0]!.at);
}

function unclosed(text: string, at: number): FlowScan {
  const range = { start: at, end: at + 1 };
  const message = `this ${text[at]!} is never closed`;
  return { end: text.length, stops: true, slip: { code: "BAD_YAML", range, message } };
}

/** `{ when: a ? b : c }`, or a comma that was forgotten. */
function secondColon(text: string, top: OpenBracket, at: number): FlowScan {
  const end = expressionEnd(text, top.value!);
  const value = text.slice(top.value, end).trim();
  const separator = text.lastIndexOf("，", at);
  const isWide = separator > top.value!;
  if (looksLikeExpression(value) && at < end && !isWide) {
    const range = { start: at, end: at + 1 };
    return quoted(text, top, end, range, "YAML reads what is before this colon as a key");
  }
  const [key] = /\S+$/.exec(text.slice(top.value, at).trimEnd())!;
  const start = text.lastIndexOf(key, at);
  const range = isWide
    ? { start: separator, end: separator + 1 }
    : { start, end: start + key.length };
  const nested = text.slice(top.value, start).trim() === "";
  const message = nested
    ? "a map inside a flow map needs braces of its own"
    : isWide
      ? '"，" is not the comma that separates entries'
      : 'a "," is missing before this key';
  const name = text.slice(top.entry, top.value).trim();
  const slip = { code: "BAD_YAML", range, message } as const;
  const short = value.length > 500 ? {} : { hint: `write ${name} { ${value} }` };
  const hint = nested ? short : isWide ? { hint: 'write ","' } : {};
  return { end, stops: true, slip: { ...slip, ...hint } };
}

/** A plain value ends where a bracket opens. */
function cut(text: string, top: OpenBracket, at: number): FlowScan {
  const end = expressionEnd(text, top.value ?? top.entry);
  const message = `in a flow ${top.mark === "{" ? "map" : "list"} a value ends at the bracket`;
  return quoted(text, top, end, { start: at, end: at + 1 }, message);
}

function quoted(
  text: string,
  top: OpenBracket,
  end: number,
  range: Slip["range"],
  message: string,
): FlowScan {
  const value = text.slice(top.value ?? top.entry, end).trim();
  const key = top.value === undefined ? "" : `${text.slice(top.entry, top.value).trim()} `;
  const hint = value.length > 500 ? {} : { hint: `write ${key}${quote(value)}` };
  return { end, stops: true, slip: { code: "QUOTE_EXPRESSION", range, message, ...hint } };
}

function mismatch(text: string, { mark, at }: OpenBracket, end: number): FlowScan {
  const range = { start: end, end: end + 1 };
  const line = text.slice(0, at).split("\n").length;
  const where = text.slice(at, end).includes("\n") ? ` of line ${line}` : "";
  const message = `the ${mark}${where} is not closed before this ${text[end]!}`;
  return { end, stops: true, slip: { code: "BAD_YAML", range, message } };
}

/** Where an expression ends that begins at `from`: at the comma or bracket that is none of its own. */
function expressionEnd(text: string, from: number): number {
  let depth = 0;
  let at = from;
  for (; at < text.length && text[at] !== "\n"; at++) {
    const mark = text[at]!;
    if (mark === "'" || mark === '"') at = endOfText(text, at);
    else if ("([{".includes(mark)) depth++;
    else if (")]}".includes(mark) && --depth < 0) break;
    else if (mark === "," && depth === 0) break;
  }
  return Math.min(at, text.length);
}

/** The closing quote of a text of CEL, or the end of the line where there is none. */
function endOfText(text: string, from: number): number {
  const end = lineEnd(text, from);
  const at = text.indexOf(text[from]!, from + 1);
  return at < 0 || at > end ? end - 1 : at;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

/** A line that begins no deeper than the one where the bracket opened, with a key: the bracket was forgotten. */
function isNextEntry(text: string, at: number, from: number): boolean {
  const lineStart = text.lastIndexOf("\n", from) + 1;
  const indentation = /^[ -]*/.exec(text.slice(lineStart, from))![0].length;
  const line = text.slice(at, lineEnd(text, at));
  return line.search(/\S/) <= indentation && /^\s*(?:- )?[A-Za-z_]\w*:(?:\s|$)/.test(line);
}
