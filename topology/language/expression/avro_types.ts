/**
 * Between Avro types and expression types.
 *
 * @module
 */

import type { AvroFixed, AvroPrimitive, AvroRecord, AvroType } from "../avro.ts";
import { MAX_DECIMAL_DIGITS } from "./library/mod.ts";
import type { ExpressionType } from "./tree.ts";
import {
  BOOL,
  BYTES,
  commonType,
  DOUBLE,
  INT,
  NULL,
  STRING,
  shortName,
  whyUnsupported,
} from "./types.ts";

/** Of one schema: a few records of records of records can describe more fields than fit anywhere. */
const MAX_TYPE_PARTS = 10_000;

/** A type that cannot be written as an Avro schema. */
export class UnsupportedTypeError extends Error {
  override readonly name = "UnsupportedTypeError";
}

/**
 * int and long → int; float and double → double; an enum keeps its symbols; a union of null and one
 * other type → nullable, and so is one of null and types that expressions do not tell apart (int and
 * long, string and enum); fixed → bytes. Logical types of int and long are the number itself, in their
 * own unit: timestamp-millis is ms, timestamp-micros µs, date days since 1970, local ones alike. A
 * decimal is one, of bytes or fixed; a uuid of 16 bytes is one, one in a string is a string. A logical
 * type that does not fit what it stands on is left aside, as Avro asks.
 *
 * What expressions cannot use is `unsupported`, and a fault only where it is named: wider unions,
 * durations, decimals of over a thousand digits, a record inside itself from the second time on
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
    case "fixed":
      return convertBytes(avro);
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

function convertBytes(avro: AvroPrimitive | AvroFixed): ExpressionType {
  switch (avro.logicalType) {
    case "decimal": {
      const { precision = 0, scale = 0 } = avro;
      if (precision > MAX_DECIMAL_DIGITS) {
        return unsupported(`it is a decimal of over ${MAX_DECIMAL_DIGITS} digits`);
      }
      const isOne = Number.isInteger(precision) && Number.isInteger(scale);
      const fits = isOne && precision > 0 && scale >= 0 && scale <= precision;
      return fits ? { kind: "decimal", precision, scale } : BYTES;
    }
    case "duration":
      return unsupported("it is a duration, of months, days and milliseconds");
    case "uuid":
      return avro.kind === "fixed" && avro.sizeBytes === 16
        ? { kind: "uuid", name: avro.name }
        : BYTES;
    default:
      return BYTES;
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
  const types = values.map((branch) => convert(branch, progress));
  const reason = types.map(whyUnsupported).find((why) => why !== undefined);
  if (types.length > 1 && reason !== undefined) return unsupported(reason);
  const type = types
    .slice(1)
    .reduce<ExpressionType | undefined>(
      (common, other) =>
        common && (isDistinct(common, other) ? undefined : commonType(common, other)),
      types[0],
    );
  if (type === undefined) {
    return unsupported(`it is a union of ${values.map(({ kind }) => kind).join(", ")}`);
  }
  if (type.kind === "unsupported" || values.length === branches.length) return type;
  return { kind: "nullable", type };
}

/** Records alike in their fields are still two types of a union: what is written has to be one of them. */
function isDistinct(left: ExpressionType, right: ExpressionType): boolean {
  return left.kind === "record" || right.kind === "record";
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
    case "decimal":
      return {
        kind: "bytes",
        logicalType: "decimal",
        precision: type.precision,
        scale: type.scale,
      };
    case "uuid":
      return { kind: "fixed", name: type.name, sizeBytes: 16, logicalType: "uuid" };
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
