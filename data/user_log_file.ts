/**
 * The user log from a CSV file: the original as it is, or one with a header line and its columns in
 * any order.
 *
 * @module
 */

import { type CsvFault, type CsvRow, readCsv } from "./csv.ts";
import { parseUserLog, RowError, USER_LOG_COLUMNS, type UserLog } from "./user_log.ts";

/**
 * @param onFault called for each line that is no record; the rest goes on
 */
export async function* readUserLog(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  onFault: (fault: CsvFault) => void,
): AsyncGenerator<UserLog, void> {
  let order: readonly number[] | undefined;
  let isFirst = true;
  for await (const row of readCsv(chunks, onFault)) {
    if (isFirst) {
      isFirst = false;
      const header = headerOrder(row);
      if (header !== undefined) {
        order = header;
        continue;
      }
    }
    try {
      yield parseUserLog(order === undefined ? row.fields : reordered(row.fields, order));
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      onFault({ line: row.line, message: error.message });
    }
  }
}

/** Where each column stands, if the row is a header. */
function headerOrder({ fields }: CsvRow): readonly number[] | undefined {
  const names = fields.map((field) => field.trim().toLowerCase());
  const order = USER_LOG_COLUMNS.map((column) => names.indexOf(column));
  return order.every((at) => at >= 0) ? order : undefined;
}

function reordered(fields: readonly string[], order: readonly number[]): string[] {
  const highest = Math.max(...order);
  if (fields.length <= highest) throw new RowError(`${fields.length} fields, the header has more`);
  return order.map((at) => fields[at]!);
}
