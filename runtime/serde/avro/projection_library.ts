/**
 * What generated projections call: everything but the straight path.
 *
 * @module
 */

import {
  type AvroType,
  formatAvroSchema,
  parseAvroSchema,
} from "../../../topology/language/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import { isUtf8, readUtf8 } from "../utf8.ts";
import { Cursor } from "./cursor.ts";
import { Compiler, createDecoder, type Decoder, type Read, type Skip } from "./decoder.ts";
import { Malformed } from "./malformed.ts";
import type { Reading } from "./reading.ts";
import { resolve } from "./resolve.ts";
import { selectDefault } from "./wanted.ts";

/** A pair of schemas, compiled for what generated code does not do itself. */
class Compiled {
  readonly root: string;
  /** All parts of the value in the writer's order; generated code knows them by number. */
  readonly readings: readonly Reading[];
  readonly #writer: AvroType;
  readonly #reader: AvroType;
  readonly #compiler = new Compiler();
  readonly #readers: Read[] = [];
  readonly #skippers: Skip[] = [];
  #decoder: Decoder | undefined;

  constructor(schemas: string) {
    const [root, writer, reader] = JSON.parse(schemas) as [string, unknown, unknown];
    this.root = root;
    this.#writer = parseAvroSchema(writer);
    this.#reader = reader === undefined ? this.#writer : parseAvroSchema(reader);
    this.readings = listReadings(resolve(this.#writer, this.#reader));
  }

  reader(number: number): Read {
    return (this.#readers[number] ??= this.#compiler.reader(this.readings[number]!));
  }

  skipper(number: number): Skip {
    return (this.#skippers[number] ??= this.#compiler.skipper(this.readings[number]!));
  }

  get decoder(): Decoder {
    return (this.#decoder ??= createDecoder(this.#writer, this.#reader, this.root));
  }
}

/** Every reading once, those inside after those around them. */
export function listReadings(reading: Reading, found = new Set<Reading>()): Reading[] {
  if (!found.has(reading)) {
    found.add(reading);
    if (reading.op === "record")
      for (const field of reading.fields) listReadings(field.reading, found);
    else if (reading.op === "union")
      for (const branch of reading.branches) listReadings(branch, found);
    else if (reading.op === "array" || reading.op === "map") listReadings(reading.item, found);
  }
  return [...found];
}

/** Schema pairs kept; the oldest goes first. One that is needed again is compiled again. */
const MAX_COMPILED = 256;
const compiled = new Map<string, Compiled>();

/** @param schemas made by `schemasText` */
function compiledOf(schemas: string): Compiled {
  let found = compiled.get(schemas);
  if (found === undefined) {
    found = new Compiled(schemas);
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value!);
    compiled.set(schemas, found);
  }
  return found;
}

/** Names a pair of schemas in generated code. */
export function schemasText(root: string, writer: AvroType, reader: AvroType): string {
  const schemas = reader === writer ? [writer] : [writer, reader];
  return JSON.stringify([root, ...schemas.map(formatAvroSchema)]);
}

const cursor = new Cursor();

/** Runs a part of a closure decoder at a position. @returns undefined, `position` −1: malformed */
function at<T>(bytes: Uint8Array, position: number, end: number, part: (cursor: Cursor) => T) {
  // The count of empty items goes on through the whole value.
  cursor.bytes = bytes;
  cursor.position = position;
  cursor.end = end;
  cursor.depth = 0;
  try {
    const result = part(cursor);
    projectionLibrary.position = cursor.position;
    return result;
  } catch (error) {
    if (!(error instanceof Malformed) && !(error instanceof RangeError)) throw error;
    projectionLibrary.position = -1;
    return undefined;
  } finally {
    cursor.release();
  }
}

const number = new DataView(new ArrayBuffer(8));
const numberBytes = new Uint8Array(number.buffer);
const readLong = (cursor: Cursor) => cursor.long();
const readWideLong = (cursor: Cursor) => cursor.wideLong();
const readInt = (cursor: Cursor) => cursor.int();

/**
 * Slow paths of generated projections, and their errors. Shared by all of them and not reentrant: a
 * projection runs to its end before another one begins.
 */
export const projectionLibrary = {
  /** Where the last call that reads stopped, −1 when it failed. */
  position: 0,

  /** Starts a value that has parts which `read` or `skip` reads. */
  begin(): void {
    cursor.begin(cursor.bytes, 0, 0);
  },

  /** @returns NaN when it is malformed or unsafe */
  long(bytes: Uint8Array, position: number, end: number): number {
    // Times in ms have six bytes. Up to seven are safe; bounds are the caller's, as in line.
    let i = position;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[i++]!;
      low |= (byte & 127) << shift;
      if (byte < 128) {
        projectionLibrary.position = i;
        return (low >>> 1) ^ -(low & 1);
      }
    }
    let high = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = bytes[i++]!;
      high |= (byte & 127) << shift;
      if (byte < 128) {
        projectionLibrary.position = i;
        const magnitude = high * 2 ** 27 + (low >>> 1);
        return (low & 1) === 0 ? magnitude : -magnitude - 1;
      }
    }
    return at(bytes, position, end, readLong) ?? Number.NaN;
  },

  /** A length or an index: rounded where it is not safe. @returns NaN when it is malformed */
  wideLong(bytes: Uint8Array, position: number, end: number): number {
    return at(bytes, position, end, readWideLong) ?? Number.NaN;
  },

  /** @returns NaN when it is malformed */
  int(bytes: Uint8Array, position: number, end: number): number {
    return at(bytes, position, end, readInt) ?? Number.NaN;
  },

  float(bytes: Uint8Array, position: number): number {
    for (let i = 0; i < 4; i++) numberBytes[i] = bytes[position + i]!;
    return number.getFloat32(0, true);
  },

  double(bytes: Uint8Array, position: number): number {
    for (let i = 0; i < 8; i++) numberBytes[i] = bytes[position + i]!;
    return number.getFloat64(0, true);
  },

  /** @returns undefined when it is not UTF-8 */
  string: readUtf8,
  isUtf8,

  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return Uint8Array.prototype.slice.call(bytes, start, end);
  },

  /** Decodes a part of a value; sets `position`. */
  read(schemas: string, part: number, bytes: Uint8Array, position: number, end: number): unknown {
    return at(bytes, position, end, compiledOf(schemas).reader(part));
  },

  /** Checks a part of a value; sets `position`. */
  skip(schemas: string, part: number, bytes: Uint8Array, position: number, end: number): void {
    at(bytes, position, end, compiledOf(schemas).skipper(part));
  },

  /** A new value of a field that the writer does not have. */
  defaulted(schemas: string, part: number, name: string, ...path: string[]): unknown {
    const reading = compiledOf(schemas).readings[part]!;
    const field = reading.op === "record" && reading.defaults.find((entry) => entry.name === name);
    if (!field) throw new RangeError(`Cannot find a default of ${name}`);
    return selectDefault(field, path);
  },

  /**
   * Throws what the decoder throws for these bytes: generated code only finds out that something is
   * wrong, the decoder says what and where.
   */
  refuse(schemas: string, bytes: Uint8Array, start: number, end: number): never {
    const { decoder, root } = compiledOf(schemas);
    decoder(bytes, start, end);
    throw new MillraceError(
      "INVARIANT",
      `Cannot project ${root}: generated code refuses bytes that the decoder takes`,
    );
  },
};
