/**
 * Where a text stops being JSON, in words that are the same on every platform: what `JSON.parse` says
 * differs between engines and versions.
 *
 * @module
 */

export interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** From 1, UTF-16 units. */
  readonly column: number;
  readonly reason: string;
}

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside a text.
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** @returns undefined for a text that is JSON */
export function findJsonFault(text: string): JsonFault | undefined {
  /** Open brackets, outermost first. */
  const open: ("{" | "[")[] = [];
  /** What may stand next. */
  let next: "value" | "first" | "key" | "firstKey" | "colon" | "comma" | "end" = "value";
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return false;
    at += found[0].length;
    return true;
  };
  const behindValue = () => (open.length === 0 ? "end" : "comma");
  for (;;) {
    take(SPACE);
    const mark = text[at];
    if (mark === undefined && next === "end") return undefined;
    if (next === "colon" && mark === ":") {
      at++;
      next = "value";
    } else if (next === "comma" && mark === ",") {
      at++;
      next = open.at(-1) === "{" ? "key" : "value";
    } else if (isClosing(mark, next, open.at(-1))) {
      at++;
      open.pop();
      next = behindValue();
    } else if (next === "key" || next === "firstKey") {
      if (!take(TEXT)) break;
      next = "colon";
    } else if ((next === "value" || next === "first") && (mark === "{" || mark === "[")) {
      at++;
      open.push(mark);
      next = mark === "{" ? "firstKey" : "first";
    } else if ((next === "value" || next === "first") && (take(TEXT) || take(SCALAR))) {
      next = behindValue();
    } else break;
  }
  const lines = text.slice(0, at).split("\n");
  const found = text[at] === undefined ? "the end" : JSON.stringify(text[at]);
  const reason = `expected ${expectation(next, open.at(-1))}, got ${found}`;
  return { line: lines.length, column: lines.at(-1)!.length + 1, reason };
}

function isClosing(mark: string | undefined, next: string, open: "{" | "[" | undefined): boolean {
  if (open === "{") return mark === "}" && (next === "firstKey" || next === "comma");
  return open === "[" && mark === "]" && (next === "first" || next === "comma");
}

function expectation(next: string, open: "{" | "[" | undefined): string {
  switch (next) {
    case "colon":
      return '":"';
    case "comma":
      return `"," or "${open === "{" ? "}" : "]"}"`;
    case "key":
    case "firstKey":
      return 'a key in "double quotes"';
    case "end":
      return "nothing more";
    default:
      return "a value";
  }
}
