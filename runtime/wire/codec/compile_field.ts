import { WireError } from "../wire_error.ts";
import { compileStruct } from "./compile_struct.ts";
import type { Field } from "./field.ts";
import { NO_BYTES, ZERO_UUID } from "./field.ts";
import type { WireReader } from "./wire_reader.ts";
import { WireWriter } from "./wire_writer.ts";

/** One field in one version, ready to run. */
export interface FieldCodec {
  /** Fewest bytes a value takes: bounds what a hostile count can make us allocate. */
  readonly minBytes: number;
  read(reader: WireReader): unknown;
  /** @throws {WireError} UNENCODABLE, UNSAFE_INT64 */
  write(writer: WireWriter, value: unknown): void;
}

/** What the compiler carries down: `path` names the field in errors. */
export interface Target {
  readonly version: number;
  readonly isFlexible: boolean;
  readonly path: string;
}

export function compileField(of: Field<unknown, unknown>, target: Target): FieldCodec {
  switch (of.type) {
    case "bool":
      return {
        minBytes: 1,
        read: (reader) => reader.int8() !== 0,
        write: (writer, value) => {
          if (typeof value !== "boolean") throw unencodable(target, value);
          writer.int8(value ? 1 : 0);
        },
      };
    case "int8":
      return integer(target, 1, -0x80, 0x7f);
    case "int16":
      return integer(target, 2, -0x8000, 0x7fff);
    case "int32":
      return integer(target, 4, -0x80000000, 0x7fffffff);
    case "int64":
      return integer(target, 8, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case "uuid":
      return {
        minBytes: 16,
        read: readUuid,
        write: (writer, value) => writeUuid(writer, value, target),
      };
    case "string":
      return sized(of, target, {
        empty: "",
        read: (reader, length) => reader.string(length),
        write: (writer, value, writeLength) => {
          if (typeof value !== "string") throw unencodable(target, value);
          const bytes = WireWriter.encode(value);
          if (!target.isFlexible && bytes.length > 0x7fff) throw unencodable(target, value);
          writeLength(writer, bytes.length);
          writer.raw(bytes);
        },
      });
    case "bytes":
      return sized(of, target, {
        empty: NO_BYTES,
        read: (reader, length) => reader.view(length),
        write: (writer, value, writeLength) => {
          if (!(value instanceof Uint8Array)) throw unencodable(target, value);
          writeLength(writer, value.length);
          writer.raw(value);
        },
      });
    case "array":
      return compileArray(of, target);
    case "struct":
      return compileStruct(of.fields!, target);
  }
}

function compileArray(of: Field<unknown, unknown>, target: Target): FieldCodec {
  const item = compileField(of.item!, { ...target, path: `${target.path}[]` });
  return sized(of, target, {
    empty: [],
    read: (reader, count) => {
      if (count * item.minBytes > reader.left) {
        throw new WireError("TRUNCATED", `${target.path}: ${count} items announced`, reader.at);
      }
      const items: unknown[] = [];
      for (let index = 0; index < count; index++) items.push(item.read(reader));
      return items;
    },
    write: (writer, value, writeLength) => {
      if (!Array.isArray(value)) throw unencodable(target, value);
      writeLength(writer, value.length);
      for (const one of value) item.write(writer, one);
    },
  });
}

/** A value behind its length: strings, bytes, arrays. */
interface Sized {
  /** Stands for null where the version has none. */
  readonly empty: unknown;
  read(reader: WireReader, length: number): unknown;
  write(writer: WireWriter, value: unknown, writeLength: WriteLength): void;
}

type WriteLength = (writer: WireWriter, length: number) => void;

/**
 *     length = int16 (strings) or int32, -1 for null           before flexible versions
 *     length = uvarint of length + 1, 0 for null               in flexible versions
 */
function sized(of: Field<unknown, unknown>, target: Target, body: Sized): FieldCodec {
  const { isFlexible, path } = target;
  const isNullable = target.version >= of.nullableSince;
  const isTyped = of.nullableSince !== Number.POSITIVE_INFINITY;
  const isShort = of.type === "string";
  const writeLength: WriteLength = isFlexible
    ? (writer, length) => writer.uvarint(length + 1)
    : isShort
      ? (writer, length) => writer.int16(length)
      : (writer, length) => writer.int32(length);
  return {
    minBytes: isFlexible ? 1 : isShort ? 2 : 4,
    read: (reader) => {
      const at = reader.at;
      const length = isFlexible ? reader.uvarint() - 1 : isShort ? reader.int16() : reader.int32();
      if (length >= 0) return body.read(reader, length);
      if (length === -1 && isNullable) return null;
      throw new WireError("MALFORMED", `${path}: length ${length}`, at);
    },
    write: (writer, value) => {
      if (value !== null) body.write(writer, value, writeLength);
      else if (isNullable) writeLength(writer, -1);
      else if (isTyped) body.write(writer, body.empty, writeLength);
      else throw unencodable(target, value);
    },
  };
}

function integer(target: Target, width: 1 | 2 | 4 | 8, min: number, max: number): FieldCodec {
  const method = ({ 1: "int8", 2: "int16", 4: "int32", 8: "int64" } as const)[width];
  return {
    minBytes: width,
    read: (reader) => reader[method](),
    write: (writer, value) => {
      if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
        throw unencodable(target, value);
      }
      writer[method](value as number);
    },
  };
}

function readUuid(reader: WireReader): string {
  const at = reader.take(16);
  let text = "";
  for (let index = at; index < at + 16; index++) {
    text += reader.bytes[index]!.toString(16).padStart(2, "0");
  }
  return text;
}

function writeUuid(writer: WireWriter, value: unknown, target: Target): void {
  const digits = typeof value === "string" ? value.replaceAll("-", "") : "";
  if (digits.length !== ZERO_UUID.length || /[^0-9a-fA-F]/.test(digits)) {
    throw unencodable(target, value);
  }
  for (let at = 0; at < digits.length; at += 2) {
    writer.int8(Number.parseInt(digits.slice(at, at + 2), 16));
  }
}

export function unencodable(target: Target, value: unknown): WireError {
  const shown =
    typeof value === "object" && value !== null ? value.constructor?.name : String(value);
  return new WireError(
    "UNENCODABLE",
    `Cannot encode ${target.path} version ${target.version}: got ${String(shown).slice(0, 80)}`,
  );
}
