/**
 * Equality, lists, maps, records and bytes.
 *
 * @module
 */

import { absorbable, charge, chargeLength } from "./cost.ts";
import { ExpressionError } from "./errors.ts";

/**
 * Deep equality. NaN differs from itself, 0 equals -0. The same object is looked into all the same:
 * there may be a NaN inside.
 */
export function equals(a: unknown, b: unknown): boolean {
  if (!isObject(a)) {
    if (typeof a === "string" && typeof b === "string") chargeLength(Math.min(a.length, b.length));
    return a === b;
  }
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    charge(a.length);
    return a.every((item, n) => equals(item, b[n]));
  }
  if (a instanceof Uint8Array) {
    if (!(b instanceof Uint8Array) || a.length !== b.length) return false;
    chargeLength(a.length);
    return a.every((byte, n) => byte === b[n]);
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    charge(a.size);
    for (const [key, value] of a) if (!b.has(key) || !equals(value, b.get(key))) return false;
    return true;
  }
  if (!isObject(b)) return false;
  const names = Object.keys(a);
  charge(names.length);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equals(a[name], b[name]))
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object";
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  chargeLength(length);
  for (let n = 0; n < length; n++) if (a[n] !== b[n]) return a[n]! - b[n]!;
  return a.length - b.length;
}

export function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  chargeLength(a.length + b.length);
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

export function concatList(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  charge(a.length + b.length);
  return [...a, ...b];
}

export function reverseList(list: readonly unknown[]): unknown[] {
  charge(list.length);
  return [...list].reverse();
}

export function inList(item: unknown, list: readonly unknown[]): boolean {
  charge(list.length);
  return list.some((other) => equals(item, other));
}

export const inMap = (key: string, map: ReadonlyMap<string, unknown>): boolean => map.has(key);
export const sizeList = (list: readonly unknown[]): number => list.length;
export const sizeMap = (map: ReadonlyMap<string, unknown>): number => map.size;

/** What a macro over a map loops over. */
export function keysOf(map: ReadonlyMap<string, unknown>): string[] {
  charge(map.size);
  return [...map.keys()];
}

export function at(list: readonly unknown[], index: number): unknown {
  if (index < 0 || index >= list.length) {
    throw new ExpressionError(
      "INDEX_OUT_OF_BOUNDS",
      `Cannot take element ${index} of a list of ${list.length}`,
    );
  }
  return list[index];
}

export function get(map: ReadonlyMap<string, unknown>, key: string): unknown {
  const value = map.get(key);
  if (value === undefined) {
    throw new ExpressionError("NO_SUCH_KEY", `Cannot find key ${JSON.stringify(key)}`);
  }
  return value;
}

/** A variable where null will not do. */
export function given<T>(value: T | null | undefined, name: string): T {
  if (value === null || value === undefined) {
    throw new ExpressionError("NULL_VALUE", `Cannot use ${name}: it is null`);
  }
  return value;
}

/** A field of a record that is at hand as an object. */
export function field(record: unknown, name: string): unknown {
  if (!isObject(record)) {
    throw new ExpressionError("NULL_VALUE", `Cannot read ${name} of ${String(record)}`);
  }
  return Object.hasOwn(record, name) ? record[name] : null;
}

export function map(entries: readonly (readonly [string, unknown])[]): Map<string, unknown> {
  const made = new Map<string, unknown>();
  for (const [key, value] of entries) {
    if (made.has(key)) {
      const message = `Cannot make a map: it has the key ${JSON.stringify(key)} twice`;
      throw new ExpressionError("DUPLICATE_KEY", message);
    }
    made.set(key, value);
  }
  return made;
}

/** CEL's `&&` (`decisive` false) and `||` (true): one decisive side is enough, even beside an error. */
export function absorb(left: () => boolean, right: () => boolean, decisive: boolean): boolean {
  let failure: ExpressionError | undefined;
  try {
    if (left() === decisive) return decisive;
  } catch (error) {
    failure = absorbable(error);
  }
  if (right() === decisive) return decisive;
  if (failure !== undefined) throw failure;
  return !decisive;
}
