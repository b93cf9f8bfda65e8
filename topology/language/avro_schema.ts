/**
 * Reads an Avro schema (JSON) into the model of `avro.ts`, strictly: whatever another Avro library
 * would trip over later is refused here, with its place.
 *
 * Names are resolved to full names, references to the type they mean: a record that contains itself
 * is a cycle of objects. As in Java a type must be defined before it is referred to, and a name
 * without a namespace that is not found in the enclosing namespace is looked up without one.
 * Attributes that Avro does not define are ignored, as its specification demands.
 *
 * @module
 */

import type {
  AvroEnum,
  AvroField,
  AvroFixed,
  AvroPrimitive,
  AvroPrimitiveName,
  AvroRecord,
  AvroType,
  AvroUnion,
} from "./avro.ts";
import { wrongDefault } from "./avro_default.ts";
import { findJsonFault } from "./json_fault.ts";

/** A schema that is not valid; the message begins with the place when there is one. */
export class AvroSchemaError extends Error {
  override readonly name = "AvroSchemaError";
  /** Where in the schema: `fields[3].type`; empty for the schema itself. */
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    const message = path === "" ? reason : `${path}: ${reason}`;
    super(message, cause === undefined ? undefined : { cause });
    this.path = path;
  }
}

/** Schemas nested deeper than this are refused, so that every walk over a schema is bounded. */
const MAX_DEPTH = 64;

const PRIMITIVES: ReadonlySet<string> = new Set<AvroPrimitiveName>([
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
]);

type Attributes = Readonly<Record<string, unknown>>;
type Named = AvroRecord | AvroEnum | AvroFixed;

/**
 * Reads a schema.
 *
 * @param json A parsed schema, or its text (a text begins with `{`, `[` or `"`, which no type name does).
 * @throws {AvroSchemaError}
 */
export function parseAvroSchema(json: unknown): AvroType {
  const parser = new Parser();
  const type = parser.type(isText(json) ? parseText(json) : json, "", "", 0);
  parser.checkDefaults();
  return type;
}

function isText(json: unknown): json is string {
  return typeof json === "string" && /^[\s\uFEFF]*[{["]/.test(json);
}

function parseText(text: string): unknown {
  const json = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(json);
  } catch (error) {
    const fault = findJsonFault(json);
    const where = fault === undefined ? "" : ` in line ${fault.line}, column ${fault.column}`;
    const why = fault?.reason ?? String(error);
    throw new AvroSchemaError("", `the schema is not JSON${where}: ${why}`, error);
  }
}

class Parser {
  readonly #named = new Map<string, Named>();
  /** Defaults may be of types that are not complete yet: they are checked when all are. */
  readonly #defaults: { field: AvroField; path: string }[] = [];

  type(json: unknown, path: string, namespace: string, depth: number): AvroType {
    if (depth > MAX_DEPTH) fail(path, `types are nested deeper than ${MAX_DEPTH}`);
    if (typeof json === "string") return this.#byName(json, path, namespace);
    if (Array.isArray(json)) return this.#union(json, path, namespace, depth);
    if (!isObject(json)) fail(path, `expected a type, got ${show(json)}`);
    const { type } = json;
    switch (type) {
      case undefined:
        return fail(path, 'a type needs a "type"');
      case "record":
        return this.#record(json, path, namespace, depth);
      case "enum":
        return this.#enum(json, path, namespace);
      case "fixed":
        return this.#fixed(json, path, namespace);
      case "array":
        if (json["items"] === undefined) fail(path, 'an array needs "items"');
        return {
          kind: "array",
          items: this.type(json["items"], at(path, "items"), namespace, depth + 1),
        };
      case "map":
        if (json["values"] === undefined) fail(path, 'a map needs "values"');
        return {
          kind: "map",
          values: this.type(json["values"], at(path, "values"), namespace, depth + 1),
        };
    }
    if (typeof type === "string" && PRIMITIVES.has(type)) {
      return { kind: type as AvroPrimitiveName, ...logicalOf(json, path) } satisfies AvroPrimitive;
    }
    return this.type(type, at(path, "type"), namespace, depth + 1);
  }

  checkDefaults(): void {
    for (const { field, path } of this.#defaults) {
      const reason = wrongDefault(field.default, field.type);
      if (reason !== undefined) fail(path, `wrong default: ${reason}`);
    }
  }

  #byName(name: string, path: string, namespace: string): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name as AvroPrimitiveName };
    const found = this.#named.get(qualified(name, namespace)) ?? this.#named.get(name);
    if (found !== undefined) return found;
    const hint = /^(record|enum|fixed|array|map|union)$/.test(name)
      ? `"${name}" needs an object: { "type": "${name}", … }`
      : `unknown type ${show(name)} (a named type must be defined before it is used)`;
    return fail(path, hint);
  }

  #union(json: readonly unknown[], path: string, namespace: string, depth: number): AvroUnion {
    if (json.length === 0) fail(path, "a union needs at least one type");
    const seen = new Set<string>();
    const branches = json.map((branch, n) => {
      const place = `${path}[${n}]`;
      const type = this.type(branch, place, namespace, depth + 1);
      if (type.kind === "union") fail(place, "a union may not directly contain a union");
      const name = "name" in type ? type.name : type.kind;
      if (seen.has(name)) fail(place, `the union has ${name} twice`);
      seen.add(name);
      return type;
    });
    return { kind: "union", branches };
  }

  #record(json: Attributes, path: string, outer: string, depth: number): AvroRecord {
    const { name, namespace, aliases } = this.#names(json, path, outer);
    if (!Array.isArray(json["fields"])) fail(path, `record ${name} needs "fields", a list`);
    const fields: AvroField[] = [];
    const record: AvroRecord = { kind: "record", name, ...aliases, ...docOf(json), fields };
    this.#named.set(name, record);
    const seen = new Set<string>();
    for (const [n, field] of (json["fields"] as unknown[]).entries()) {
      const place = at(path, `fields[${n}]`);
      if (!isObject(field)) fail(place, `expected a field, got ${show(field)}`);
      const own = checkedName(field["name"], at(place, "name"), "field");
      if (own === "__proto__") {
        // Assigning it to an object changes the object's prototype: many readers lose the value.
        fail(at(place, "name"), 'a field may not be named "__proto__"');
      }
      if (seen.has(own)) fail(at(place, "name"), `record ${name} has two fields "${own}"`);
      seen.add(own);
      if (field["type"] === undefined) fail(place, `field "${own}" needs a "type"`);
      fields.push(this.#field(field, own, place, namespace, depth));
    }
    return record;
  }

  #field(json: Attributes, name: string, path: string, namespace: string, depth: number) {
    const hasDefault = Object.hasOwn(json, "default");
    const aliases = namesIn(json["aliases"], at(path, "aliases"), (alias, place) =>
      checkedName(alias, place, "alias"),
    );
    const field: AvroField = {
      name,
      type: this.type(json["type"], at(path, "type"), namespace, depth + 1),
      ...docOf(json),
      ...(aliases.length > 0 ? { aliases } : {}),
      ...(hasDefault ? { default: json["default"] } : {}),
      hasDefault,
    };
    if (hasDefault) this.#defaults.push({ field, path: at(path, "default") });
    return field;
  }

  #enum(json: Attributes, path: string, outer: string): AvroEnum {
    const { name, aliases } = this.#names(json, path, outer);
    const symbols = namesIn(json["symbols"], at(path, "symbols"), (symbol, place) =>
      checkedName(symbol, place, "symbol"),
    );
    if (symbols.length === 0) fail(path, `enum ${name} needs "symbols", a list with at least one`);
    const byDefault = json["default"];
    if (byDefault !== undefined && !symbols.includes(byDefault as string)) {
      fail(at(path, "default"), `${show(byDefault)} is not a symbol of enum ${name}`);
    }
    const type: AvroEnum = {
      kind: "enum",
      name,
      ...aliases,
      symbols,
      ...(byDefault === undefined ? {} : { default: byDefault as string }),
    };
    this.#named.set(name, type);
    return type;
  }

  #fixed(json: Attributes, path: string, outer: string): AvroFixed {
    const { name, aliases } = this.#names(json, path, outer);
    const size = json["size"];
    if (typeof size !== "number" || !Number.isInteger(size) || size < 0 || size > 0x7fffffff) {
      fail(at(path, "size"), `fixed ${name} needs "size", a number of bytes, got ${show(size)}`);
    }
    const type: AvroFixed = {
      kind: "fixed",
      name,
      ...aliases,
      sizeBytes: size as number,
      ...logicalOf(json, path),
    };
    this.#named.set(name, type);
    return type;
  }

  #names(json: Attributes, path: string, outer: string) {
    const kind = json["type"] as string;
    const written = json["name"];
    if (typeof written !== "string") fail(at(path, "name"), `${kind} needs a "name"`);
    for (const part of written.split(".")) checkedName(part, at(path, "name"), "type", written);
    const space = json["namespace"];
    if (space !== undefined && typeof space !== "string") {
      fail(at(path, "namespace"), `expected a name, got ${show(space)}`);
    }
    if (typeof space === "string" && space !== "") {
      for (const part of space.split(".")) {
        checkedName(part, at(path, "namespace"), "namespace", space);
      }
    }
    const name = qualified(written, typeof space === "string" ? space : outer);
    if (PRIMITIVES.has(name)) fail(at(path, "name"), `"${name}" is the name of a primitive type`);
    if (this.#named.has(name)) fail(at(path, "name"), `${name} is defined twice`);
    const namespace = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    const aliases = namesIn(json["aliases"], at(path, "aliases"), (alias, place) => {
      if (typeof alias !== "string") return fail(place, `expected a name, got ${show(alias)}`);
      for (const part of alias.split(".")) checkedName(part, place, "alias", alias);
      return qualified(alias, namespace);
    });
    return { name, namespace, aliases: aliases.length > 0 ? { aliases } : {} };
  }
}

function qualified(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

function checkedName(name: unknown, path: string, what: string, whole: unknown = name): string {
  if (typeof name !== "string") return fail(path, `a ${what} needs a name, got ${show(name)}`);
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  return fail(
    path,
    `${show(whole)} cannot be the name of a ${what}: Avro allows the letters A–Z and a–z, digits and _, ` +
      'and no digit at the start; other text can stand in "doc"',
  );
}

function namesIn(
  json: unknown,
  path: string,
  check: (name: unknown, path: string) => string,
): string[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) return fail(path, `expected a list of names, got ${show(json)}`);
  const names = new Set<string>();
  for (const [n, entry] of json.entries()) {
    const name = check(entry, `${path}[${n}]`);
    if (names.has(name)) fail(`${path}[${n}]`, `"${name}" stands there twice`);
    names.add(name);
  }
  return [...names];
}

function logicalOf(json: Attributes, path: string) {
  const { logicalType, precision, scale } = json;
  if (logicalType === undefined) return {};
  if (typeof logicalType !== "string") {
    return fail(at(path, "logicalType"), `expected a name, got ${show(logicalType)}`);
  }
  return {
    logicalType,
    ...(typeof precision === "number" ? { precision } : {}),
    ...(typeof scale === "number" ? { scale } : {}),
  };
}

function docOf(json: Attributes) {
  return typeof json["doc"] === "string" ? { doc: json["doc"] } : {};
}

function at(path: string, attribute: string): string {
  return path === "" ? attribute : `${path}.${attribute}`;
}

function isObject(json: unknown): json is Attributes {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function show(json: unknown): string {
  const text = JSON.stringify(json) ?? String(json);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function fail(path: string, reason: string): never {
  throw new AvroSchemaError(path, reason);
}
