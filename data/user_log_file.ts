/**
 * The user log from a CSV file: the original as it is, or one with a header line and its columns in
 * any order.
 *
 * @module
 */

import { type CsvFault, type CsvRow, readCsv } from "./csv.ts";
import {
  parseUserLog,
  RowError,
  USER_LOG_COLUMNS,
  type UserLog,
  type UserLogColumn,
} from "./user_log.ts";

/** A header that does not name these is useless: nothing stands in for who did what, and when. */
const NEEDED: readonly UserLogColumn[] = ["user_id", "month", "day", "action"];

/** Where each column stands in a row; -1 for one that the file does not have. */
type Order = readonly number[];

/**
 * Yields what is a record; the rest goes on. A header line is known by the name `user_id` in it; a
 * column that it leaves out counts as not known in every row.
 *
 * @param onFault called for each line that is no record
 */
export async function* readUserLog(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  onFault: (fault: CsvFault) => void,
): AsyncGenerator<UserLog, void> {
  let order: Order | undefined;
  let isFirst = true;
  for await (const row of readCsv(chunks, onFault)) {
    try {
      if (isFirst) {
        isFirst = false;
        order = headerOrder(row);
        if (order !== undefined) {
          checkHeader(order);
          continue;
        }
      }
      yield parseUserLog(order === undefined ? row.fields : reordered(row.fields, order));
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      onFault({ line: row.line, message: error.message });
    }
  }
}

/** Undefined when the row is none: it has data in it, as in the original file. */
function headerOrder({ fields }: CsvRow): Order | undefined {
  const names = fields.map((field) => field.trim().toLowerCase());
  if (!names.includes("user_id")) return undefined;
  return USER_LOG_COLUMNS.map((column) => names.indexOf(column));
}

function checkHeader(order: Order): void {
  const missing = NEEDED.filter((column) => order[USER_LOG_COLUMNS.indexOf(column)]! < 0);
  if (missing.length > 0) throw new RowError(`the header does not name ${missing.join(", ")}`);
}

function reordered(fields: readonly string[], order: Order): string[] {
  const highest = Math.max(...order);
  if (fields.length <= highest) throw new RowError(`${fields.length} fields, the header has more`);
  return order.map((at) => (at < 0 ? "" : fields[at]!));
}
