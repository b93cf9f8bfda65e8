/**
 * Encoders made of closures.
 *
 * @module
 */

import type { AvroRecord, AvroType } from "../../../topology/language/mod.ts";
import type { ByteSink } from "../byte_sink.ts";
import { defaultValue } from "./default_value.ts";
import { MAX_RECURSION } from "./limits.ts";
import { failure, Malformed, within } from "./malformed.ts";

export interface Encoder {
  /**
   * Writes a value at the sink's position, without a frame.
   *
   * Records are objects (fields that are missing take their default, others than the schema's are
   * not looked at), maps are `Map`s or objects, enums their symbol, bytes and fixed `Uint8Array`s,
   * longs safe integers; of a union the first type that takes the value, and no other fields than it
   * has, is written.
   *
   * @throws {MillraceError} UNENCODABLE, naming the field; the sink's position is as it was
   */
  encode(value: unknown, sink: ByteSink): void;
}

/** @param root Name of the value in messages. */
export function createEncoder(schema: AvroType, root = "value"): Encoder {
  const write = new Compiler().writer(schema);
  return {
    encode: (value, sink) => {
      const start = sink.position;
      try {
        write(value, sink);
      } catch (error) {
        sink.position = start;
        throw failure(error, "encode", root, "UNENCODABLE");
      }
    },
  };
}

type Write = (value: unknown, sink: ByteSink) => void;

class Compiler {
  readonly #writers = new Map<AvroType, Write>();
  /** Records around the one that is being written. */
  #depth = 0;

  writer(type: AvroType): Write {
    const known = this.#writers.get(type);
    if (known !== undefined) return known;
    // A record that contains itself finds this while its own writer is being made.
    let made: Write | undefined;
    this.#writers.set(type, (value, sink) => made!(value, sink));
    made = this.#make(type);
    this.#writers.set(type, made);
    return made;
  }

  #make(type: AvroType): Write {
    switch (type.kind) {
      case "null":
        return (value) => {
          if (value !== null && value !== undefined) throw unfit("null", value);
        };
      case "boolean":
        return (value, sink) => {
          if (typeof value !== "boolean") throw unfit("a boolean", value);
          sink.writeByte(value ? 1 : 0);
        };
      case "int":
        return (value, sink) => {
          if (typeof value !== "number" || (value | 0) !== value) throw unfit("an int", value);
          sink.writeLong(value);
        };
      case "long":
        return (value, sink) => {
          if (!Number.isSafeInteger(value)) throw unfit("a long within ±(2^53−1)", value);
          sink.writeLong(value as number);
        };
      case "float":
        return (value, sink) => {
          if (typeof value !== "number") throw unfit("a number", value);
          sink.writeFloat(value);
        };
      case "double":
        return (value, sink) => {
          if (typeof value !== "number") throw unfit("a number", value);
          sink.writeDouble(value);
        };
      case "string":
        return (value, sink) => {
          if (typeof value !== "string") throw unfit("a string", value);
          if (!sink.writeString(value)) throw new Malformed(NO_UTF8, "UNENCODABLE");
        };
      case "bytes":
        return (value, sink) => {
          if (!(value instanceof Uint8Array)) throw unfit("bytes (Uint8Array)", value);
          sink.writeLengthAndBytes(value);
        };
      case "fixed": {
        const { sizeBytes } = type;
        return (value, sink) => {
          if (!(value instanceof Uint8Array) || value.length !== sizeBytes) {
            throw unfit(`${sizeBytes} bytes (Uint8Array)`, value);
          }
          sink.writeBytes(value);
        };
      }
      case "enum": {
        const indices = new Map(type.symbols.map((symbol, index) => [symbol, index]));
        return (value, sink) => {
          const index = indices.get(value as string);
          if (index === undefined) throw unfit(`one of ${type.symbols.join(", ")}`, value);
          sink.writeLong(index);
        };
      }
      case "array": {
        const item = this.writer(type.items);
        return (value, sink) => {
          if (!Array.isArray(value)) throw unfit("a list", value);
          let n = 0;
          try {
            if (value.length > 0) sink.writeLong(value.length);
            for (; n < value.length; n++) item(value[n], sink);
          } catch (error) {
            throw within(error, `[${n}]`);
          }
          sink.writeByte(0);
        };
      }
      case "map": {
        const item = this.writer(type.values);
        return (value, sink) => {
          const entries = mapEntries(value);
          if (entries === undefined) throw unfit("a map", value);
          if (entries.length > 0) sink.writeLong(entries.length);
          for (const [key, entry] of entries) {
            try {
              if (typeof key !== "string") throw unfit("a string as key", key);
              if (!sink.writeString(key)) throw new Malformed(NO_UTF8, "UNENCODABLE");
              item(entry, sink);
            } catch (error) {
              throw within(error, `[${JSON.stringify(key)}]`);
            }
          }
          sink.writeByte(0);
        };
      }
      case "union": {
        const branches = type.branches.map((branch) => this.writer(branch));
        const names = type.branches.map((branch) => ("name" in branch ? branch.name : branch.kind));
        return (value, sink) => {
          const index = branchFor(type.branches, value);
          if (index < 0) throw unfit(`a value of ${names.join(" or ")}`, value);
          sink.writeLong(index);
          branches[index]!(value, sink);
        };
      }
      case "record":
        return this.#record(type);
    }
  }

  #record(type: AvroRecord): Write {
    const fields = type.fields.map((field) => ({ field, write: this.writer(field.type) }));
    return (value, sink) => {
      if (!isRecord(value)) throw unfit(`a record ${type.name}`, value);
      if (++this.#depth > MAX_RECURSION) {
        this.#depth = 0;
        throw new Malformed(`it is nested more than ${MAX_RECURSION} levels deep`, "UNENCODABLE");
      }
      let n = 0;
      try {
        for (; n < fields.length; n++) {
          const { field, write } = fields[n]!;
          const { name } = field;
          let part = Object.hasOwn(value, name) ? value[name] : undefined;
          if (part === undefined && field.hasDefault) {
            part = defaultValue(field.default, field.type);
          } else if (part === undefined && field.type.kind !== "null") {
            throw new Malformed("it is missing and has no default", "UNENCODABLE");
          }
          write(part, sink);
        }
      } catch (error) {
        this.#depth = 0;
        throw within(error, `.${fields[n]!.field.name}`);
      }
      this.#depth--;
    };
  }
}

const NO_UTF8 = "the text has half a surrogate pair, which has no form in UTF-8";

/**
 * The branch of a union for a value: an object is first taken for a record with just its fields,
 * then for one with defaults, or a map.
 */
function branchFor(branches: readonly AvroType[], value: unknown): number {
  const exactly = branches.findIndex((branch) => takes(branch, value, false));
  return exactly >= 0 ? exactly : branches.findIndex((branch) => takes(branch, value, true));
}

/** @param loosely fields may be missing that have a default, maps may be objects, floats may round */
function takes(type: AvroType, value: unknown, loosely: boolean): boolean {
  switch (type.kind) {
    case "null":
      return value === null || value === undefined;
    case "boolean":
      return typeof value === "boolean";
    case "int":
      return typeof value === "number" && (value | 0) === value;
    case "long":
      return Number.isSafeInteger(value);
    case "float":
      // A double beside it keeps what a float would round.
      return typeof value === "number" && (loosely || Object.is(Math.fround(value), value));
    case "double":
      return typeof value === "number";
    case "string":
      return typeof value === "string";
    case "bytes":
      return value instanceof Uint8Array;
    case "fixed":
      return value instanceof Uint8Array && value.length === type.sizeBytes;
    case "enum":
      return type.symbols.includes(value as string);
    case "array":
      return Array.isArray(value) && value.every((item) => takes(type.items, item, loosely));
    case "map":
      return (
        (loosely || value instanceof Map) &&
        (mapEntries(value)?.every(([, entry]) => takes(type.values, entry, loosely)) ?? false)
      );
    case "record":
      return (
        isRecord(value) &&
        Object.keys(value).every((name) => type.fields.some((field) => field.name === name)) &&
        type.fields.every((field) => {
          const part = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
          return part === undefined
            ? loosely && field.hasDefault
            : takes(field.type, part, loosely);
        })
      );
    case "union":
      return branchFor(type.branches, value) >= 0;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Uint8Array)
  );
}

function mapEntries(value: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (value instanceof Map) return [...value];
  return isRecord(value) ? Object.entries(value) : undefined;
}

function unfit(expected: string, value: unknown): Malformed {
  return new Malformed(`expected ${expected}, got ${show(value)}`, "UNENCODABLE");
}

function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "a list" : `an object (${value.constructor?.name ?? "Object"})`;
  }
  return String(value);
}
