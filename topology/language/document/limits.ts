/**
 * Bounds on a file, checked before the YAML library sees it: its parser is recursive (250,000 `[` end
 * in a stack overflow, sometimes in the middle of the regular-expression compiler, which kills the
 * process) and collects one error object per wrong character (250,000 `}` take 2.8 s).
 *
 * @module
 */

import { Lexer } from "yaml";
import type { Report } from "./report.ts";

export const LIMITS = {
  /** UTF-8. */
  fileBytes: 256_000,
  /** Keys of one map. */
  mapKeys: 2_000,
  /** `*name` in a file. */
  aliases: 100,
  /** Maps and lists inside each other. */
  depth: 64,
  /** YAML tokens, white space not counted: twenty times what a large definition has. */
  tokens: 50_000,
  /** Nodes after aliases are replaced by what they stand for. */
  nodes: 100_000,
} as const;

/** @returns false when the file is not worth parsing; the reason has been reported */
export function withinLimits(text: string, report: Report): boolean {
  const bytes = utf8Length(text);
  if (bytes > LIMITS.fileBytes) {
    const message = `the file has ${bytes} bytes; at most ${LIMITS.fileBytes} are read`;
    report.errorAt("FILE_TOO_LARGE", { start: 0, end: 1 }, message);
    return false;
  }
  const wrong = FORBIDDEN.exec(text);
  if (wrong !== null) {
    const range = { start: wrong.index, end: wrong.index + 1 };
    const { message, hint } = explainForbidden(wrong[0]);
    report.errorAt("BAD_YAML", range, message, hint);
    return false;
  }
  return tokensWithinLimits(text, report);
}

function tokensWithinLimits(text: string, report: Report): boolean {
  let offset = 0;
  let tokens = 0;
  let aliases = 0;
  let flowDepth = 0;
  let indicatorsOnLine = 0;
  for (const token of new Lexer().lex(text)) {
    const range = { start: offset, end: offset + token.length };
    // The lexer adds these marks; they are not in the text.
    if (token === "\u0002" || token === "\u001f" || token === "\u0018" || token === "\ufeff") {
      if (token === "\ufeff") offset += 1;
      continue;
    }
    offset += token.length;
    const first = token[0]!;
    if (first === "\n" || token === "\r\n") indicatorsOnLine = 0;
    else if (first !== " " && first !== "\t") tokens++;
    const isIndicator = token === "-" || token === "?" || token === ":";
    // Inside brackets they nest nothing: JSON may stand on one line.
    if (isIndicator && flowDepth === 0) indicatorsOnLine++;
    if (token === "[" || token === "{") flowDepth++;
    else if (token === "]" || token === "}") flowDepth--;
    else if (first === "*" && ++aliases > LIMITS.aliases) {
      report.errorAt("TOO_MANY_ALIASES", range, `more than ${LIMITS.aliases} aliases in a file`);
      return false;
    }
    if (flowDepth < 0) {
      report.errorAt("BAD_YAML", range, `"${token}" closes nothing`);
      return false;
    }
    if (flowDepth > LIMITS.depth || (flowDepth === 0 && indicatorsOnLine > LIMITS.depth)) {
      report.errorAt("TOO_DEEP", range, `nested deeper than ${LIMITS.depth} levels`);
      return false;
    }
    if (tokens > LIMITS.tokens) {
      const message = `more than ${LIMITS.tokens} YAML tokens in a file`;
      report.errorAt("FILE_TOO_LARGE", range, message);
      return false;
    }
  }
  return true;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is four bytes, two for each half.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}

/**
 * What YAML 1.2 forbids and the library lets through: C0 controls but for tab and line ends. And what
 * tells of a file in another encoding: what a decoder puts where it finds no UTF-8, and halves of pairs.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd\p{Cs}]/u;

function explainForbidden(character: string): { readonly message: string; readonly hint?: string } {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  if (character < " " || character === "\u007f") {
    return { message: `control character U+${code} is not allowed` };
  }
  if (character === "\ufffd") {
    return { message: "what stands here is not UTF-8", hint: "save the file as UTF-8" };
  }
  return { message: `U+${code} is half of a character` };
}
