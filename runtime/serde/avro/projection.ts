/**
 * Projection without code generation: reads the wanted fields of a value into slots and checks the
 * rest of it on the way, as strictly as if it were decoded.
 *
 * @module
 */

import type { AvroType } from "../../../topology/language/mod.ts";
import { Cursor } from "./cursor.ts";
import { branchAt, Compiler, enter } from "./decoder.ts";
import { failure, within } from "./malformed.ts";
import type { Reading, RecordReading } from "./reading.ts";
import { resolve } from "./resolve.ts";
import {
  checkWanted,
  select,
  selectDefault,
  selections,
  slotsIn,
  type Wanted,
  wantedOf,
} from "./wanted.ts";

/** Reads one value in `bytes[start, end)`, all of it, and sets one slot for each path. */
export type Projection = (bytes: Uint8Array, start: number, end: number, slots: unknown[]) => void;

export interface ProjectionOptions {
  /** The schema that the bytes were written with. */
  readonly writer: AvroType;
  /** The schema to read them as, whose names the paths have. @default writer */
  readonly reader?: AvroType;
  /** Name of the value in messages. @default "value" */
  readonly root?: string;
  /** Fields of records, from the root; a null on the way makes null, an empty path is the whole value. */
  readonly paths: readonly (readonly string[])[];
}

/**
 * Compiles a projection into closures.
 *
 * @returns a function that throws what `createDecoder`'s throws, for the same bytes
 * @throws {MillraceError} UNDECODABLE when the schemas are incompatible
 * @throws {RangeError} when a path leads nowhere
 */
export function createProjection(options: ProjectionOptions): Projection {
  const { writer, reader, root = "value", paths } = options;
  const reading = resolve(writer, reader);
  const wanted = wantedOf(paths);
  checkWanted(reading, wanted, root);
  const project = new ProjectionCompiler().project(reading, wanted);
  const cursor = new Cursor();
  return (bytes, start, end, slots) => {
    cursor.begin(bytes, start, end);
    try {
      project(cursor, slots);
      cursor.finish();
    } catch (error) {
      throw failure(error, "decode", root, "UNDECODABLE");
    } finally {
      cursor.release();
    }
  };
}

type Project = (cursor: Cursor, slots: unknown[]) => void;

class ProjectionCompiler {
  readonly #compiler = new Compiler();

  project(reading: Reading, wanted: Wanted): Project {
    if (wanted.fields.size === 0 && wanted.slots.length === 0) {
      return this.#compiler.skipper(reading);
    }
    if (wanted.slots.length > 0) return this.#whole(reading, wanted);
    switch (reading.op) {
      case "union": {
        const branches = reading.branches.map((branch) => this.project(branch, wanted));
        return (cursor, slots) => branchAt(cursor, branches)(cursor, slots);
      }
      case "record":
        return this.#record(reading, wanted);
      default: {
        // Null, or what is refused: `checkWanted` has seen to the rest.
        const skip = this.#compiler.skipper(reading);
        const nulls = slotsIn(wanted);
        return (cursor, slots) => {
          skip(cursor);
          for (const slot of nulls) slots[slot] = null;
        };
      }
    }
  }

  #whole(reading: Reading, wanted: Wanted): Project {
    const read = this.#compiler.reader(reading);
    const parts = selections(wanted);
    return (cursor, slots) => {
      const value = read(cursor);
      for (const { slot, path } of parts) slots[slot] = select(value, path);
    };
  }

  #record(reading: RecordReading, wanted: Wanted): Project {
    const { recursive } = reading;
    const fields = reading.fields.map(({ name, to, reading: field }) => ({
      name,
      project: this.project(field, (to !== undefined && wanted.fields.get(to)) || NOTHING),
    }));
    const defaults = reading.defaults.flatMap((field) => {
      const inner = wanted.fields.get(field.name);
      return inner === undefined ? [] : selections(inner).map((part) => ({ ...part, field }));
    });
    return (cursor, slots) => {
      if (recursive) enter(cursor);
      let n = 0;
      try {
        for (; n < fields.length; n++) fields[n]!.project(cursor, slots);
      } catch (error) {
        throw within(error, `.${fields[n]!.name}`);
      }
      for (const { slot, field, path } of defaults) slots[slot] = selectDefault(field, path);
      if (recursive) cursor.depth--;
    };
  }
}

const NOTHING: Wanted = { slots: [], fields: new Map() };
