/**
 * Between Avro types and expression types.
 *
 * @module
 */

import type { AvroRecord, AvroType } from "../avro.ts";
import type { ExpressionType } from "./tree.ts";
import { BOOL, BYTES, DOUBLE, INT, NULL, STRING, shortName } from "./types.ts";

/** Of one schema: a few records of records of records can describe more fields than fit anywhere. */
const MAX_TYPE_PARTS = 10_000;

/** A type that cannot be written as an Avro schema. */
export class UnsupportedTypeError extends Error {
  override readonly name = "UnsupportedTypeError";
}

/**
 * int and long → int; float and double → double; an enum keeps its symbols; a union of null and one
 * other type → nullable; fixed → bytes. Logical types of int and long are the number itself, in their
 * own unit: timestamp-millis is ms, timestamp-micros µs, date days since 1970.
 *
 * What expressions cannot use yet is `unsupported`, and a fault only where it is named: unions of
 * several types, decimals, durations, a record inside itself from the second time on
 * (`value.parent.name` is fine), and whatever comes after the first 10,000 parts of a schema.
 */
export function typeOfAvro(avro: AvroType): ExpressionType {
  return convert(avro, { around: [], parts: 0 });
}

interface Progress {
  /** Records being converted, outermost first. */
  readonly around: AvroRecord[];
  parts: number;
}

const unsupported = (reason: string): ExpressionType => ({ kind: "unsupported", reason });

function convert(avro: AvroType, progress: Progress): ExpressionType {
  if (++progress.parts > MAX_TYPE_PARTS) {
    return unsupported(`its schema has more than ${MAX_TYPE_PARTS} parts`);
  }
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
    case "fixed": {
      const { logicalType } = avro;
      const isNumber = logicalType === "decimal" || logicalType === "duration";
      return isNumber ? unsupported(`it is a ${logicalType}`) : BYTES;
    }
    case "enum":
      return { kind: "enum", name: avro.name, symbols: avro.symbols };
    case "array":
      return { kind: "list", element: convert(avro.items, progress) };
    case "map":
      return { kind: "map", value: convert(avro.values, progress) };
    case "record":
      return convertRecord(avro, progress);
    case "union":
      return convertUnion(avro.branches, progress);
  }
}

function convertRecord(avro: AvroRecord, progress: Progress): ExpressionType {
  const { around } = progress;
  if (around.filter((record) => record === avro).length > 1) {
    return unsupported(`it is the third ${shortName(avro.name)} inside one another`);
  }
  around.push(avro);
  const fields = avro.fields.map(({ name, type }) => ({ name, type: convert(type, progress) }));
  around.pop();
  return { kind: "record", name: avro.name, fields };
}

function convertUnion(branches: readonly AvroType[], progress: Progress): ExpressionType {
  const values = branches.filter(({ kind }) => kind !== "null");
  const [only] = values;
  if (only === undefined) return NULL;
  if (values.length > 1) {
    return unsupported(`it is a union of ${values.map(({ kind }) => kind).join(", ")}`);
  }
  const type = convert(only, progress);
  if (type.kind === "unsupported" || values.length === branches.length) return type;
  return { kind: "nullable", type };
}

/**
 * The schema that values of a type are written with: int is long, nullable a union whose first branch
 * is null, records and enums keep their names.
 *
 * @throws {UnsupportedTypeError} for what expressions cannot use; a checked expression never has such a type
 */
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
    case "dyn":
      throw new UnsupportedTypeError("Cannot write a schema: untyped json has none");
    case "unsupported":
      throw new UnsupportedTypeError(`Cannot write a schema: ${type.reason}`);
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
