import { WireError } from "../wire_error.ts";
import { compileField, type FieldCodec, type Target, unencodable } from "./compile_field.ts";
import type { Field, Fields } from "./field.ts";
import type { WireReader } from "./wire_reader.ts";
import { WireWriter } from "./wire_writer.ts";

/** A struct whose `read` gives every field of the table, in the table's order. */
export interface StructCodec extends FieldCodec {
  read(reader: WireReader): Record<string, unknown>;
}

interface Slot {
  readonly name: string;
  /** undefined: the version lacks the field, or it is tagged and comes at the end. */
  readonly codec: FieldCodec | undefined;
  readonly fallback: unknown;
}

interface TaggedSlot {
  readonly name: string;
  readonly tag: number;
  readonly codec: FieldCodec;
  readonly fallback: unknown;
}

/**
 *     struct   = field* tags?                         tags only in flexible versions
 *     tags     = count:uvarint (tag:uvarint size:uvarint value)*      ascending tags
 */
export function compileStruct(fields: Fields, target: Target): StructCodec {
  const slots: Slot[] = [];
  const tags: TaggedSlot[] = [];
  let minBytes = target.isFlexible ? 1 : 0;
  for (const [name, of] of Object.entries(fields)) {
    const fallback = defaultOf(of);
    const isHere = target.version >= of.since && target.version <= of.until;
    const inner: Target = { ...target, path: `${target.path}.${name}` };
    const codec = isHere ? compileField(of, inner) : undefined;
    if (codec === undefined || of.tag < 0) {
      slots.push({ name, codec, fallback });
      minBytes += codec?.minBytes ?? 0;
    } else {
      // Its place in the object is kept: objects of one message share one shape in all versions.
      slots.push({ name, codec: undefined, fallback });
      tags.push({ name, tag: of.tag, codec, fallback });
    }
  }
  tags.sort((a, b) => a.tag - b.tag);
  const { isFlexible } = target;
  return {
    minBytes,
    read: (reader) => {
      const result: Record<string, unknown> = {};
      for (const { name, codec, fallback } of slots) {
        result[name] = codec === undefined ? fallback : codec.read(reader);
      }
      if (isFlexible) readTags(reader, tags, result, target.path);
      return result;
    },
    write: (writer, value) => {
      if (typeof value !== "object" || value === null) throw unencodable(target, value);
      const source = value as Readonly<Record<string, unknown>>;
      for (const { name, codec, fallback } of slots) {
        if (codec === undefined) continue;
        const given = source[name];
        codec.write(writer, given === undefined ? fallback : given);
      }
      if (isFlexible) writeTags(writer, tags, source);
    },
  };
}

function readTags(
  reader: WireReader,
  tags: readonly TaggedSlot[],
  result: Record<string, unknown>,
  path: string,
): void {
  for (let count = reader.uvarint(); count > 0; count--) {
    const tag = reader.uvarint();
    const size = reader.uvarint();
    const start = reader.take(size);
    const slot = tags.find((one) => one.tag === tag);
    // An unknown tag is a newer peer's and is meant to be passed over.
    if (slot === undefined) continue;
    const outerEnd = reader.end;
    reader.at = start;
    reader.end = start + size;
    result[slot.name] = slot.codec.read(reader);
    if (reader.at !== start + size) {
      throw new WireError("MALFORMED", `${path}.${slot.name}: ${size} bytes announced`, start);
    }
    reader.end = outerEnd;
  }
}

function writeTags(
  writer: WireWriter,
  tags: readonly TaggedSlot[],
  source: Readonly<Record<string, unknown>>,
): void {
  const given = tags.filter((slot) => {
    const value = source[slot.name];
    return value !== undefined && value !== slot.fallback;
  });
  writer.uvarint(given.length);
  for (const { name, tag, codec } of given) {
    const inner = new WireWriter();
    codec.write(inner, source[name]);
    const bytes = inner.finish();
    writer.uvarint(tag);
    writer.uvarint(bytes.length);
    writer.raw(bytes);
  }
}

/** What a decoded object holds where the wire says nothing; shared, hence frozen. */
function defaultOf(of: Field<unknown, unknown>): unknown {
  if (of.type !== "struct" || of.default === null) return of.default;
  const entries = Object.entries(of.fields!).map(([name, inner]) => [name, defaultOf(inner)]);
  return Object.freeze(Object.fromEntries(entries));
}
