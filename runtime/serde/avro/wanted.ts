/**
 * Which fields of a value are wanted, as a tree over the reader's fields.
 *
 * @module
 */

import { defaultValue } from "./default_value.ts";
import type { DefaultedField, Reading } from "./reading.ts";

export interface Wanted {
  /** Numbers of the slots that take the whole value here. */
  readonly slots: number[];
  readonly fields: Map<string, Wanted>;
}

/** @param paths Path n goes to slot n; an empty path is the whole value. */
export function wantedOf(paths: readonly (readonly string[])[]): Wanted {
  const root: Wanted = { slots: [], fields: new Map() };
  paths.forEach((path, slot) => {
    let wanted = root;
    for (const name of path) {
      let next = wanted.fields.get(name);
      if (next === undefined) {
        next = { slots: [], fields: new Map() };
        wanted.fields.set(name, next);
      }
      wanted = next;
    }
    wanted.slots.push(slot);
  });
  return root;
}

/** All slots in a part of the tree: null, when there is a null instead of the record. */
export function slotsIn(wanted: Wanted): number[] {
  return [...wanted.slots, ...[...wanted.fields.values()].flatMap(slotsIn)];
}

/** Where in an object each slot's value stands. */
export function selections(
  wanted: Wanted,
  path: readonly string[] = [],
): { readonly slot: number; readonly path: readonly string[] }[] {
  return [
    ...wanted.slots.map((slot) => ({ slot, path })),
    ...[...wanted.fields].flatMap(([name, field]) => selections(field, [...path, name])),
  ];
}

/** A field of a field of an object; null when there is a null on the way. */
export function select(value: unknown, path: readonly string[]): unknown {
  for (const name of path) {
    if (value === null) return null;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/** A new value of a wanted field that the writer does not have. */
export function selectDefault(field: DefaultedField, path: readonly string[]): unknown {
  return select(defaultValue(field.json, field.type), path);
}

/**
 * Refuses paths that lead nowhere.
 *
 * @throws {RangeError}
 */
export function checkWanted(reading: Reading, wanted: Wanted, path: string): void {
  if (wanted.fields.size === 0) return;
  switch (reading.op) {
    case "null":
    case "refuse":
      return;
    case "union":
      for (const branch of reading.branches) checkWanted(branch, wanted, path);
      return;
    case "record":
      for (const [name, inner] of wanted.fields) {
        if (!reading.names.includes(name)) {
          throw new RangeError(`Cannot project ${path}.${name}: ${reading.name} has no such field`);
        }
        const field = reading.fields.find(({ to }) => to === name);
        if (field !== undefined) checkWanted(field.reading, inner, `${path}.${name}`);
      }
      return;
    default:
      throw new RangeError(
        `Cannot project ${path}.${[...wanted.fields.keys()][0]}: ${path} is no record`,
      );
  }
}
