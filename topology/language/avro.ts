/**
 * Avro schemas as data: a small, strict model of a parsed `.avsc`, shared by the expression checker
 * (what type is `value.gender`?) and by `runtime/serde` (how is it read?).
 *
 * @module
 */

export type AvroPrimitiveName =
  | "null"
  | "boolean"
  | "int"
  | "long"
  | "float"
  | "double"
  | "bytes"
  | "string";

export interface AvroPrimitive {
  readonly kind: AvroPrimitiveName;
  readonly logicalType?: string;
  /** Of the logical type decimal. */
  readonly precision?: number;
  readonly scale?: number;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string;
  readonly aliases?: readonly string[];
  /** JSON value of the default; absent when the field has none (`hasDefault` tells null from none). */
  readonly default?: unknown;
  readonly hasDefault: boolean;
}

export interface AvroRecord {
  readonly kind: "record";
  /** Full name, namespace included. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly doc?: string;
  /** Filled in after construction so that a record may contain itself. */
  readonly fields: readonly AvroField[];
}

export interface AvroEnum {
  readonly kind: "enum";
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface AvroFixed {
  readonly kind: "fixed";
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly sizeBytes: number;
  readonly logicalType?: string;
  /** Of the logical type decimal. */
  readonly precision?: number;
  readonly scale?: number;
}

export interface AvroArray {
  readonly kind: "array";
  readonly items: AvroType;
}

export interface AvroMap {
  readonly kind: "map";
  readonly values: AvroType;
}

export interface AvroUnion {
  readonly kind: "union";
  readonly branches: readonly AvroType[];
}

export type AvroType =
  | AvroPrimitive
  | AvroRecord
  | AvroEnum
  | AvroFixed
  | AvroArray
  | AvroMap
  | AvroUnion;
