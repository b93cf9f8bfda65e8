/**
 * Untyped JSON: null, a boolean, a number, a string, an array or an object.
 *
 * @module
 */

import { at, isObject } from "./collections.ts";
import { doubleToInt, doubleToText, textToDouble, textToInt } from "./conversions.ts";
import { ExpressionError } from "./errors.ts";

/** Null where there is no such field. @throws {ExpressionError} BAD_CONVERSION for what is no object */
export function untypedField(value: unknown, name: string): unknown {
  if (!isObject(value) || Array.isArray(value)) {
    const message = `Cannot read ${name} of ${describe(value)}`;
    throw new ExpressionError("BAD_CONVERSION", message);
  }
  return Object.hasOwn(value, name) ? value[name] : null;
}

export function untypedItem(value: unknown, index: number): unknown {
  if (Array.isArray(value)) return at(value, index);
  const message = `Cannot take element ${index} of ${describe(value)}`;
  throw new ExpressionError("BAD_CONVERSION", message);
}

export function untypedToInt(value: unknown): number {
  if (typeof value === "number") return doubleToInt(value);
  return typeof value === "string" ? textToInt(value) : notConverted(value, "int");
}

export function untypedToDouble(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" ? textToDouble(value) : notConverted(value, "double");
}

export function untypedToText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return doubleToText(value);
  return typeof value === "boolean" ? String(value) : notConverted(value, "string");
}

export function untypedToBool(value: unknown): boolean {
  return typeof value === "boolean" ? value : notConverted(value, "bool");
}

function notConverted(value: unknown, type: string): never {
  const message = `Cannot convert ${describe(value)} to ${type}`;
  throw new ExpressionError("BAD_CONVERSION", message);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
}
