/**
 * Can data written with one Avro schema be read with another? The resolution rules of the Avro
 * specification, and the levels that a registry asks them for.
 *
 * @module
 */

import type { AvroType } from "../../topology/language/mod.ts";

export const LEVELS = [
  "NONE",
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
] as const;

export type Level = (typeof LEVELS)[number];

/**
 * What keeps `added` from following `earlier` (oldest first) at a level; empty when nothing does.
 * BACKWARD: the new schema reads old data; FORWARD: the old one reads new data.
 */
export function incompatibilities(
  level: Level,
  added: AvroType,
  earlier: readonly AvroType[],
): string[] {
  if (level === "NONE") return [];
  const against = level.endsWith("_TRANSITIVE") ? earlier : earlier.slice(-1);
  const problems = new Set<string>();
  for (const schema of against) {
    if (!level.startsWith("FORWARD")) for (const p of unreadable(added, schema)) problems.add(p);
    if (!level.startsWith("BACKWARD")) for (const p of unreadable(schema, added)) problems.add(p);
  }
  return [...problems];
}

/** Why data of `writer` cannot be read as `reader`; empty when it can. */
export function unreadable(reader: AvroType, writer: AvroType): string[] {
  return resolve(reader, writer, "/", new Map());
}

/** What each type of a writer may be read as, beside itself. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ["long", "float", "double"],
  long: ["float", "double"],
  float: ["double"],
  string: ["bytes"],
  bytes: ["string"],
};

/** Pairs under comparison are taken to fit: a recursive schema fits unless something in it does not. */
type Pairs = Map<AvroType, Set<AvroType>>;

function resolve(reader: AvroType, writer: AvroType, at: string, pairs: Pairs): string[] {
  const seen = pairs.get(reader);
  if (seen?.has(writer)) return [];
  if (seen === undefined) pairs.set(reader, new Set([writer]));
  else seen.add(writer);

  if (writer.kind === "union") {
    return writer.branches.flatMap((branch) => resolve(reader, branch, at, pairs));
  }
  if (reader.kind === "union") {
    const fits = reader.branches.some(
      (branch) => resolve(branch, writer, at, new Map(pairs)).length === 0,
    );
    return fits ? [] : [`${at}: reader union has no type for ${name(writer)}`];
  }
  if (reader.kind !== writer.kind) {
    return PROMOTIONS[writer.kind]?.includes(reader.kind)
      ? []
      : [`${at}: ${name(writer)} cannot be read as ${name(reader)}`];
  }
  switch (reader.kind) {
    case "array":
      return resolve(reader.items, (writer as typeof reader).items, `${at}items/`, pairs);
    case "map":
      return resolve(reader.values, (writer as typeof reader).values, `${at}values/`, pairs);
    case "fixed": {
      const other = writer as typeof reader;
      if (!sameName(reader, other)) return [`${at}: ${other.name} is not ${reader.name}`];
      return reader.sizeBytes === other.sizeBytes
        ? []
        : [`${at}: size ${other.sizeBytes} is not ${reader.sizeBytes}`];
    }
    case "enum": {
      const other = writer as typeof reader;
      if (!sameName(reader, other)) return [`${at}: ${other.name} is not ${reader.name}`];
      if (reader.default !== undefined) return [];
      const missing = other.symbols.filter((symbol) => !reader.symbols.includes(symbol));
      return missing.length === 0 ? [] : [`${at}: reader enum lacks ${missing.join(", ")}`];
    }
    case "record":
      return resolveRecord(reader, writer as typeof reader, at, pairs);
    default:
      return [];
  }
}

type AvroRecordType = Extract<AvroType, { kind: "record" }>;

function resolveRecord(
  reader: AvroRecordType,
  writer: AvroRecordType,
  at: string,
  pairs: Pairs,
): string[] {
  if (!sameName(reader, writer)) return [`${at}: record ${writer.name} is not ${reader.name}`];
  return reader.fields.flatMap((field) => {
    const names = [field.name, ...(field.aliases ?? [])];
    const written = names
      .map((candidate) => writer.fields.find((other) => other.name === candidate))
      .find((other) => other !== undefined);
    if (written !== undefined) {
      return resolve(field.type, written.type, `${at}fields/${field.name}/`, pairs);
    }
    return field.hasDefault
      ? []
      : [`${at}fields/${field.name}: reader field has no default and the writer has no such field`];
  });
}

/** By full name, or by one of the reader's aliases. */
function sameName(
  reader: { readonly name: string; readonly aliases?: readonly string[] },
  writer: { readonly name: string },
): boolean {
  return reader.name === writer.name || (reader.aliases?.includes(writer.name) ?? false);
}

function name(type: AvroType): string {
  return "name" in type ? `${type.kind} ${type.name}` : type.kind;
}
