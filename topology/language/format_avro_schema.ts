/**
 * Avro schemas as JSON again, and when two of them are the same.
 *
 * @module
 */

import type { AvroType } from "./avro.ts";

/**
 * The schema as JSON: each named type is defined where it first stands and referred to afterwards.
 * `parseAvroSchema` makes the same type of it.
 */
export function formatAvroSchema(type: AvroType): unknown {
  return format(type, "", new Set());
}

function format(type: AvroType, outer: string, defined: Set<string>): unknown {
  switch (type.kind) {
    case "array":
      return { type: "array", items: format(type.items, outer, defined) };
    case "map":
      return { type: "map", values: format(type.values, outer, defined) };
    case "union":
      return type.branches.map((branch) => format(branch, outer, defined));
    case "record":
    case "enum":
    case "fixed": {
      const dot = type.name.lastIndexOf(".");
      const namespace = type.name.slice(0, Math.max(0, dot));
      if (defined.has(type.name)) return namespace === outer ? type.name.slice(dot + 1) : type.name;
      defined.add(type.name);
      const head = {
        type: type.kind,
        name: type.name.slice(dot + 1),
        ...(namespace === outer ? {} : { namespace }),
        ...(type.aliases === undefined ? {} : { aliases: type.aliases }),
      };
      switch (type.kind) {
        case "fixed":
          return { ...head, size: type.sizeBytes, ...logicalOf(type) };
        case "enum":
          return {
            ...head,
            symbols: type.symbols,
            ...(type.default === undefined ? {} : { default: type.default }),
          };
        case "record":
          return {
            ...head,
            ...(type.doc === undefined ? {} : { doc: type.doc }),
            fields: type.fields.map((field) => ({
              name: field.name,
              type: format(field.type, namespace, defined),
              ...(field.doc === undefined ? {} : { doc: field.doc }),
              ...(field.aliases === undefined ? {} : { aliases: field.aliases }),
              ...(field.hasDefault ? { default: field.default } : {}),
            })),
          };
      }
      break;
    }
    default:
      return type.logicalType === undefined ? type.kind : { type: type.kind, ...logicalOf(type) };
  }
}

interface Logical {
  readonly logicalType?: string;
  readonly precision?: number;
  readonly scale?: number;
}

function logicalOf({ logicalType, precision, scale }: Logical): Logical {
  return {
    ...(logicalType === undefined ? {} : { logicalType }),
    ...(precision === undefined ? {} : { precision }),
    ...(scale === undefined ? {} : { scale }),
  };
}

/**
 * True when two schemas read and write the same bytes and resolve alike: everything counts but docs.
 */
export function sameAvroType(a: AvroType, b: AvroType): boolean {
  return same(a, b, new Map());
}

/** @param assumed pairs of records that are being compared further up: taken for equal */
function same(a: AvroType, b: AvroType, assumed: Map<AvroType, Set<AvroType>>): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === "array") return same(a.items, (b as typeof a).items, assumed);
  if (a.kind === "map") return same(a.values, (b as typeof a).values, assumed);
  if (a.kind === "union") {
    const { branches } = b as typeof a;
    return (
      a.branches.length === branches.length &&
      a.branches.every((branch, n) => same(branch, branches[n]!, assumed))
    );
  }
  if (a.kind === "record") {
    const other = b as typeof a;
    const known = assumed.get(a) ?? new Set();
    if (known.has(other)) return true;
    assumed.set(a, known.add(other));
    return (
      a.name === other.name &&
      equal(a.aliases, other.aliases) &&
      a.fields.length === other.fields.length &&
      a.fields.every((field, n) => {
        const { name, aliases, hasDefault, default: value, type } = other.fields[n]!;
        return (
          field.name === name &&
          field.hasDefault === hasDefault &&
          equal(field.aliases, aliases) &&
          equal(field.default, value) &&
          same(field.type, type, assumed)
        );
      })
    );
  }
  return equal(a, b);
}

/** Equality of JSON values. */
function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) =>
        Object.hasOwn(b, name) &&
        equal((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
    )
  );
}
