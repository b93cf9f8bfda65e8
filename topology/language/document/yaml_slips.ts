/**
 * What a person did wrong in a file that is not YAML, in their terms: indentation that fits nothing, a
 * colon without a blank, an expression that wants quotes.
 *
 * A grammar's own message tells where the rules gave out, often lines below the slip and often several
 * times. This walk over the lines knows only what definitions are written in: block maps and lists,
 * each entry on a line of its own, with flow maps, quoted text and block scalars as values.
 *
 * @module
 */

import { scanFlow } from "./flow_slips.ts";
import type { Range } from "./node.ts";
import { closingQuote, looksLikeExpression, quote } from "./quote_hint.ts";
import { withoutComment } from "./source_text.ts";

export interface Slip {
  readonly code: "BAD_YAML" | "QUOTE_EXPRESSION";
  readonly range: Range;
  readonly message: string;
  readonly hint?: string;
}

/** More is not read by anybody, and each costs a look at its line. */
const MAX_SLIPS = 20;

/** A map or list that is open at a column. */
interface Level {
  readonly column: number;
  readonly kind: "map" | "list";
  /** What the last key or dash has on its line: nothing, text that may go on below, or all of it. */
  value: "none" | "text" | "whole";
  /** The last key, for messages. */
  key: string;
}

/** @returns in the order of the file; after one that leaves the structure open nothing more is looked for */
export function findSlips(text: string): readonly Slip[] {
  return new LineWalk(text).slips;
}

class LineWalk {
  readonly slips: Slip[] = [];
  readonly #text: string;
  readonly #levels: Level[] = [];
  /** Lines deeper than this belong to a block scalar. */
  #blockScalar = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(text: string) {
    this.#text = text;
    for (let at = 0; at < text.length && !this.#stopped; ) at = this.#line(at);
  }

  /** @returns where the next line to look at begins */
  #line(start: number): number {
    const newline = this.#text.indexOf("\n", start);
    const end = newline < 0 ? this.#text.length : newline;
    const next = end + 1;
    const line = this.#text.slice(start, end).replace(/\r$/, "");
    const column = line.search(/[^ ]/);
    if (column < 0 || line[column] === "#" || /^(?:---|\.\.\.)/.test(line)) return next;
    if (column > this.#blockScalar) return next;
    this.#blockScalar = Number.POSITIVE_INFINITY;
    if (line[column] === "\t") {
      if (line.trim() === "") return next;
      const tab = { start: start + column, end: start + column + 1 };
      return this.#stop(tab, "tabs are not allowed as indentation", "indent with blanks");
    }
    if (ODD_BLANK.test(line[column]!)) {
      const place = { start: start + column, end: start + column + 1 };
      const code = line.charCodeAt(column).toString(16).toUpperCase().padStart(4, "0");
      return this.#stop(
        place,
        `this blank is none of YAML's: it is U+${code}`,
        "indent with blanks",
      );
    }
    return this.#node(line, column, start) ?? next;
  }

  /** What begins at a column of a line: an item, an entry, or text. */
  #node(line: string, column: number, start: number): number | undefined {
    const rest = line.slice(column);
    if (/^-(?: |$)/.test(rest)) {
      if (!this.#place("list", line, column, start, "-")) return undefined;
      const inner = column + (/^-\s*/.exec(rest)![0].length || 1);
      if (inner >= line.length || line[inner] === "#") return undefined;
      const level = this.#levels.at(-1)!;
      level.value = "text";
      return this.#node(line, inner, start) ?? undefined;
    }
    const entry =
      /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#'"[\]{}&*!|>%@`-][^:#]{0,200}?|<<)[ \t]{0,100}:(?=\s|$)/.exec(
        rest,
      );
    if (entry !== null) {
      const key = entry[1]!;
      const top = this.#levels.at(-1);
      if (top?.value === "text" && column > top.column && /[^\w"'.<-]/.test(key)) {
        const colon = start + column + entry[0].length - 1;
        this.#slip({
          code: "QUOTE_EXPRESSION",
          range: { start: colon, end: colon + 1 },
          message: "YAML reads what is before this colon as a key",
          hint: `write ${top.key}: >- and the whole expression on the lines below`,
        });
        return undefined;
      }
      if (!this.#place("map", line, column, start, key)) return undefined;
      return this.#value(line, column + entry[0].length, start, key);
    }
    return this.#words(line, column, start);
  }

  /** Finds the level a key or a dash belongs to, or opens one. @returns false when it fits nowhere */
  #place(kind: Level["kind"], line: string, column: number, start: number, key: string): boolean {
    const levels = this.#levels;
    const range = { start: start + column, end: start + line.trimEnd().length };
    let closed = false;
    while (levels.length > 0 && levels.at(-1)!.column > column) {
      levels.pop();
      closed = true;
    }
    // A list may stand in the column of the key it belongs to: the key goes on behind it.
    if (kind === "map" && levels.at(-1)?.kind === "list" && levels.at(-2)?.column === column) {
      levels.pop();
    }
    const top = levels.at(-1);
    if (top !== undefined && top.column === column) {
      if (top.kind === kind) {
        top.key = key;
        top.value = "none";
        return true;
      }
      if (kind === "list" && top.value === "none") {
        levels.push({ column, kind, key, value: "none" });
        return true;
      }
      const inList = levels.some((level) => level.kind === "list");
      if (kind === "map") {
        const message = `this line stands in a list: a "-" is missing before "${key}"`;
        this.#stop(range, message, `write - ${line.slice(column).trim()}`);
      } else if (inList) {
        const hint = 'begin every "-" of one list in the same column';
        this.#stop(range, "this item is indented deeper than the list it belongs to", hint);
      } else {
        this.#stop(range, "a list item stands among keys");
      }
      return false;
    }
    if (top !== undefined && closed) {
      const blanks = column === 1 ? "1 blank" : `${column} blanks`;
      const what = kind === "list" ? 'every "-" of one list' : "every key of one map";
      const message = `this line is indented by ${blanks}, which fits no line above it`;
      this.#stop(range, message, `give ${what} the same column`);
      return false;
    }
    const isInner = range.start > start && /^\s*-\s/.test(line) && top?.kind === "list";
    if (top !== undefined && top.value !== "none" && !isInner) {
      const what = kind === "list" ? "this item" : "this";
      const message = `${what} is indented deeper than "${top.key}", which has its value already`;
      const hint =
        kind === "list"
          ? 'begin every "-" of one list in the same column'
          : `begin it in the same column as "${top.key}"`;
      this.#stop(range, message, hint);
      return false;
    }
    levels.push({ column, kind, key, value: "none" });
    return true;
  }

  /** A line, or what follows a dash, that is neither key nor item. */
  #words(line: string, column: number, start: number): number | undefined {
    const levels = this.#levels;
    while (levels.length > 0 && levels.at(-1)!.column >= column) {
      const top = levels.at(-1)!;
      if (top.column > column) {
        levels.pop();
        continue;
      }
      return this.#wordsAmong(top, line, column, start);
    }
    const top = levels.at(-1);
    if (top === undefined) return this.#wordsAmong(undefined, line, column, start);
    if (top.value === "whole") {
      const range = { start: start + column, end: start + line.trimEnd().length };
      this.#stop(range, `this does not belong to "${top.key}", which has its value already`);
      return undefined;
    }
    const isFirst = top.value === "none" || (top.kind === "list" && /^\s*-\s/.test(line));
    top.value = "text";
    return isFirst ? this.#value(line, column, start, undefined) : undefined;
  }

  /** Words in the column of keys or dashes. */
  #wordsAmong(
    top: Level | undefined,
    line: string,
    column: number,
    start: number,
  ): number | undefined {
    const words = withoutComment(line.slice(column));
    const range = { start: start + column, end: start + column + words.length };
    const [, key, value] = /^([A-Za-z_]\w*)(?:[:：](\S.*)?)?$/.exec(words) ?? [];
    if (top === undefined && /^[{[]/.test(words)) return this.#flow(range.start, undefined);
    if (top?.kind === "list" && words.startsWith("-")) {
      const hint = `write - ${words.slice(1)}`;
      this.#stop(range, "a list item needs a blank behind the dash", hint);
    } else if (key !== undefined) {
      const hint = value === undefined ? `write ${key}:` : `write ${key}: ${value}`;
      this.#stop(range, "a key needs a colon and a blank behind it", hint);
    } else if (/^(?:<{7}|={7}|>{7})/.test(words)) {
      this.#stop(range, "a merge conflict is left here");
    } else if (top !== undefined) {
      const hint = words.startsWith("//") ? "a comment begins with #" : undefined;
      this.#stop(range, "a key and a colon are missing here", hint);
    } else {
      // The whole file is one text: no slip of the lines.
      this.#stopped = true;
    }
    return undefined;
  }

  /** What stands behind a key: from `at` on in the line. @returns where to go on, if not on the next line */
  #value(line: string, at: number, start: number, key: string | undefined): number | undefined {
    const level = this.#levels.at(-1)!;
    const behindAnchor = /^\s*(?:&[\w-]+\s+)?/.exec(line.slice(at))![0].length;
    const column = at + behindAnchor;
    const rest = withoutComment(line.slice(column));
    const from = start + column;
    if (rest === "" || /^[&*][\w-]+$/.test(rest)) {
      if (rest.startsWith("*")) level.value = "whole";
      return undefined;
    }
    if (/^[|>][-+\d]*$/.test(rest)) {
      // Inside a list item the text is deeper than the dash.
      this.#blockScalar = level.column;
      level.value = "whole";
      return undefined;
    }
    level.value = "whole";
    const first = rest[0]!;
    if (first === "'" || first === '"') return this.#quoted(first, from, key);
    if (first === "{" || first === "[") return this.#flow(from, key);
    if (looksLikeExpression(rest)) {
      const kept = KEPT[first];
      if (kept !== undefined) return this.#unquoted(key, rest, firstWord(from, rest), kept);
    } else if (first === "!" || first === "&" || first === "*" || first in KEPT) {
      return undefined;
    }
    const colon = /:(?=\s|$)/.exec(rest);
    if (colon !== null) {
      const range = { start: from + colon.index, end: from + colon.index + 1 };
      return this.#unquoted(key, rest, range, "YAML reads what is before this colon as a key");
    }
    level.value = "text";
    return undefined;
  }

  #quoted(mark: string, from: number, key: string | undefined): number | undefined {
    const at = closingQuote(this.#text, from);
    if (at < 0) {
      this.#stop({ start: from, end: from + 1 }, `this ${mark} is never closed`);
      return undefined;
    }
    return this.#behind(from, at + 1, key, "YAML reads the quoted text as the whole value", {
      message: "the text ends at the quote before this",
      hint:
        mark === "'"
          ? "inside '…' a single quote is written ''"
          : 'inside "…" a double quote is written \\"',
    });
  }

  #flow(from: number, key: string | undefined): number | undefined {
    const { end, slip, stops } = scanFlow(this.#text, from);
    if (slip !== undefined) this.slips.push(slip);
    if (stops || this.slips.length >= MAX_SLIPS) this.#stopped = true;
    if (this.#stopped) return undefined;
    const what = this.#text[from] === "[" ? "brackets" : "braces";
    return this.#behind(from, end, key, `YAML reads the ${what} as the whole value`, {
      message: `nothing may follow the closing ${what.slice(0, -1)}`,
    });
  }

  /** What follows a quoted text or a closing bracket on its line: nothing should. */
  #behind(
    from: number,
    end: number,
    key: string | undefined,
    asExpression: string,
    otherwise: { readonly message: string; readonly hint?: string },
  ): number {
    const text = this.#text;
    const newline = text.indexOf("\n", end);
    const lineEnd = newline < 0 ? text.length : newline;
    const rest = withoutComment(text.slice(end, lineEnd));
    if (rest.trim() !== "") {
      const range = { start: end + rest.search(/\S/), end: end + rest.length };
      const whole = text.slice(from, range.end);
      // `'it's` goes on without a blank, `"a" == b` with an operator.
      if (/^\s*(?:[=!<>&|?+*/%.-]|in\b)/.test(rest)) {
        this.#unquoted(key, whole, range, asExpression);
      } else {
        this.#stop(range, otherwise.message, otherwise.hint);
      }
    }
    return lineEnd + 1;
  }

  /** An expression that YAML takes for something else; the lines around it are sound. */
  #unquoted(key: string | undefined, expression: string, range: Range, message: string): undefined {
    const isExpression = looksLikeExpression(expression);
    const quoted = expression.length > 500 ? undefined : quote(expression);
    const entry = key === undefined ? quoted : `${key}: ${quoted}`;
    this.#slip({
      code: isExpression ? "QUOTE_EXPRESSION" : "BAD_YAML",
      range,
      message,
      ...(quoted !== undefined && { hint: `write ${entry}` }),
    });
  }

  /** One that leaves the lines below as they were meant. */
  #slip(slip: Slip): void {
    this.slips.push(slip);
    if (this.slips.length >= MAX_SLIPS) this.#stopped = true;
  }

  #stop(range: Range, message: string, hint?: string): number {
    this.slips.push({ code: "BAD_YAML", range, message, ...(hint !== undefined && { hint }) });
    this.#stopped = true;
    return this.#text.length;
  }
}

/** What web pages and word processors put into an indentation. */
export const ODD_BLANK = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/;

/** First characters that mean something to YAML. */
const KEPT: Readonly<Record<string, string>> = {
  "!": "YAML reads this as a tag",
  "&": "YAML reads this as an anchor",
  "*": "YAML reads this as an alias",
  "%": "YAML keeps % for itself",
  "@": "YAML keeps @ for itself",
  "`": "YAML keeps ` for itself",
};

function firstWord(from: number, text: string): Range {
  const length = /^[%@`]/.test(text) ? 1 : /^\S+/.exec(text)![0].length;
  return { start: from, end: from + length };
}
