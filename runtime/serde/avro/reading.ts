/**
 * What to do with the bytes of one schema to get values of another: Avro's schema resolution, done
 * once. The decoder, both projections and the generated code all follow this tree, in the writer's
 * order, so they agree on what is decodable.
 *
 * @module
 */

import type { AvroType } from "../../../topology/language/mod.ts";

export type Reading =
  | { readonly op: "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string" }
  | { readonly op: "fixed"; readonly sizeBytes: number }
  | {
      readonly op: "enum";
      readonly name: string;
      /** The writer's. */
      readonly symbols: readonly string[];
      /** What each becomes; undefined: the reader does not know it and has no default. */
      readonly values: readonly (string | undefined)[];
    }
  | { readonly op: "array" | "map"; readonly item: Reading; readonly minBytes: number }
  | { readonly op: "union"; readonly branches: readonly Reading[] }
  | RecordReading
  /** A branch of the writer's union that the reader cannot take. */
  | { readonly op: "refuse"; readonly reason: string };

export interface RecordReading {
  readonly op: "record";
  readonly name: string;
  /** True when it may contain itself. */
  recursive: boolean;
  /** In the writer's order. */
  readonly fields: readonly FieldReading[];
  /** Names of the result's fields, in the reader's order. */
  readonly names: readonly string[];
  /** Fields that the writer does not have. */
  readonly defaults: readonly DefaultedField[];
}

export interface FieldReading {
  /** The writer's name. */
  readonly name: string;
  /** The reader's name; undefined: read past it. */
  readonly to: string | undefined;
  readonly reading: Reading;
}

export interface DefaultedField {
  readonly name: string;
  readonly type: AvroType;
  readonly json: unknown;
}

const measured = new WeakMap<AvroType, number>();

/** Fewest bytes that a value of a schema can have; a record within itself counts 0. */
export function minBytesOf(type: AvroType): number {
  switch (type.kind) {
    case "null":
      return 0;
    case "float":
      return 4;
    case "double":
      return 8;
    case "fixed":
      return type.sizeBytes;
    case "record": {
      const known = measured.get(type);
      if (known !== undefined) return known;
      measured.set(type, 0);
      const sum = type.fields.reduce((bytes, field) => bytes + minBytesOf(field.type), 0);
      measured.set(type, sum);
      return sum;
    }
    default:
      return 1;
  }
}
