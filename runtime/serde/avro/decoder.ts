/**
 * Decoders made of closures: each reads (or reads past) one value at the cursor.
 *
 * @module
 */

import type { AvroType } from "../../../topology/language/mod.ts";
import { Cursor } from "./cursor.ts";
import { defaultValue } from "./default_value.ts";
import { MAX_RECURSION } from "./limits.ts";
import { failure, Malformed, within } from "./malformed.ts";
import type { Reading, RecordReading } from "./reading.ts";
import { resolve } from "./resolve.ts";

/** Reads one value in `bytes[start, end)`, all of it. */
export type Decoder = (bytes: Uint8Array, start: number, end: number) => unknown;

/**
 * Compiles a decoder of whole values, without code generation.
 *
 * A record becomes an object with the reader's fields in the reader's order, a map a `Map`, an enum
 * its symbol, bytes and fixed a copy, a union the value itself, a long a number.
 *
 * @param writer The schema that the bytes were written with.
 * @param reader The schema to read them as. @default writer
 * @param root Name of the value in messages.
 * @returns a function that throws {MillraceError} UNDECODABLE for bytes that are not one value of
 * `writer`, LONG_UNSAFE for a long outside ±(2^53−1)
 * @throws {MillraceError} UNDECODABLE when the schemas are incompatible
 */
export function createDecoder(writer: AvroType, reader?: AvroType, root = "value"): Decoder {
  const read = new Compiler().reader(resolve(writer, reader));
  const cursor = new Cursor();
  return (bytes, start, end) => {
    cursor.begin(bytes, start, end);
    try {
      const value = read(cursor);
      cursor.finish();
      return value;
    } catch (error) {
      throw failure(error, "decode", root, "UNDECODABLE");
    } finally {
      cursor.release();
    }
  };
}

export type Read = (cursor: Cursor) => unknown;
export type Skip = (cursor: Cursor) => void;

/** Makes closures of readings, one for each. */
export class Compiler {
  readonly #readers = new Map<Reading, Read>();
  readonly #skippers = new Map<Reading, Skip>();

  reader(reading: Reading): Read {
    let read = this.#readers.get(reading);
    if (read === undefined) {
      // A record that contains itself finds this while its own reader is being made.
      let made: Read | undefined;
      this.#readers.set(reading, (cursor) => made!(cursor));
      read = made = this.#read(reading);
      this.#readers.set(reading, made);
    }
    return read;
  }

  skipper(reading: Reading): Skip {
    let skip = this.#skippers.get(reading);
    if (skip === undefined) {
      let made: Skip | undefined;
      this.#skippers.set(reading, (cursor) => made!(cursor));
      skip = made = this.#skip(reading);
      this.#skippers.set(reading, made);
    }
    return skip;
  }

  #read(reading: Reading): Read {
    switch (reading.op) {
      case "null":
        return () => null;
      case "boolean":
        return (cursor) => cursor.boolean();
      case "int":
        return (cursor) => cursor.int();
      case "long":
        return (cursor) => cursor.long();
      case "float":
        return (cursor) => cursor.float();
      case "double":
        return (cursor) => cursor.double();
      case "string":
        return (cursor) => cursor.string();
      case "bytes":
        return (cursor) => cursor.copy(cursor.lengthPrefixed());
      case "fixed": {
        const { sizeBytes } = reading;
        return (cursor) => cursor.copy(cursor.skip(sizeBytes));
      }
      case "enum": {
        const { name, symbols, values } = reading;
        return (cursor) => {
          const index = cursor.index(cursor.int(), symbols.length, "symbol");
          const value = values[index];
          if (value === undefined) throw unknownSymbol(name, symbols[index]!);
          return value;
        };
      }
      case "array": {
        const item = this.reader(reading.item);
        return (cursor) => {
          const list: unknown[] = [];
          forEachItem(cursor, reading.minBytes, () => {
            list.push(item(cursor));
          });
          return list;
        };
      }
      case "map": {
        const item = this.reader(reading.item);
        return (cursor) => {
          const map = new Map<string, unknown>();
          forEachEntry(cursor, reading.minBytes, () => {
            const key = cursor.string();
            map.set(key, item(cursor));
          });
          return map;
        };
      }
      case "union": {
        const branches = reading.branches.map((branch) => this.reader(branch));
        return (cursor) => branchAt(cursor, branches)(cursor);
      }
      case "record":
        return this.#readRecord(reading);
      case "refuse":
        return refuser(reading.reason);
    }
  }

  #readRecord(reading: RecordReading): Read {
    const fields = reading.fields.map(({ name, to, reading: field }) => ({
      name,
      to,
      read: to === undefined ? this.skipper(field) : this.reader(field),
    }));
    const { defaults, recursive } = reading;
    // Copied for each record: all have the reader's order of fields, and one hidden class.
    const blank: Record<string, unknown> = {};
    for (const name of reading.names) blank[name] = null;
    return (cursor) => {
      if (recursive) enter(cursor);
      const record = { ...blank };
      let n = 0;
      try {
        for (; n < fields.length; n++) {
          const { to, read } = fields[n]!;
          const value = read(cursor);
          if (to !== undefined) record[to] = value;
        }
      } catch (error) {
        throw within(error, `.${fields[n]!.name}`);
      }
      for (const { name, json, type } of defaults) record[name] = defaultValue(json, type);
      if (recursive) cursor.depth--;
      return record;
    };
  }

  #skip(reading: Reading): Skip {
    switch (reading.op) {
      case "string":
        return (cursor) => cursor.skipString();
      case "bytes":
        return (cursor) => {
          cursor.lengthPrefixed();
        };
      case "fixed": {
        const { sizeBytes } = reading;
        return (cursor) => {
          cursor.skip(sizeBytes);
        };
      }
      case "array": {
        const item = this.skipper(reading.item);
        return (cursor) => forEachItem(cursor, reading.minBytes, () => item(cursor));
      }
      case "map": {
        const item = this.skipper(reading.item);
        return (cursor) => {
          forEachEntry(cursor, reading.minBytes, () => {
            cursor.skipString();
            item(cursor);
          });
        };
      }
      case "union": {
        const branches = reading.branches.map((branch) => this.skipper(branch));
        return (cursor) => branchAt(cursor, branches)(cursor);
      }
      case "record": {
        const { recursive } = reading;
        const fields = reading.fields.map((field) => this.skipper(field.reading));
        return (cursor) => {
          if (recursive) enter(cursor);
          let n = 0;
          try {
            for (; n < fields.length; n++) fields[n]!(cursor);
          } catch (error) {
            throw within(error, `.${reading.fields[n]!.name}`);
          }
          if (recursive) cursor.depth--;
        };
      }
      default:
        // What makes no object is read past by reading it.
        return this.#read(reading);
    }
  }
}

function forEachItem(cursor: Cursor, minBytes: number, item: () => void): void {
  let index = 0;
  for (;;) {
    let count = cursor.block(minBytes);
    if (count === 0) return;
    const { blockEnd } = cursor;
    try {
      for (; count > 0; count--, index++) item();
    } catch (error) {
      throw within(error, `[${index}]`);
    }
    cursor.checkBlockEnd(blockEnd);
  }
}

/** Like `forEachItem`; what is wrong with an entry is said with its key. */
function forEachEntry(cursor: Cursor, minBytes: number, entry: () => void): void {
  for (;;) {
    let count = cursor.block(minBytes);
    if (count === 0) return;
    const { blockEnd } = cursor;
    for (; count > 0; count--) {
      const start = cursor.position;
      try {
        entry();
      } catch (error) {
        throw within(error, keyStep(cursor, start));
      }
    }
    cursor.checkBlockEnd(blockEnd);
  }
}

function keyStep(cursor: Cursor, start: number): string {
  try {
    cursor.position = start;
    return `[${JSON.stringify(cursor.string())}]`;
  } catch {
    // It is the key itself.
    return "[?]";
  }
}

export function branchAt<B>(cursor: Cursor, branches: readonly B[]): B {
  return branches[cursor.index(cursor.wideLong(), branches.length, "branch")]!;
}

export function enter(cursor: Cursor): void {
  if (++cursor.depth > MAX_RECURSION) {
    throw new Malformed(`it contains itself more than ${MAX_RECURSION} levels deep`);
  }
}

export function refuser(reason: string): () => never {
  return () => {
    throw new Malformed(`it cannot be read (${reason})`);
  };
}

function unknownSymbol(name: string, symbol: string): Malformed {
  return new Malformed(`the reader's enum ${name} has neither the symbol ${symbol} nor a default`);
}
