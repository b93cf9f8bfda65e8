/**
 * Defaults of Avro fields: JSON values, checked against the field's type.
 *
 * @module
 */

import type { AvroType } from "./avro.ts";

/**
 * Why a JSON value cannot stand for a value of a type; undefined when it can. Bytes are strings of
 * the code points 0–255. A union takes a value of any of its types, as Avro 1.12 allows.
 */
export function wrongDefault(json: unknown, type: AvroType): string | undefined {
  const expected = (what: string) => `expected ${what}, got ${show(json)}`;
  switch (type.kind) {
    case "null":
      return json === null ? undefined : expected("null");
    case "boolean":
      return typeof json === "boolean" ? undefined : expected("true or false");
    case "int":
      return Number.isInteger(json) && (json as number) === ((json as number) | 0)
        ? undefined
        : expected("a whole number of 32 bits");
    case "long":
      // JSON.parse has rounded larger ones already.
      return Number.isSafeInteger(json) ? undefined : expected("a whole number within ±(2^53−1)");
    case "float":
    case "double":
      return typeof json === "number" ? undefined : expected("a number");
    case "string":
      return typeof json === "string" ? undefined : expected("a string");
    case "bytes":
      return isByteString(json) ? undefined : expected("a string of characters up to U+00FF");
    case "fixed":
      return isByteString(json) && json.length === type.sizeBytes
        ? undefined
        : expected(`a string of ${type.sizeBytes} characters up to U+00FF`);
    case "enum":
      return type.symbols.includes(json as string)
        ? undefined
        : expected(`one of ${type.symbols.join(", ")}`);
    case "array": {
      if (!Array.isArray(json)) return expected("a list");
      for (const [n, item] of json.entries()) {
        const reason = wrongDefault(item, type.items);
        if (reason !== undefined) return `[${n}]: ${reason}`;
      }
      return undefined;
    }
    case "map": {
      if (!isObject(json)) return expected("an object");
      for (const [key, value] of Object.entries(json)) {
        const reason = wrongDefault(value, type.values);
        if (reason !== undefined) return `${JSON.stringify(key)}: ${reason}`;
      }
      return undefined;
    }
    case "record": {
      if (!isObject(json)) return expected(`an object (record ${type.name})`);
      for (const field of type.fields) {
        if (!Object.hasOwn(json, field.name)) {
          if (field.hasDefault) continue;
          return `field "${field.name}" of ${type.name} is missing and has no default`;
        }
        const reason = wrongDefault(json[field.name], field.type);
        if (reason !== undefined) return `${field.name}: ${reason}`;
      }
      for (const name of Object.keys(json)) {
        if (!type.fields.some((field) => field.name === name)) {
          return `${type.name} has no field ${JSON.stringify(name)}`;
        }
      }
      return undefined;
    }
    case "union":
      return type.branches.some((branch) => wrongDefault(json, branch) === undefined)
        ? undefined
        : expected(`a value of ${type.branches.map(nameOf).join(" or ")}`);
  }
}

function nameOf(type: AvroType): string {
  return "name" in type ? type.name : type.kind;
}

function isByteString(json: unknown): json is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters stand for bytes
  return typeof json === "string" && /^[\u0000-\u00ff]*$/.test(json);
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function show(json: unknown): string {
  const text = JSON.stringify(json) ?? String(json);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
