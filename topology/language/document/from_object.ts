/**
 * The object form → the same tree that a file becomes.
 *
 * An object has no text, so one is written: a line for each key, `filter: value.n > 0`, with each
 * scalar as it is. Diagnostics quote these lines, and tell the place by its path.
 *
 * @module
 */

import { LIMITS } from "./limits.ts";
import {
  type DocumentNode,
  type MapEntry,
  type Path,
  type Range,
  type ScalarNode,
  showPath,
} from "./node.ts";
import { Report } from "./report.ts";

/** What is not plain data, with what to write instead. */
interface Refusal {
  readonly what: string;
  readonly hint?: string;
}

/** An object as a tree, and a report whose places are paths into it. */
export function documentFromObject(
  file: string,
  object: unknown,
): { readonly root: DocumentNode | undefined; readonly report: Report } {
  const writer = new Writer();
  const root = writer.value(object, [], 0);
  const report = new Report(file, writer.text, "object");
  report.root = root;
  for (const { code, path, message, hint } of writer.faults) {
    report.error(code, path, message, { hint });
  }
  return { root: writer.tooLarge ? undefined : root, report };
}

class Writer {
  text = "";
  /** Nothing of it is worth a look. */
  tooLarge = false;
  readonly faults: {
    readonly code: string;
    readonly path: Path;
    readonly message: string;
    readonly hint?: string | undefined;
  }[] = [];
  /** Objects between the root and here. */
  readonly #open = new Set<object>();
  #nodes = 0;

  value(value: unknown, path: Path, depth: number): DocumentNode {
    if (this.tooLarge) return this.#bad();
    if (depth > LIMITS.depth) {
      return this.#refuse("TOO_DEEP", path, `nested deeper than ${LIMITS.depth} levels`);
    }
    if (++this.#nodes > LIMITS.nodes || this.text.length > LIMITS.fileBytes) {
      this.tooLarge = true;
      const message = `more than ${LIMITS.nodes} values or ${LIMITS.fileBytes} characters in a definition`;
      return this.#refuse("FILE_TOO_LARGE", path, message);
    }
    if (value === null || typeof value === "string" || typeof value === "boolean") {
      return this.#scalar(value, path);
    }
    if (typeof value === "number" && Number.isFinite(value)) return this.#scalar(value, path);
    const refusal = refusalOf(value);
    if (refusal !== undefined || typeof value !== "object" || value === null) {
      return this.#notData(path, refusal ?? { what: `a ${typeof value}` });
    }
    if (this.#open.has(value)) {
      return this.#notData(path, { what: "an object that contains itself" });
    }
    this.#open.add(value);
    const node = Array.isArray(value)
      ? this.#list(value, path, depth)
      : this.#map(value, path, depth);
    this.#open.delete(value);
    return node;
  }

  #map(map: object, path: Path, depth: number): DocumentNode {
    const start = this.text.length;
    const entries = new Map<string, MapEntry>();
    for (const key of Reflect.ownKeys(map)) {
      if (typeof key === "symbol") {
        this.#notData(path, { what: `a key that is a symbol, ${String(key)}` });
        continue;
      }
      const property = Object.getOwnPropertyDescriptor(map, key);
      // What `undefined` stands under is left out, as JSON does.
      if (property === undefined || ("value" in property && property.value === undefined)) continue;
      if (entries.size >= LIMITS.mapKeys) {
        this.#fault("TOO_MANY_KEYS", path, `more than ${LIMITS.mapKeys} keys in one map`);
        break;
      }
      const range = this.#write(key);
      this.text += ": ";
      entries.set(key, { key: range, value: this.#property(property, [...path, key], depth) });
    }
    return { kind: "map", start, end: this.text.length, entries };
  }

  #list(list: readonly unknown[], path: Path, depth: number): DocumentNode {
    const start = this.text.length;
    const items: DocumentNode[] = [];
    // Not `map`, which skips holes and knows no end before the list's.
    for (let index = 0; index < list.length && !this.tooLarge; index++) {
      const property = Object.getOwnPropertyDescriptor(list, index);
      const here = [...path, index];
      this.text += "- ";
      items.push(this.#property(property ?? HOLE, here, depth));
    }
    return { kind: "list", start, end: this.text.length, items };
  }

  #property(property: PropertyDescriptor, path: Path, depth: number): DocumentNode {
    if ("value" in property) {
      const isScalar = typeof property.value !== "object" || property.value === null;
      if (!isScalar) this.text += "\n";
      return this.value(property.value, path, depth + 1);
    }
    const hint = "a definition is read once: put the value itself there";
    return this.#notData(path, { what: "a getter", hint });
  }

  #scalar(value: ScalarNode["value"], path: Path): DocumentNode {
    const text = String(value);
    const range = this.#write(text);
    this.text += "\n";
    if (typeof value === "string" && VARIABLE.test(value)) {
      const hint = "a module reads the environment itself: process.env";
      const message = "variables of the environment are expanded in YAML and JSON only";
      return this.#refuse("BAD_VALUE", path, message, hint);
    }
    return { kind: "scalar", ...range, value, style: "plain", text };
  }

  #notData(path: Path, { what, hint }: Refusal): DocumentNode {
    const where = path.length === 0 ? "the definition" : showPath(path);
    return this.#refuse("NOT_DATA", path, `${where} is ${what}, not plain data`, hint);
  }

  #refuse(code: string, path: Path, message: string, hint?: string): DocumentNode {
    this.#fault(code, path, message, hint);
    const bad = this.#bad();
    this.text += "…\n";
    return { ...bad, end: bad.start + 1 };
  }

  #fault(code: string, path: Path, message: string, hint?: string): void {
    // The report keeps no more of them either.
    if (this.faults.length < MAX_FAULTS) this.faults.push({ code, path, message, hint });
  }

  #bad(): DocumentNode {
    return { kind: "bad", start: this.text.length, end: this.text.length };
  }

  #write(text: string): Range {
    const start = this.text.length;
    this.text += text;
    return { start, end: this.text.length };
  }
}

const MAX_FAULTS = 200;

/** A list has nothing there. */
const HOLE: PropertyDescriptor = { value: undefined };

const VARIABLE = /\$\{[A-Za-z_][A-Za-z0-9_]{0,99}(?::-[^}]{0,99})?\}/;

/** Why a value is not plain data; undefined when it is. */
function refusalOf(value: unknown): Refusal | undefined {
  switch (typeof value) {
    case "function":
      return {
        what: "a function",
        hint: "an expression is text: 'value.n > 0'; functions stand in the module of `functions:`",
      };
    case "bigint":
      return { what: "a bigint", hint: `write the number, or beyond ±(2^53−1) '${value}'` };
    case "number":
      return { what: String(value) };
    case "undefined":
      return { what: "undefined" };
    case "object":
      return value === null ? undefined : refusalOfObject(value);
    default:
      return undefined;
  }
}

function refusalOfObject(value: object): Refusal | undefined {
  if (value instanceof Date) {
    return { what: "a Date", hint: "an instant is text: '2015-11-11T00:00:00+08:00'" };
  }
  if (value instanceof Promise) return { what: "a promise", hint: "await it before" };
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return undefined;
  const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
  // Objects of another realm: a module that was loaded on its own has an `Object` of its own there.
  if (name === "Object" && Object.getPrototypeOf(prototype) === null) {
    return Object.hasOwn(prototype as object, "hasOwnProperty") ? undefined : ODD_PROTOTYPE;
  }
  if (typeof name !== "string" || name === "Object") return ODD_PROTOTYPE;
  return { what: `an instance of ${name}`, hint: "write maps as { … } and lists as [ … ]" };
}

const ODD_PROTOTYPE: Refusal = {
  what: "an object with a prototype of its own",
  hint: '"__proto__: …" in an object sets the prototype; it is no key',
};
