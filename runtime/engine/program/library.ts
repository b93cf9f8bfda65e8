/**
 * What generated code calls beside the libraries of expressions and projections.
 *
 * @module
 */

import { lowerAvgInt, lowerSumDouble, lowerSumInt } from "../aggregators/mod.ts";
import { recordOf } from "../function_call.ts";
import { headerTexts, NO_HEADERS } from "../made_headers.ts";

export const engineLibrary = Object.freeze({
  headerTexts,
  record: recordOf,
  noHeaderTexts: new Map<string, string>() as ReadonlyMap<string, string>,
  noHeaders: NO_HEADERS,
  avgInt: lowerAvgInt,
  sumInt: lowerSumInt,
  sumDouble: lowerSumDouble,
});
