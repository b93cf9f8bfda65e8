/**
 * Between Avro types and expression types.
 *
 * @module
 */

import type { AvroType } from "../avro.ts";
import type { ExpressionType } from "./tree.ts";
import { BOOL, BYTES, DOUBLE, INT, NULL, STRING } from "./types.ts";

/** A record inside itself is followed this deep; below it has no fields. */
const MAX_RECORD_DEPTH = 8;

/** An Avro type that expressions cannot use yet. */
export class UnsupportedTypeError extends Error {
  override readonly name = "UnsupportedTypeError";
}

/**
 * int and long → int; float and double → double; enums keep their symbols; a union with null and one
 * other branch → nullable; timestamp-millis → int in ms, timestamp-micros → int in µs; fixed → bytes.
 *
 * @throws {UnsupportedTypeError} for unions of several values, decimals and other logical types of bytes
 */
export function typeOfAvro(avro: AvroType): ExpressionType {
  return convert(avro, 0);
}

function convert(avro: AvroType, depth: number): ExpressionType {
  switch (avro.kind) {
    case "null":
      return NULL;
    case "boolean":
      return BOOL;
    case "int":
    case "long":
      return INT;
    case "float":
    case "double":
      return DOUBLE;
    case "string":
      return STRING;
    case "bytes":
    case "fixed":
      return BYTES;
    case "enum":
      return { kind: "enum", name: avro.name, symbols: avro.symbols };
    case "array":
      return { kind: "list", element: convert(avro.items, depth) };
    case "map":
      return { kind: "map", value: convert(avro.values, depth) };
    case "record":
      return {
        kind: "record",
        name: avro.name,
        fields:
          depth >= MAX_RECORD_DEPTH
            ? []
            : avro.fields.map(({ name, type }) => ({ name, type: convert(type, depth + 1) })),
      };
    case "union": {
      const values = avro.branches.filter(({ kind }) => kind !== "null");
      const [only] = values;
      if (only === undefined) return NULL;
      if (values.length > 1) {
        throw new UnsupportedTypeError(
          `A union of ${values.map(({ kind }) => kind).join(" and ")} cannot be used in expressions yet`,
        );
      }
      const type = convert(only, depth);
      return values.length === avro.branches.length ? type : { kind: "nullable", type };
    }
  }
}

/** The schema that values of a type are written with. Records must be named. */
export function avroOfType(type: ExpressionType): AvroType {
  switch (type.kind) {
    case "int":
      return { kind: "long" };
    case "bool":
      return { kind: "boolean" };
    case "double":
    case "string":
    case "bytes":
    case "null":
      return { kind: type.kind };
    case "enum":
      return { kind: "enum", name: type.name, symbols: type.symbols };
    case "list":
      return { kind: "array", items: avroOfType(type.element) };
    case "map":
      return { kind: "map", values: avroOfType(type.value) };
    case "nullable":
      return { kind: "union", branches: [{ kind: "null" }, avroOfType(type.type)] };
    case "record":
      return {
        kind: "record",
        name: type.name,
        fields: type.fields.map(({ name, type: fieldType }) => ({
          name,
          type: avroOfType(fieldType),
          hasDefault: false,
        })),
      };
  }
}
