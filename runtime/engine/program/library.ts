/**
 * What generated code calls beside the libraries of expressions and projections.
 *
 * @module
 */

import type { RecordCursor } from "../../wire/mod.ts";
import { lowerAvgInt, lowerSumDouble, lowerSumInt } from "../aggregators/mod.ts";

const utf8 = new TextDecoder();

/** Headers of the cursor's record as text by name; the last of a name wins, null values are left out. */
function headers(cursor: RecordCursor): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const header = cursor.headers();
  while (header.next()) {
    if (header.valueStart < 0) continue;
    const name = utf8.decode(header.buffer.subarray(header.keyStart, header.keyEnd));
    map.set(name, utf8.decode(header.buffer.subarray(header.valueStart, header.valueEnd)));
  }
  return map;
}

export const engineLibrary = Object.freeze({
  headers,
  noHeaders: new Map<string, string>() as ReadonlyMap<string, string>,
  avgInt: lowerAvgInt,
  sumInt: lowerSumInt,
  sumDouble: lowerSumDouble,
});
