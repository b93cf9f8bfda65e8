/**
 * One record of CSV out of a text.
 *
 * @module
 */

/** `next`: where the following record begins, or how far this one was read. */
export type CsvRecord =
  | {
      readonly kind: "record";
      readonly fields: readonly string[];
      /** Lines it takes: more than one where quotes hold newlines. */
      readonly lines: number;
      /** A line of nothing but white space: no record. */
      readonly blank: boolean;
      readonly next: number;
    }
  | { readonly kind: "malformed"; readonly message: string; readonly next: number }
  /** More text is needed to tell. Not returned at the end of the text. */
  | { readonly kind: "incomplete"; readonly next: number };

/** Parses the record that begins at `start`. `atEnd`: no text comes after this one. */
export function parseRecord(text: string, start: number, atEnd: boolean): CsvRecord {
  const newline = text.indexOf("\n", start);
  if (newline < 0 && !atEnd) {
    // Quotes are not looked at before the line is there: most lines have none.
    return { kind: "incomplete", next: text.length };
  }
  const lineEnd = newline < 0 ? text.length : newline;
  const line = text.slice(start, lineEnd);
  if (!line.includes('"')) {
    const fields = withoutReturn(line).split(",");
    return { kind: "record", fields, lines: 1, blank: line.trim() === "", next: lineEnd + 1 };
  }
  return parseQuoted(text, start, lineEnd, atEnd);
}

/** @param lineEnd where the first line ends; moves on when a quoted field holds that newline */
function parseQuoted(text: string, start: number, lineEnd: number, atEnd: boolean): CsvRecord {
  const fields: string[] = [];
  let lines = 1;
  let at = start;
  for (;;) {
    if (text[at] !== '"') {
      const comma = text.indexOf(",", at);
      if (comma < 0 || comma >= lineEnd) {
        fields.push(withoutReturn(text.slice(at, lineEnd)));
        return { kind: "record", fields, lines, blank: false, next: lineEnd + 1 };
      }
      fields.push(text.slice(at, comma));
      at = comma + 1;
      continue;
    }
    const quoted = quotedField(text, at);
    if (quoted === undefined) {
      const next = text.length;
      return atEnd
        ? { kind: "malformed", message: "a quoted field has no end", next }
        : { kind: "incomplete", next };
    }
    fields.push(quoted.value);
    at = quoted.next;
    while (lineEnd < at) {
      const newline = text.indexOf("\n", lineEnd + 1);
      // The next line is not there yet: the field's last quote may be the first of two.
      if (newline < 0 && !atEnd) return { kind: "incomplete", next: text.length };
      lineEnd = newline < 0 ? text.length : newline;
      lines++;
    }
    if (withoutReturn(text.slice(at, lineEnd)) === "") {
      return { kind: "record", fields, lines, blank: false, next: lineEnd + 1 };
    }
    if (text[at] !== ",") {
      const found = JSON.stringify(withoutReturn(text.slice(at, Math.min(at + 20, lineEnd))));
      return { kind: "malformed", message: `text after a closing quote: ${found}`, next: at };
    }
    at++;
  }
}

/** The field whose opening quote is at `open`; undefined when the text has no closing one. */
function quotedField(
  text: string,
  open: number,
): { readonly value: string; readonly next: number } | undefined {
  let value = "";
  let at = open + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, next: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
