/**
 * Formats: how declared and derived types become bytes.
 *
 * @module
 */

import type { AvroType } from "../avro.ts";
import { parseAvroSchema } from "../avro_schema.ts";
import type { KeyType, ValueType } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import { avroOfType, type ExpressionType, typeOfAvro } from "../expression/mod.ts";
import type { Format } from "../plan.ts";
import type { SchemaTexts } from "./context.ts";
import { renameRecord } from "./types.ts";

export type WindowedKey = Extract<KeyType, { window: ValueType }>;

export function isWindowed(key: KeyType | undefined): key is WindowedKey {
  return typeof key === "object" && "window" in key;
}

/**
 * The format somebody wrote down.
 *
 * @param read Subject that `avro` without a schema stands for where the stream is only read.
 * @returns `derived` for `avro` where it is written; undefined when it is wrong, which has been
 * reported
 */
export function declaredFormat(
  type: ValueType,
  path: Path,
  texts: SchemaTexts,
  read?: string,
): Format | "derived" | undefined {
  if (type === "avro") {
    if (read === undefined) return "derived";
    const schema = schemaOfSubject(read, "latest", path, texts);
    return schema && { kind: "avro", schema };
  }
  if (typeof type === "string") return { kind: type };
  if ("subject" in type) {
    const at = [...path, "subject"];
    const schema = schemaOfSubject(type.subject, type.version ?? "latest", at, texts);
    return schema && { kind: "avro", schema };
  }
  const kind = "avro" in type ? "avro" : "json";
  const file = "avro" in type ? type.avro : type.json;
  const schema = schemaOfFile(file, [...path, kind], texts);
  return schema && { kind, schema };
}

function schemaOfFile(
  file: string,
  path: Path,
  { files, report }: SchemaTexts,
): AvroType | undefined {
  if (/^([a-zA-Z][a-zA-Z0-9+.-]*:|\/|\\)|\\|\0/.test(file)) {
    report.error("BAD_PATH", path, `"${file}" is not a relative path`, {
      hint: "schemas are files named from this file on, with / between folders",
    });
    return undefined;
  }
  const text = files.read(file);
  if (text === undefined) {
    const hint = "paths begin at the folder of this file";
    report.error("MISSING_FILE", path, `there is no file "${file}"`, { hint });
    return undefined;
  }
  return parseSchema(text, file, path, report);
}

function schemaOfSubject(
  subject: string,
  version: number | "latest",
  path: Path,
  { subjects, report }: SchemaTexts,
): AvroType | undefined {
  if (subjects === undefined) {
    report.error("NO_REGISTRY", path, `the schema of subject "${subject}" is in a registry`, {
      hint: "say which: --registry http://host:port; or name a file: { avro: <file> }",
    });
    return undefined;
  }
  const text = subjects.read(subject, version);
  const name = version === "latest" ? subject : `${subject}, version ${version}`;
  if (text !== undefined) return parseSchema(text, name, path, report);
  const message =
    version === "latest"
      ? `the registry has no subject "${subject}"`
      : `the registry has no version ${version} of subject "${subject}"`;
  report.error("MISSING_SUBJECT", path, message);
  return undefined;
}

/** Of one schema. A registry on Kafka takes no larger one: it is one message there. */
const MAX_SCHEMA_CHARACTERS = 1_000_000;

function parseSchema(text: string, name: string, path: Path, report: Report): AvroType | undefined {
  if (text.length > MAX_SCHEMA_CHARACTERS) {
    const message = `${name} has ${text.length} characters; at most ${MAX_SCHEMA_CHARACTERS} are read`;
    report.error("FILE_TOO_LARGE", path, message);
    return undefined;
  }
  if (text.trim() === "") {
    report.error("BAD_SCHEMA", path, `${name}: there is nothing in it`);
    return undefined;
  }
  try {
    return parseAvroSchema(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    report.error("BAD_SCHEMA", path, `${name}: ${why}`);
    return undefined;
  }
}

/** Type of what a format holds. */
export function typeOfFormat(format: Format): ExpressionType {
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
      return format.schema === undefined ? { kind: "dyn" } : typeOfAvro(format.schema);
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
    case "dyn":
      return { kind: "json" };
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

/** Schema of a window key that is a record; undefined when a key of that format has none. */
export function windowKeySchema(key: Format, name: string): AvroType | undefined {
  if (key.kind === "json") return undefined;
  const long: AvroType = { kind: "long" };
  return {
    kind: "record",
    name,
    fields: [
      {
        name: "key",
        type: key.kind === "avro" ? key.schema : { kind: key.kind },
        hasDefault: false,
      },
      { name: "windowStart", type: long, hasDefault: false },
      { name: "windowEnd", type: long, hasDefault: false },
    ],
  };
}
