/**
 * What expressions call at run time, from generated code and closures alike.
 *
 * Values: int and double are numbers, string and enum strings, bool booleans, bytes Uint8Arrays, lists
 * arrays, maps Maps, records objects of which only own properties count.
 *
 * @module
 */

export type ExpressionErrorCode =
  | "OVERFLOW"
  | "DIVISION_BY_ZERO"
  | "NO_SUCH_KEY"
  | "INDEX_OUT_OF_BOUNDS"
  | "BAD_CONVERSION"
  | "DUPLICATE_KEY"
  | "NULL_VALUE";

/** An expression failed on one record: a bad record, not a bad program. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly code: ExpressionErrorCode;

  constructor(code: ExpressionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

function safe(result: number, operation: string): number {
  if (!Number.isSafeInteger(result)) {
    throw new ExpressionError("OVERFLOW", `Cannot ${operation}: the result is beyond ±(2^53-1)`);
  }
  // CEL's ints have no negative zero.
  return result + 0;
}

const add = (a: number, b: number): number => safe(a + b, "add");
const subtract = (a: number, b: number): number => safe(a - b, "subtract");
const multiply = (a: number, b: number): number => safe(a * b, "multiply");

function divide(a: number, b: number): number {
  if (b === 0) throw new ExpressionError("DIVISION_BY_ZERO", `Cannot divide ${a} by zero`);
  return Math.trunc(a / b) + 0;
}

/** The sign is the dividend's. */
function modulo(a: number, b: number): number {
  if (b === 0) throw new ExpressionError("DIVISION_BY_ZERO", `Cannot take ${a} modulo zero`);
  return (a % b) + 0;
}

/**
 * Deep equality. NaN differs from itself, 0 equals -0. The same object is looked into all the same:
 * there may be a NaN inside.
 */
function equals(a: unknown, b: unknown): boolean {
  if (!isObject(a)) return a === b;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, n) => equals(item, b[n]));
  }
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, n) => byte === b[n]);
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, value] of a) if (!b.has(key) || !equals(value, b.get(key))) return false;
    return true;
  }
  if (!isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equals(a[name], b[name]))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object";
}

/** Order by code points; `<` on strings goes by UTF-16 units, which differs beyond the BMP. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let n = 0; n < length; n++) {
    const left = a.charCodeAt(n);
    const right = b.charCodeAt(n);
    if (left === right) continue;
    const leftHigh = left >= 0xd800 && left <= 0xdfff;
    const rightHigh = right >= 0xd800 && right <= 0xdfff;
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let n = 0; n < length; n++) if (a[n] !== b[n]) return a[n]! - b[n]!;
  return a.length - b.length;
}

const compareBool = (a: boolean, b: boolean): number => Number(a) - Number(b);

function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

const concatList = (a: readonly unknown[], b: readonly unknown[]): unknown[] => [...a, ...b];
const inList = (item: unknown, list: readonly unknown[]): boolean =>
  list.some((other) => equals(item, other));
const inMap = (key: string, map: ReadonlyMap<string, unknown>): boolean => map.has(key);

function at(list: readonly unknown[], index: number): unknown {
  if (index < 0 || index >= list.length) {
    throw new ExpressionError(
      "INDEX_OUT_OF_BOUNDS",
      `Cannot take element ${index} of a list of ${list.length}`,
    );
  }
  return list[index];
}

function get(map: ReadonlyMap<string, unknown>, key: string): unknown {
  const value = map.get(key);
  if (value === undefined) {
    throw new ExpressionError("NO_SUCH_KEY", `Cannot find key ${JSON.stringify(key)}`);
  }
  return value;
}

/** A field of a record that is at hand as an object. */
function field(record: unknown, name: string): unknown {
  if (!isObject(record)) {
    throw new ExpressionError("NULL_VALUE", `Cannot read ${name} of ${String(record)}`);
  }
  return Object.hasOwn(record, name) ? record[name] : null;
}

function map(entries: readonly (readonly [string, unknown])[]): Map<string, unknown> {
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

/**
 * CEL's `&&` (`decisive` false) and `||` (true): one decisive side is enough, even beside an error.
 * Only failures of expressions are absorbed, never a fault of the program around them.
 */
function absorb(left: () => boolean, right: () => boolean, decisive: boolean): boolean {
  let failure: ExpressionError | undefined;
  try {
    if (left() === decisive) return decisive;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    failure = error;
  }
  if (right() === decisive) return decisive;
  if (failure !== undefined) throw failure;
  return !decisive;
}

/** In code points. */
function sizeText(text: string): number {
  let size = 0;
  for (const _ of text) size++;
  return size;
}

const sizeList = (list: readonly unknown[]): number => list.length;
const sizeMap = (map: ReadonlyMap<string, unknown>): number => map.size;
const contains = (text: string, part: string): boolean => text.includes(part);
const startsWith = (text: string, part: string): boolean => text.startsWith(part);
const endsWith = (text: string, part: string): boolean => text.endsWith(part);
const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase());
const upperAscii = (text: string): string => text.replace(/[a-z]/g, (c) => c.toUpperCase());

const toText = (value: unknown): string => String(value);

/**
 * The shortest text that reads as the same double, in JavaScript's form: CEL leaves the form open, and
 * its implementations differ in where exponents begin.
 */
const doubleToText = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

function bytesToText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ExpressionError("BAD_CONVERSION", "Cannot convert bytes to string: not UTF-8");
  }
}

function doubleToInt(value: number): number {
  const result = Math.trunc(value);
  if (!Number.isSafeInteger(result)) {
    throw new ExpressionError("BAD_CONVERSION", `Cannot convert ${value} to int`);
  }
  return result + 0;
}

function textToInt(text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new ExpressionError("BAD_CONVERSION", `Cannot convert ${JSON.stringify(text)} to int`);
  }
  return value + 0;
}

function textToDouble(text: string): number {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  }
  if (text === "NaN") return Number.NaN;
  const infinite = /^([+-]?)(Inf|Infinity)$/.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  throw new ExpressionError("BAD_CONVERSION", `Cannot convert ${JSON.stringify(text)} to double`);
}

function untypedField(value: unknown, name: string): unknown {
  if (!isObject(value) || Array.isArray(value)) {
    const message = `Cannot read ${name} of ${describeUntyped(value)}`;
    throw new ExpressionError("BAD_CONVERSION", message);
  }
  return Object.hasOwn(value, name) ? value[name] : null;
}

function untypedItem(value: unknown, index: number): unknown {
  if (Array.isArray(value)) return at(value, index);
  const message = `Cannot take element ${index} of ${describeUntyped(value)}`;
  throw new ExpressionError("BAD_CONVERSION", message);
}

function untypedToInt(value: unknown): number {
  if (typeof value === "number") return doubleToInt(value);
  return typeof value === "string" ? textToInt(value) : notConverted(value, "int");
}

function untypedToDouble(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" ? textToDouble(value) : notConverted(value, "double");
}

function untypedToText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return doubleToText(value);
  return typeof value === "boolean" ? String(value) : notConverted(value, "string");
}

function untypedToBool(value: unknown): boolean {
  return typeof value === "boolean" ? value : notConverted(value, "bool");
}

function notConverted(value: unknown, type: string): never {
  const message = `Cannot convert ${describeUntyped(value)} to ${type}`;
  throw new ExpressionError("BAD_CONVERSION", message);
}

function describeUntyped(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
}

const same = (value: unknown): unknown => value;

/** Never handed to an expression: reached only by names that the generator writes. */
export const expressionLibrary = Object.freeze({
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equals,
  compareText,
  compareBytes,
  compareBool,
  concatBytes,
  concatList,
  inList,
  inMap,
  at,
  get,
  field,
  map,
  absorb,
  sizeText,
  sizeList,
  sizeMap,
  contains,
  startsWith,
  endsWith,
  lowerAscii,
  upperAscii,
  toText,
  doubleToText,
  bytesToText,
  doubleToInt,
  textToInt,
  textToDouble,
  untypedField,
  untypedItem,
  untypedToInt,
  untypedToDouble,
  untypedToText,
  untypedToBool,
  same,
});

export type LibraryName = keyof typeof expressionLibrary;

/** Those that an expression can call and that can fail. */
export const FALLIBLE: ReadonlySet<string> = new Set<LibraryName>([
  "bytesToText",
  "doubleToInt",
  "textToInt",
  "textToDouble",
  "untypedField",
  "untypedItem",
  "untypedToInt",
  "untypedToDouble",
  "untypedToText",
  "untypedToBool",
]);
