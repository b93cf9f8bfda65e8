/**
 * What expressions call at run time, from generated code and closures alike.
 *
 * Values: int and double are numbers, string and enum strings, bool booleans, bytes, uuid and decimal
 * Uint8Arrays, lists arrays, maps Maps, records objects of which only own properties count.
 *
 * @module
 */

import * as collections from "./collections.ts";
import * as conversions from "./conversions.ts";
import { begin } from "./cost.ts";
import { compareDecimal, decimalToDouble, decimalToInt, decimalToText } from "./decimal.ts";
import * as macros from "./macros.ts";
import * as numbers from "./numbers.ts";
import { matches } from "./pattern.ts";
import * as text from "./text.ts";
import * as untyped from "./untyped.ts";

export { MAX_EXPRESSION_COST, spentCost } from "./cost.ts";
export { encodeDecimal, MAX_DECIMAL_DIGITS } from "./decimal.ts";
export { ExpressionError, type ExpressionErrorCode } from "./errors.ts";
export { MAX_PATTERN_INSTRUCTIONS, MAX_PATTERN_LENGTH, whyNotPattern } from "./pattern.ts";

/** Never handed to an expression: reached only by names that the generator writes. */
export const expressionLibrary = Object.freeze({
  begin,
  matches,
  compareDecimal,
  decimalToDouble,
  decimalToInt,
  decimalToText,
  ...numbers,
  ...text,
  ...collections,
  ...conversions,
  ...macros,
  ...untyped,
});

export type LibraryName = keyof typeof expressionLibrary;

/** Those that an expression can call and that can fail, other than by their cost. */
export const FALLIBLE: ReadonlySet<string> = new Set<LibraryName>([
  "bytesToText",
  "doubleToInt",
  "textToInt",
  "textToDouble",
  "textToBool",
  "charAt",
  "indexOf",
  "lastIndexOf",
  "substring",
  "decimalToText",
  "decimalToDouble",
  "decimalToInt",
  "compareDecimal",
  ...(Object.keys(untyped) as (keyof typeof untyped)[]),
]);

/** Those whose work does not grow with the record, and that charge nothing. */
export const CONSTANT: ReadonlySet<string> = new Set<LibraryName>([
  "same",
  "toText",
  "doubleToText",
  "doubleToInt",
  "textToBool",
  "uuidToText",
  "bytesOf",
  "sizeList",
  "sizeMap",
  ...(Object.keys(numbers) as (keyof typeof numbers)[]),
]);
