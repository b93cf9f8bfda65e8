/**
 * Values of any type inside accumulators: what they take, and how the changelog holds them.
 *
 * @module
 */

import { type AvroType, avroOfType, type ExpressionType } from "../../../topology/language/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import { isWellFormed } from "../../serde/mod.ts";

/**
 * Of all accumulators of an entry: in the changelog it is one record, which may have 900,000 bytes. There
 * are at most 64, so that each share has room for the largest of those that do not look at it: a thousand
 * numbers, or 4,096 registers.
 */
const MAX_ENTRY_BYTES = 768 * 1024;

/** What an accumulator may take in the changelog, in a stage that has so many of them. */
export function limitBytesOf(accumulators: number): number {
  return Math.floor(MAX_ENTRY_BYTES / accumulators);
}

/**
 * What a value of the type takes in the changelog, at most. Numbers and booleans are not looked at.
 *
 * @returns a function that throws {MillraceError} UNENCODABLE for text that has no form in UTF-8
 */
export function storedBytesOf(type: ExpressionType): (value: unknown) => number {
  switch (type.kind) {
    case "string":
    case "enum":
      return (value) => textBytes(value as string);
    case "bytes":
    case "decimal":
    case "uuid":
      return (value) => 5 + (value as Uint8Array).length;
    case "nullable": {
      const inner = storedBytesOf(type.type);
      return (value) => (value === null || value === undefined ? 1 : 1 + inner(value));
    }
    case "list": {
      const element = storedBytesOf(type.element);
      return (value) =>
        (value as readonly unknown[]).reduce<number>((sum, item) => sum + element(item), 6);
    }
    case "map": {
      const inner = storedBytesOf(type.value);
      return (value) => {
        let sum = 6;
        for (const [key, item] of value as ReadonlyMap<string, unknown>) {
          sum += textBytes(key) + inner(item);
        }
        return sum;
      };
    }
    case "record": {
      const fields = type.fields.map(({ name, type }) => ({ name, inner: storedBytesOf(type) }));
      return (value) =>
        fields.reduce(
          (sum, { name, inner }) => sum + inner((value as Record<string, unknown>)[name]),
          0,
        );
    }
    default:
      return () => NUMBER_BYTES;
  }
}

/** A long of Avro; a double has fewer. */
export const NUMBER_BYTES = 10;

function textBytes(text: string): number {
  if (isWellFormed(text)) return 5 + 3 * text.length;
  const why = "the text has half a surrogate pair, which has no form in UTF-8";
  throw new MillraceError("UNENCODABLE", `Cannot keep value: ${why}`);
}

/**
 * The schema of a value in the changelog. Symbols are written out: an enum that gets another one
 * leaves the state as it is.
 */
export function storedSchema(type: ExpressionType): AvroType {
  return avroOfType(withoutEnums(type));
}

function withoutEnums(type: ExpressionType): ExpressionType {
  switch (type.kind) {
    case "enum":
      return { kind: "string" };
    case "nullable":
      return { kind: "nullable", type: withoutEnums(type.type) };
    case "list":
      return { kind: "list", element: withoutEnums(type.element) };
    case "map":
      return { kind: "map", value: withoutEnums(type.value) };
    case "record":
      return {
        ...type,
        fields: type.fields.map(({ name, type }) => ({ name, type: withoutEnums(type) })),
      };
    default:
      return type;
  }
}

/** @throws {MillraceError} AGGREGATE_LIMIT */
export function refuseBeyond(what: string): never {
  throw new MillraceError("AGGREGATE_LIMIT", `Cannot write result: ${what}`);
}
