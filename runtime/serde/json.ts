/**
 * Values as people write them in test data and `.jsonl` files, and back. Bytes are base64 text, maps
 * are objects; a value of a union is written plainly, the first type that takes it counts.
 *
 * @module
 */

import type { AvroType, Format } from "../../topology/language/mod.ts";
import { defaultValue } from "./avro/default_value.ts";
import { failure, Malformed, within } from "./avro/malformed.ts";

/**
 * A JSON value as a value for the encoder. Fields that are missing take their default, fields that
 * the schema does not have are refused. `Uint8Array`s and `Map`s are taken as they are.
 *
 * @param root Name of the value in messages.
 * @throws {MillraceError} UNENCODABLE, naming the field
 */
export function fromJson(json: unknown, type: AvroType, root = "value"): unknown {
  try {
    return new Conversion("UNENCODABLE").convert(json, type);
  } catch (error) {
    throw failure(error, "take", root, "UNENCODABLE");
  }
}

/**
 * A value of JSON text as a value of a schema. As where Avro is read, a field that is missing takes
 * its default and one that the schema does not have is left out.
 *
 * @throws {MillraceError} UNDECODABLE, LONG_UNSAFE, naming the field
 */
export function readJson(json: unknown, type: AvroType, root = "value"): unknown {
  try {
    return new Conversion("UNDECODABLE").convert(json, type);
  } catch (error) {
    throw failure(error, "decode", root, "UNDECODABLE");
  }
}

/** The same for any format: only values of a schema and bytes differ from their JSON form. */
export function fromJsonFor(json: unknown, format: Format, root = "value"): unknown {
  if ("schema" in format && format.schema !== undefined) {
    return fromJson(json, format.schema, root);
  }
  return format.kind === "bytes" ? fromJson(json, { kind: "bytes" }, root) : json;
}

/**
 * A decoded value as JSON has it: a `Map` becomes an object without a prototype, bytes base64 text.
 * Numbers stay numbers, also those that `JSON.stringify` cannot write (NaN, infinities).
 */
export function toJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return base64Of(value);
  if (Array.isArray(value)) return value.map(toJson);
  const entries = value instanceof Map ? (value as Map<string, unknown>) : Object.entries(value);
  const object = Object.create(null) as Record<string, unknown>;
  for (const [name, entry] of entries) object[name] = toJson(entry);
  return object;
}

/** @see fromJson, readJson: they differ in what a fault is called and in fields too many. */
class Conversion {
  readonly #code: "UNENCODABLE" | "UNDECODABLE";

  constructor(code: "UNENCODABLE" | "UNDECODABLE") {
    this.#code = code;
  }

  convert(json: unknown, type: AvroType): unknown {
    switch (type.kind) {
      case "null":
        if (json !== null) throw this.#unfit("null", json);
        return null;
      case "boolean":
        if (typeof json !== "boolean") throw this.#unfit("true or false", json);
        return json;
      case "int":
        if (typeof json !== "number" || (json | 0) !== json) {
          throw this.#unfit("a whole number of 32 bits", json);
        }
        return json;
      case "long":
        if (Number.isSafeInteger(json)) return json;
        throw new Malformed(
          `expected a whole number within ±(2^53−1), got ${shown(json)}`,
          Number.isInteger(json) && this.#code === "UNDECODABLE" ? "LONG_UNSAFE" : this.#code,
        );
      case "float":
      case "double":
        if (typeof json !== "number") throw this.#unfit("a number", json);
        return json;
      case "string":
        if (typeof json !== "string") throw this.#unfit("a string", json);
        return json;
      case "enum":
        if (!type.symbols.includes(json as string)) {
          throw this.#unfit(`one of ${type.symbols.join(", ")}`, json);
        }
        return json;
      case "bytes":
        return this.#bytes(json);
      case "fixed": {
        const bytes = this.#bytes(json);
        if (bytes.length !== type.sizeBytes) throw this.#unfit(`${type.sizeBytes} bytes`, json);
        return bytes;
      }
      case "array":
        if (!Array.isArray(json)) throw this.#unfit("a list", json);
        return json.map((item, n) => inside(`[${n}]`, () => this.convert(item, type.items)));
      case "map": {
        if (!(json instanceof Map) && !isObject(json)) throw this.#unfit("an object", json);
        const entries: Iterable<[unknown, unknown]> =
          json instanceof Map ? json : Object.entries(json);
        return new Map(
          [...entries].map(([key, value]) => [
            key,
            inside(`[${JSON.stringify(key)}]`, () => this.convert(value, type.values)),
          ]),
        );
      }
      case "record": {
        if (!isObject(json)) throw this.#unfit(`an object (record ${type.name})`, json);
        const isReading = this.#code === "UNDECODABLE";
        for (const name of Object.keys(json)) {
          if (isReading || type.fields.some((field) => field.name === name)) continue;
          const names = type.fields.map((field) => field.name).join(", ");
          throw new Malformed(
            `record ${type.name} has no field ${JSON.stringify(name)}, but ${names || "none"}`,
            this.#code,
          );
        }
        const record: Record<string, unknown> = {};
        for (const field of type.fields) {
          record[field.name] = inside(`.${field.name}`, () => {
            if (Object.hasOwn(json, field.name)) return this.convert(json[field.name], field.type);
            if (field.hasDefault) return defaultValue(field.default, field.type);
            throw new Malformed("it is missing and has no default", this.#code);
          });
        }
        return record;
      }
      case "union": {
        const faults: Malformed[] = [];
        for (const branch of type.branches) {
          try {
            return this.convert(json, branch);
          } catch (error) {
            if (!(error instanceof Malformed)) throw error;
            faults.push(error);
          }
        }
        // With one type beside null, what is wrong with it says more than that nothing fits.
        const others = faults.filter((_, n) => type.branches[n]!.kind !== "null");
        if (others.length === 1 && json !== null) throw others[0];
        const names = type.branches.map((branch) => ("name" in branch ? branch.name : branch.kind));
        throw this.#unfit(`a value of ${names.join(" or ")}`, json);
      }
    }
  }

  #bytes(json: unknown): Uint8Array {
    if (json instanceof Uint8Array) return json;
    const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
    if (typeof json !== "string" || !whole.test(json)) {
      throw this.#unfit("bytes as base64 text", json);
    }
    return Uint8Array.from(atob(json), (char) => char.charCodeAt(0));
  }

  #unfit(expected: string, json: unknown): Malformed {
    return new Malformed(`expected ${expected}, got ${shown(json)}`, this.#code);
  }
}

function inside<T>(step: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw within(error, step);
  }
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function shown(json: unknown): string {
  const text = JSON.stringify(json) ?? String(json);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
