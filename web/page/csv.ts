/**
 * The points of a chart as CSV (RFC 4180), readable by Excel.
 *
 * @module
 */

import type { SeriesTable } from "./table.ts";

export interface CsvHeaders {
  readonly start: string;
  readonly end: string;
  /** One per series of the table. */
  readonly labels: readonly string[];
}

/** Excel takes a file without it for the system's legacy encoding and garbles Chinese. */
const BYTE_ORDER_MARK = "\uFEFF";

/** Times are ISO 8601 in UTC, a missing value is an empty field, lines end with CRLF. */
export function writeCsv(table: SeriesTable, headers: CsvHeaders): string {
  const lines = [[headers.start, headers.end, ...headers.labels].map(writeText).join(",")];
  table.starts.forEach((start, i) => {
    const values = table.columns.map((column) => column[i] ?? "");
    lines.push([isoOf(start), isoOf(table.ends[i]!), ...values].join(","));
  });
  return `${BYTE_ORDER_MARK}${lines.join("\r\n")}\r\n`;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** Quoted where needed; a leading `= + - @` is defused, since spreadsheets run it as a formula. */
function writeText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
