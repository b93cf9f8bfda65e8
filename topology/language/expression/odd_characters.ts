/**
 * Characters that look like those of the language and are others: what word processors, input methods
 * and web pages put into a copied line.
 *
 * @module
 */

const QUOTES: ReadonlyMap<string, string> = new Map([
  ["‘", "’"],
  ["’", "’"],
  ["“", "”"],
  ["”", "”"],
  ["„", "“"],
  ["「", "」"],
  ["《", "》"],
]);

/** Full-width forms of ASCII stand in its order. */
const FULL_WIDTH = { first: 0xff01, last: 0xff5e, distance: 0xfee0 } as const;

export interface OddCharacter {
  /** UTF-16 units that the fault is about. */
  readonly length: number;
  readonly message: string;
  readonly hint?: string;
}

/** What to say about a character with which nothing begins. */
export function explainCharacter(text: string, at: number): OddCharacter {
  const point = text.codePointAt(at)!;
  const character = String.fromCodePoint(point);
  const closing = QUOTES.get(character);
  if (closing !== undefined) {
    const end = text.indexOf(closing, at + 1);
    const inner = end < 0 ? "" : text.slice(at + 1, end);
    const message = `${character} is no quote of the language`;
    const hint =
      end < 0 || inner.length > 60 ? "text is written in 'single quotes'" : `write '${inner}'`;
    return { length: end < 0 ? 1 : end + 1 - at, message, hint };
  }
  const { length } = character;
  if (/[\p{Z}\p{Cf}\p{Cc}]/u.test(character)) {
    const code = point.toString(16).toUpperCase().padStart(4, "0");
    return {
      length,
      message: `there is an invisible character here, U+${code}`,
      hint: "delete it",
    };
  }
  const message = `nothing begins with ${JSON.stringify(character)}`;
  if (point < FULL_WIDTH.first || point > FULL_WIDTH.last) return { length, message };
  const ascii = String.fromCodePoint(point - FULL_WIDTH.distance);
  return { length, message, hint: `did you mean ${ascii}?` };
}
