/**
 * Values of any type inside accumulators: what they take, and how the changelog holds them.
 *
 * @module
 */

import { type AvroType, avroOfType, type ExpressionType } from "../../../topology/language/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import { isWellFormed } from "../../serde/mod.ts";

/** Of one accumulator. */
const MAX_ACCUMULATOR_BYTES = 256 * 1024;
/** Of all of an entry: in the changelog it is one record, which may have 900,000 bytes. */
const MAX_ENTRY_BYTES = 768 * 1024;

/** What an accumulator may take in a stage that has so many of them. */
export function limitBytesOf(accumulators: number): number {
  return Math.min(MAX_ACCUMULATOR_BYTES, Math.floor(MAX_ENTRY_BYTES / accumulators));
}

/**
 * What a value of the type takes in memory, about, and never less than its encoded form. Numbers and
 * booleans are not looked at.
 *
 * @returns a function that throws {MillraceError} UNENCODABLE for text that has no form in UTF-8
 */
export function heapBytesOf(type: ExpressionType): (value: unknown) => number {
  switch (type.kind) {
    case "string":
    case "enum":
      return (value) => textBytes(value as string);
    case "bytes":
    case "decimal":
    case "uuid":
      return (value) => 96 + (value as Uint8Array).length;
    case "nullable": {
      const inner = heapBytesOf(type.type);
      return (value) => (value === null || value === undefined ? 8 : 8 + inner(value));
    }
    case "list": {
      const element = heapBytesOf(type.element);
      return (value) =>
        (value as readonly unknown[]).reduce<number>((sum, item) => sum + 8 + element(item), 32);
    }
    case "map": {
      const inner = heapBytesOf(type.value);
      return (value) => {
        let sum = 64;
        for (const [key, item] of value as ReadonlyMap<string, unknown>) {
          sum += 32 + textBytes(key) + inner(item);
        }
        return sum;
      };
    }
    case "record": {
      const fields = type.fields.map(({ name, type }) => ({ name, inner: heapBytesOf(type) }));
      return (value) =>
        fields.reduce(
          (sum, { name, inner }) => sum + 8 + inner((value as Record<string, unknown>)[name]),
          24,
        );
    }
    default:
      return () => 16;
  }
}

function textBytes(text: string): number {
  if (isWellFormed(text)) return 24 + 3 * text.length;
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
