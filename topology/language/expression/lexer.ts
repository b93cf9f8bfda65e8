/**
 * Tokens of the expression language, each with its place in the text.
 *
 *     int      digits | 0x hex digits
 *     double   [digits] . digits [exponent] | digits exponent
 *     string   '…' or "…" with the escapes of CEL; r'…' has none; '''…''' and """…""" may span lines
 *     bytes    a string with b before it: its UTF-8, where \xff and \377 are single bytes
 *     name     [A-Za-z_][A-Za-z0-9_]*
 *     operator && || == != <= >= < > + - * / % ! ? : . , ( ) [ ] { }
 *
 * @module
 */

import { parseDuration } from "../duration.ts";
import { explainCharacter } from "./odd_characters.ts";
import type { ExpressionFault, Span } from "./tree.ts";

/** After so many faults the rest of an expression is not looked at. */
export const MAX_FAULTS = 20;

export type Token = Span &
  (
    | { readonly kind: "int" | "double"; readonly value: number }
    | { readonly kind: "string"; readonly value: string }
    /** One character a byte. */
    | { readonly kind: "bytes"; readonly value: string }
    | { readonly kind: "name"; readonly value: string }
    | { readonly kind: "operator"; readonly value: string }
    | { readonly kind: "end"; readonly value: "" }
  );

const OPERATORS = /&&|\|\||==|!=|<=|>=|[<>+\-*/%!?:.,()[\]{}]/y;
const NUMBER = /0[xX][0-9a-fA-F]+|\d*\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const STRING_START = /([rR]?[bB]?|[bB][rR])('''|"""|'|")/y;
const SPACE = /[ \t\r\n\f]+|\/\/[^\n]*/y;

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "?": "?",
  "'": "'",
  '"': '"',
  "`": "`",
};

/** What people write who come from other languages; the longest come first. */
const SLIP = /===|!==|<>|\?\?|\?\.(?!\d)|\+\+|=>|=(?!=)|&(?!&)|\|(?!\|)|[`$;~^@#\\]/y;
const SLIP_HINTS: Readonly<Record<string, string>> = {
  "===": "did you mean ==?",
  "!==": "did you mean !=?",
  "<>": "did you mean !=?",
  "??": "write x != null ? x : …",
  "?.": "prove first that it is not null: x != null && x.y …",
  "=": "did you mean ==?",
  "&": "did you mean &&?",
  "|": "did you mean ||?",
  "=>": "at least is >=; a loop is written list.exists(x, condition)",
  "++": "text and lists are joined by +",
  ";": "leave it out",
  "`": "text is written in 'single quotes'",
  $: "there is no interpolation here; join text with +",
};

export function tokenize(text: string): { tokens: Token[]; faults: ExpressionFault[] } {
  const tokens: Token[] = [];
  const faults: ExpressionFault[] = [];
  const match = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const fault = (start: number, end: number, message: string, hint?: string) => {
    const place = { code: "SYNTAX", message, span: { start, end } };
    faults.push(hint === undefined ? place : { ...place, hint });
  };
  let at = 0;
  while (at < text.length && faults.length < MAX_FAULTS) {
    const start = at;
    let found: RegExpExecArray | null;
    if ((found = match(SPACE, at)) !== null) {
      at += found[0].length;
    } else if ((found = match(STRING_START, at)) !== null) {
      at = readString(found, start);
    } else if ((found = match(SLIP, at)) !== null) {
      at += found[0].length;
      fault(start, at, `there is no operator ${found[0]}`, SLIP_HINTS[found[0]]);
    } else if ((found = match(NUMBER, at)) !== null) {
      at = readNumber(found[0], start);
    } else if ((found = match(NAME, at)) !== null) {
      at += found[0].length;
      tokens.push({ kind: "name", value: found[0], start, end: at });
    } else if ((found = match(OPERATORS, at)) !== null) {
      at += found[0].length;
      tokens.push({ kind: "operator", value: found[0], start, end: at });
    } else {
      const { length, message, hint } = explainCharacter(text, at);
      at += length;
      fault(start, at, message, hint);
    }
  }
  tokens.push({ kind: "end", value: "", start: text.length, end: text.length });
  return { tokens, faults };

  function readNumber(digits: string, start: number): number {
    const end = start + digits.length;
    const letters = match(NAME, end)?.[0] ?? "";
    const value = Number(digits);
    const isDouble = /[.eE]/.test(digits) && !/^0[xX]/.test(digits);
    if (letters !== "") {
      const hint = /^u$/i.test(letters)
        ? "ints have no unsigned form: leave the u off"
        : /^(?:ms|s|m|h|d)$/.test(letters)
          ? `times are ints, in ms: ${parseDuration(digits + letters) ?? "5000"}`
          : undefined;
      fault(start, end + letters.length, `a number cannot be followed by "${letters}"`, hint);
    } else if (isDouble ? value === Infinity : !Number.isSafeInteger(value)) {
      fault(start, end, isDouble ? "this number is too large" : "this integer is beyond 2^53-1");
    } else {
      tokens.push({ kind: isDouble ? "double" : "int", value, start, end });
    }
    return end + letters.length;
  }

  function readString([opening, prefix, quote]: RegExpExecArray, start: number): number {
    const long = quote!.length === 3;
    const isRaw = /r/i.test(prefix!);
    const kind = /b/i.test(prefix!) ? "bytes" : "string";
    let value = "";
    let position = start + opening!.length;
    while (position < text.length) {
      if (text.startsWith(quote!, position)) {
        const end = position + quote!.length;
        tokens.push({ kind, value, start, end });
        return end;
      }
      const character = String.fromCodePoint(text.codePointAt(position)!);
      if ((character === "\n" || character === "\r") && !long) break;
      if (character !== "\\" || isRaw) {
        value += kind === "bytes" ? utf8(character) : character;
        position += character.length;
        continue;
      }
      const escaped = readEscape(position, kind === "bytes");
      value += escaped.value;
      position = escaped.end;
    }
    fault(start, position, `this text has no closing ${quote}`);
    tokens.push({ kind, value, start, end: position });
    return position;
  }

  function readEscape(start: number, isByte: boolean): { value: string; end: number } {
    const next = text[start + 1] ?? "";
    if (Object.hasOwn(ESCAPES, next)) return { value: ESCAPES[next]!, end: start + 2 };
    const code =
      /^(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/.exec(
        text.slice(start + 1, start + 10),
      );
    if (code !== null) {
      const point =
        code[4] !== undefined
          ? Number.parseInt(code[4], 8)
          : Number.parseInt((code[1] ?? code[2] ?? code[3])!, 16);
      // In bytes \u has no meaning: it is not said in which encoding.
      const isCharacter = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
      if (isByte ? point <= 0xff && /^[xX0-3]/.test(code[0]) : isCharacter) {
        return { value: String.fromCodePoint(point), end: start + 1 + code[0].length };
      }
    }
    // The end of the text after a backslash is reported once: as a text that is not closed.
    if (next !== "") {
      const message = `there is no escape \\${next}${isByte ? " in bytes" : ""}`;
      fault(start, start + 2, message, "a backslash itself is \\\\");
    }
    return { value: "", end: Math.min(text.length, start + 2) };
  }
}

/** The bytes of a character, one character each. */
function utf8(character: string): string {
  return String.fromCharCode(...new TextEncoder().encode(character));
}
