/**
 * What generated code calls beside the libraries of expressions and projections.
 *
 * @module
 */

import { lowerAvgInt, lowerSumDouble, lowerSumInt } from "../aggregators/mod.ts";
import { headerTexts, NO_HEADERS } from "../made_headers.ts";

export const engineLibrary = Object.freeze({
  headerTexts,
  noHeaderTexts: new Map<string, string>() as ReadonlyMap<string, string>,
  noHeaders: NO_HEADERS,
  avgInt: lowerAvgInt,
  sumInt: lowerSumInt,
  sumDouble: lowerSumDouble,
});
