/**
 * Reads CSV as it comes from elsewhere: BOM, CRLF, quotes, with or without a header line.
 *
 *     record = field *("," field)
 *     field  = *char | DQUOTE *(char | "," | newline | 2DQUOTE) DQUOTE
 *
 * A quote inside a plain field is text. Of a malformed record only the line it begins on is left out,
 * reported with its number: a quote that nobody closes must not take the lines after it along.
 *
 * @module
 */

import { parseRecord } from "./csv_record.ts";

/** Characters of one record (a quoted field may hold newlines). */
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
 * Holds one record and one chunk at a time.
 *
 * @param chunks text or UTF-8 bytes, cut anywhere; bytes that are not UTF-8 become U+FFFD
 * @param onFault called for each malformed line
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  onFault: (fault: CsvFault) => void,
): AsyncGenerator<CsvRow, void> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let line = 1;
  let atFileStart = true;
  /** The line at the start of `rest` was reported; its end is still to come. */
  let skipping = false;
  for await (const chunk of chunks) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (rest === "") continue;
    if (atFileStart && rest.startsWith("\uFEFF")) rest = rest.slice(1);
    atFileStart = false;
    yield* drain(false);
  }
  rest += decoder.decode();
  yield* drain(true);

  function* drain(atEnd: boolean): Generator<CsvRow, void> {
    let start = 0;
    while (start < rest.length) {
      if (skipping) {
        const end = rest.indexOf("\n", start);
        if (end < 0) {
          start = rest.length;
          break;
        }
        skipping = false;
        line++;
        start = end + 1;
        continue;
      }
      const record = parseRecord(rest, start, atEnd);
      // The length goes first, so that what is a fault does not depend on where chunks were cut.
      if (record.next - start > MAX_LINE_LENGTH + 1) {
        onFault({ line, message: `longer than ${MAX_LINE_LENGTH} characters` });
        skipping = true;
      } else if (record.kind === "malformed") {
        onFault({ line, message: record.message });
        skipping = true;
      } else if (record.kind === "incomplete") {
        break;
      } else {
        if (!record.blank) yield { line, fields: record.fields };
        line += record.lines;
        start = record.next;
      }
    }
    rest = rest.slice(start);
  }
}
