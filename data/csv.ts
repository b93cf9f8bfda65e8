/**
 * Reads CSV as it comes from elsewhere: BOM, CRLF, quotes, with or without a header line.
 *
 *     line   = field *("," field)
 *     field  = *char | DQUOTE *(char | "," | newline | 2DQUOTE) DQUOTE
 *
 * A malformed line is reported with its number and left out; the rest goes on.
 *
 * @module
 */

/** Characters of one line (a quoted field may hold newlines). */
export const MAX_LINE_LENGTH = 1_048_576;

export interface CsvRow {
  /** Line it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface CsvFault {
  readonly line: number;
  readonly message: string;
}

/**
 * @param chunks text or UTF-8 bytes, cut anywhere; bytes that are not UTF-8 become U+FFFD
 * @param onFault called for each malformed line
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  onFault: (fault: CsvFault) => void,
): AsyncGenerator<CsvRow, void> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: false });
  let rest = "";
  let line = 1;
  let skipping = false;
  for await (const chunk of chunks) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (line === 1 && rest.startsWith("\uFEFF")) rest = rest.slice(1);
    yield* drain(false);
  }
  rest += decoder.decode();
  yield* drain(true);

  function* drain(atEnd: boolean): Generator<CsvRow, void> {
    let start = 0;
    while (start < rest.length) {
      const end = endOfLine(rest, start);
      if (end === undefined && !atEnd) break;
      const text = rest.slice(start, end ?? rest.length);
      const lines = 1 + count(text, "\n");
      if (skipping || text.length > MAX_LINE_LENGTH) {
        if (!skipping) onFault({ line, message: `longer than ${MAX_LINE_LENGTH} characters` });
        skipping = false;
      } else if (text.trim() !== "") {
        const fields = splitFields(text.endsWith("\r") ? text.slice(0, -1) : text);
        if (typeof fields === "string") onFault({ line, message: fields });
        else yield { line, fields };
      }
      line += lines;
      start = (end ?? rest.length) + 1;
    }
    rest = rest.slice(start);
    if (rest.length > MAX_LINE_LENGTH) {
      if (!skipping) onFault({ line, message: `longer than ${MAX_LINE_LENGTH} characters` });
      skipping = true;
      rest = rest.slice(-1);
    }
  }
}

/** Position of the newline that ends the line at `start`; newlines inside quotes do not. */
function endOfLine(text: string, start: number): number | undefined {
  const plain = text.indexOf("\n", start);
  const firstQuote = text.indexOf('"', start);
  if (firstQuote < 0 || (plain >= 0 && plain < firstQuote)) return plain < 0 ? undefined : plain;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    // A quote in the middle of a plain field is text.
    if (character === '"' && (quoted || at === start || text[at - 1] === ",")) quoted = !quoted;
    else if (character === '"' && !quoted && text[at - 1] === '"') quoted = true;
    else if (character === "\n" && !quoted) return at;
  }
  return undefined;
}

/** @returns the fields, or what is wrong */
function splitFields(line: string): string[] | string {
  if (!line.includes('"')) return line.split(",");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') {
      const comma = line.indexOf(",", at);
      fields.push(line.slice(at, comma < 0 ? line.length : comma));
      if (comma < 0) return fields;
      at = comma + 1;
      continue;
    }
    let field = "";
    at++;
    for (;;) {
      const quote = line.indexOf('"', at);
      if (quote < 0) return "a quoted field has no end";
      field += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      field += '"';
      at++;
    }
    fields.push(field);
    if (at === line.length) return fields;
    if (line[at] !== ",")
      return `text after a closing quote: ${JSON.stringify(line.slice(at, at + 20))}`;
    at++;
  }
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}
