/**
 * Schema resolution (Avro specification, "Schema Resolution"):
 *
 * - fields are matched by name, else by the reader's aliases; a field that the writer has not takes
 *   its default, one that the reader has not is read past;
 * - int → long, float, double; long → float, double; float → double; string ↔ bytes. A number keeps
 *   its exact value, also as a float;
 * - named types match by full name, an alias of the reader's, or the name without namespace;
 * - of a reader's union the branch of the same type is taken, else the first one to promote to (as
 *   Java does); branches of a writer's union are resolved one by one, and one that the reader cannot
 *   take is refused when it is met;
 * - an enum symbol that the reader does not know becomes its default, else it is refused when met.
 *
 * @module
 */

import type { AvroEnum, AvroFixed, AvroRecord, AvroType } from "../../../topology/language/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import { type FieldReading, minBytesOf, type Reading, type RecordReading } from "./reading.ts";

/**
 * @param reader Absent: values are as they were written.
 * @throws {MillraceError} UNDECODABLE when no value of the writer's could be read
 */
export function resolve(writer: AvroType, reader: AvroType = writer): Reading {
  try {
    return new Resolver().resolve(writer, reader, "");
  } catch (error) {
    if (!(error instanceof Incompatible)) throw error;
    throw new MillraceError(
      "UNDECODABLE",
      `Cannot read ${nameOf(writer)} as ${nameOf(reader)}: ${error.message}`,
      { cause: error },
    );
  }
}

class Incompatible extends Error {}

const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ["long", "float", "double"],
  long: ["float", "double"],
  float: ["double"],
  string: ["bytes"],
  bytes: ["string"],
};

interface Resolved {
  readonly writer: AvroRecord;
  readonly reader: AvroRecord;
  readonly reading: RecordReading;
  done: boolean;
}

class Resolver {
  /** Pairs of records met so far, in the order in which they were begun. */
  readonly #records: Resolved[] = [];

  resolve(writer: AvroType, reader: AvroType, path: string): Reading {
    if (writer.kind === "union") return this.#writerUnion(writer.branches, reader, path);
    if (reader.kind === "union") {
      const branch = branchFor(writer, reader.branches);
      if (branch === undefined) {
        return refuse(path, `${nameOf(writer)} is not in the union of ${namesOf(reader.branches)}`);
      }
      return this.resolve(writer, branch, path);
    }
    if (!matches(writer, reader)) {
      return refuse(path, `${nameOf(writer)} cannot become ${nameOf(reader)}`);
    }
    switch (reader.kind) {
      case "record":
        return this.#record(writer as AvroRecord, reader, path);
      case "enum":
        return enumReading(writer as AvroEnum, reader);
      case "fixed":
        return { op: "fixed", sizeBytes: reader.sizeBytes };
      case "array": {
        const { items } = writer as typeof reader;
        return {
          op: "array",
          item: this.resolve(items, reader.items, `${path}[]`),
          minBytes: minBytesOf(items),
        };
      }
      case "map": {
        const { values } = writer as typeof reader;
        return {
          op: "map",
          item: this.resolve(values, reader.values, `${path}[]`),
          // The key has a length at least.
          minBytes: 1 + minBytesOf(values),
        };
      }
      case "long":
      case "float":
      case "double":
        // Promotion is a matter of how the bytes are read: a number stays the number it is.
        return { op: writer.kind as "int" | "long" | "float" | "double" };
      default:
        return { op: reader.kind };
    }
  }

  #writerUnion(branches: readonly AvroType[], reader: AvroType, path: string): Reading {
    let reason: string | undefined;
    let taken = 0;
    const readings = branches.map((branch): Reading => {
      const begun = this.#records.length;
      try {
        const reading = this.resolve(branch, reader, path);
        taken++;
        return reading;
      } catch (error) {
        if (!(error instanceof Incompatible)) throw error;
        // What was resolved within the failed branch may refer to records that were given up.
        this.#records.length = begun;
        reason ??= error.message;
        return { op: "refuse", reason: error.message };
      }
    });
    if (taken === 0) throw new Incompatible(reason);
    return { op: "union", branches: readings };
  }

  #record(writer: AvroRecord, reader: AvroRecord, path: string): RecordReading {
    const known = this.#records.find(
      (resolved) => resolved.writer === writer && resolved.reader === reader,
    );
    if (known !== undefined) {
      if (!known.done) known.reading.recursive = true;
      return known.reading;
    }
    const fields: FieldReading[] = [];
    const targets = matchFields(writer, reader);
    const reading: RecordReading = {
      op: "record",
      name: reader.name,
      recursive: false,
      fields,
      names: reader.fields.map(({ name }) => name),
      defaults: reader.fields
        .filter((field) => ![...targets.values()].includes(field))
        .map(({ name, type, default: json, hasDefault }) => {
          if (!hasDefault) {
            return refuse(
              `${path}.${name}`,
              `${writer.name} has no such field, and the reader has no default for it`,
            );
          }
          return { name, type, json };
        }),
    };
    const resolved: Resolved = { writer, reader, reading, done: false };
    this.#records.push(resolved);
    for (const field of writer.fields) {
      const target = targets.get(field.name);
      fields.push({
        name: field.name,
        to: target?.name,
        reading: this.resolve(field.type, target?.type ?? field.type, `${path}.${field.name}`),
      });
    }
    resolved.done = true;
    return reading;
  }
}

/** The reader's field for each of the writer's: names go before aliases. */
function matchFields(writer: AvroRecord, reader: AvroRecord) {
  const targets = new Map<string, AvroRecord["fields"][number]>();
  const names = new Set(writer.fields.map(({ name }) => name));
  for (const field of reader.fields) if (names.has(field.name)) targets.set(field.name, field);
  for (const field of reader.fields) {
    if (names.has(field.name)) continue;
    const alias = field.aliases?.find((name) => names.has(name) && !targets.has(name));
    if (alias !== undefined) targets.set(alias, field);
  }
  return targets;
}

function enumReading(writer: AvroEnum, reader: AvroEnum): Reading {
  return {
    op: "enum",
    name: writer.name,
    symbols: writer.symbols,
    values: writer.symbols.map((symbol) =>
      reader.symbols.includes(symbol) ? symbol : reader.default,
    ),
  };
}

function branchFor(writer: AvroType, branches: readonly AvroType[]): AvroType | undefined {
  return (
    branches.find((branch) => branch.kind === writer.kind && nameOf(branch) === nameOf(writer)) ??
    branches.find((branch) => hasAlias(branch, writer)) ??
    branches.find((branch) => branch.kind === writer.kind && matches(writer, branch)) ??
    branches.find((branch) => matches(writer, branch))
  );
}

function matches(writer: AvroType, reader: AvroType): boolean {
  if (writer.kind !== reader.kind) return PROMOTIONS[writer.kind]?.includes(reader.kind) ?? false;
  if (!("name" in writer)) return true;
  const named = reader as AvroRecord | AvroEnum | AvroFixed;
  if (writer.kind === "fixed" && writer.sizeBytes !== (named as AvroFixed).sizeBytes) return false;
  return shortName(writer.name) === shortName(named.name) || hasAlias(named, writer);
}

function hasAlias(reader: AvroType, writer: AvroType): boolean {
  return (
    "name" in writer &&
    "name" in reader &&
    writer.kind === reader.kind &&
    (reader.aliases?.includes(writer.name) ?? false)
  );
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function nameOf(type: AvroType): string {
  if (type.kind === "union") return `the union of ${namesOf(type.branches)}`;
  if (type.kind === "fixed") return `fixed ${type.name} of ${type.sizeBytes} bytes`;
  return "name" in type ? `${type.kind} ${type.name}` : type.kind;
}

function namesOf(branches: readonly AvroType[]): string {
  return branches.map(nameOf).join(", ");
}

function refuse(path: string, reason: string): never {
  throw new Incompatible(path === "" ? reason : `${path.replace(/^\./, "")}: ${reason}`);
}
