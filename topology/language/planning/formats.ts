/**
 * Formats: how declared and derived types become bytes.
 *
 * @module
 */

import type { AvroType } from "../avro.ts";
import { parseAvroSchema } from "../avro_schema.ts";
import type { KeyType, ValueType } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import {
  avroOfType,
  type ExpressionType,
  typeOfAvro,
  UnsupportedTypeError,
} from "../expression/mod.ts";
import type { Format } from "../plan.ts";
import type { Files } from "./context.ts";
import { renameRecord } from "./types.ts";

export function isWindowed(key: KeyType | undefined): key is { window: ValueType } {
  return typeof key === "object" && "window" in key;
}

/**
 * The format somebody wrote down.
 *
 * @returns `derived` for `avro` without a schema; undefined when it is wrong, which has been reported
 */
export function declaredFormat(
  type: ValueType,
  path: Path,
  files: Files,
  report: Report,
): Format | "derived" | undefined {
  if (type === "avro") return "derived";
  if (typeof type === "string") return { kind: type };
  if (!("avro" in type)) return undefined;
  const schema = loadSchema(type.avro, [...path, "avro"], files, report);
  return schema && { kind: "avro", schema };
}

function loadSchema(file: string, path: Path, files: Files, report: Report): AvroType | undefined {
  if (/^([a-zA-Z][a-zA-Z0-9+.-]*:|\/|\\)|\\|\0/.test(file)) {
    report.error("BAD_PATH", path, `"${file}" is not a relative path`, {
      hint: "schemas are files named from this file on, with / between folders",
    });
    return undefined;
  }
  const text = files.read(file);
  if (text === undefined) {
    report.error("MISSING_FILE", path, `there is no file "${file}"`);
    return undefined;
  }
  try {
    const schema = parseAvroSchema(text);
    typeOfAvro(schema);
    return schema;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const code = error instanceof UnsupportedTypeError ? "NOT_BUILT" : "BAD_SCHEMA";
    report.error(code, path, `${file}: ${why}`);
    return undefined;
  }
}

/** Type of what a format holds; undefined for json, whose fields have no types. */
export function typeOfFormat(format: Format): ExpressionType | undefined {
  switch (format.kind) {
    case "string":
    case "double":
    case "bytes":
      return { kind: format.kind };
    case "int":
    case "long":
      return { kind: "int" };
    case "boolean":
      return { kind: "bool" };
    case "avro":
      return typeOfAvro(format.schema);
    case "json":
      return undefined;
  }
}

/**
 * Format of what a stage made. Only a record needs a schema; anything that Kafka's own serialisers
 * can write is written by them.
 *
 * @param name Full name of the record, or of what is made inside a list or map.
 */
export function derivedFormat(type: ExpressionType, name: string): Format | undefined {
  switch (type.kind) {
    case "string":
    case "enum":
      return { kind: "string" };
    case "int":
      return { kind: "long" };
    case "double":
      return { kind: "double" };
    case "bool":
      return { kind: "boolean" };
    case "bytes":
      return { kind: "bytes" };
    case "record":
      return { kind: "avro", schema: avroOfType(renameRecord(type, type.name, name)) };
    case "list":
    case "map":
      return { kind: "avro", schema: avroOfType(type) };
    case "nullable":
    case "null":
      return undefined;
  }
}
