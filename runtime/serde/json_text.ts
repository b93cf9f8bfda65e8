/**
 * JSON text of whole values, read and written without a silent change: what JavaScript would round or
 * replace is refused.
 *
 * @module
 */

import { failure, Malformed, within } from "./avro/malformed.ts";
import { toJson } from "./json.ts";

/** Lists and objects inside one another. */
export const MAX_JSON_DEPTH = 256;

/**
 * @param typed A schema will check the numbers: only what has no schema is looked at here.
 * @throws {MillraceError} UNDECODABLE for what is no JSON or nested deeper than `MAX_JSON_DEPTH`,
 * LONG_UNSAFE for a whole number beyond ±(2^53−1) that a double cannot hold exactly
 */
export function parseJsonText(text: string, root: string, typed: boolean): unknown {
  try {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new Malformed(`it is not JSON (${error instanceof Error ? error.message : error})`);
    }
    checkParsed(value, 0);
    if (!typed) checkNumbers(text);
    return value;
  } catch (error) {
    throw failure(error, "decode", root, "UNDECODABLE");
  }
}

/**
 * Maps become objects, bytes base64 text; −0 becomes 0.
 *
 * @throws {MillraceError} UNENCODABLE for NaN, infinities and whatever else JSON does not have
 */
export function formatJsonText(value: unknown, root: string): string {
  try {
    const json = toJson(value);
    checkExpressible(json);
    return JSON.stringify(json);
  } catch (error) {
    throw failure(error, "encode", root, "UNENCODABLE");
  }
}

function checkParsed(value: unknown, depth: number): void {
  // `JSON.parse` makes 1e999 an infinity.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    throw new Malformed("it has a number beyond the largest double");
  }
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_JSON_DEPTH) {
    throw new Malformed(`it is nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
  for (const inner of Object.values(value)) checkParsed(inner, depth + 1);
}

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** `JSON.parse` rounds: 9007199254740993 would become ...992. */
function checkNumbers(text: string): void {
  if (!/\d{16}/.test(text)) return;
  for (const [token] of text.matchAll(TOKENS)) {
    if (!/^-?\d{16,}$/.test(token)) continue;
    const value = Number(token);
    // A long row of digits is not worth a BigInt: no double of that size is written so.
    if (token.length <= 25 && BigInt(token) === BigInt(value)) continue;
    throw new Malformed(
      `the number ${token.slice(0, 40)} is outside ±(2^53−1), where numbers are not exact; text in quotes keeps it`,
      "LONG_UNSAFE",
    );
  }
}

function checkExpressible(value: unknown): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (Number.isFinite(value)) return;
      throw new Malformed(`JSON has no ${value}`, "UNENCODABLE");
    case "object":
      if (value === null) return;
      for (const [name, inner] of Object.entries(value)) {
        try {
          checkExpressible(inner);
        } catch (error) {
          throw within(error, Array.isArray(value) ? `[${name}]` : `.${name}`);
        }
      }
      return;
    default:
      throw new Malformed(`expected a value that JSON has, got ${String(value)}`, "UNENCODABLE");
  }
}
