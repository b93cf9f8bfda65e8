/**
 * Types of expressions: shown, compared, renamed.
 *
 * @module
 */

import type { ExpressionType } from "../expression/mod.ts";

/** `list(int)`, `string?`, `record Customer` */
export function showType(type: ExpressionType): string {
  switch (type.kind) {
    case "nullable":
      return `${showType(type.type)} or null`;
    case "list":
      return `list(${showType(type.element)})`;
    case "map":
      return `map(string, ${showType(type.value)})`;
    case "enum":
      return `enum ${shortName(type.name)}`;
    case "record":
      return `record ${shortName(type.name)}`;
    case "dyn":
      return "untyped json";
    default:
      return type.kind;
  }
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

export function nullable(type: ExpressionType): ExpressionType {
  return type.kind === "nullable" ? type : { kind: "nullable", type };
}

export function withoutNull(type: ExpressionType): ExpressionType {
  return type.kind === "nullable" ? type.type : type;
}

/**
 * Why a value of one type cannot stand where the other is written; undefined when it can. Record
 * names do not matter, field order does not matter, field names do.
 */
export function whyNotAssignable(
  from: ExpressionType,
  to: ExpressionType,
  where = "the value",
): string | undefined {
  if (to.kind === "nullable") {
    return from.kind === "null" ? undefined : whyNotAssignable(withoutNull(from), to.type, where);
  }
  const different = `${where} is ${showType(from)}, not ${showType(to)}`;
  switch (to.kind) {
    case "record": {
      if (from.kind !== "record") return different;
      const extra = from.fields.find(({ name }) => !to.fields.some((field) => field.name === name));
      if (extra !== undefined) return `${where} has a field "${extra.name}" too many`;
      for (const { name, type } of to.fields) {
        const field = from.fields.find((candidate) => candidate.name === name);
        if (field === undefined) return `${where} lacks the field "${name}"`;
        const inner = where === "the value" || where === "the key" ? name : `${where}.${name}`;
        const why = whyNotAssignable(field.type, type, inner);
        if (why !== undefined) return why;
      }
      return undefined;
    }
    case "list":
      if (from.kind !== "list") return different;
      return whyNotAssignable(from.element, to.element, `${where}[]`);
    case "map":
      if (from.kind !== "map") return different;
      return whyNotAssignable(from.value, to.value, `${where}[]`);
    case "enum": {
      if (from.kind !== "enum") return different;
      const unknown = from.symbols.find((symbol) => !to.symbols.includes(symbol));
      return unknown === undefined ? undefined : `${where} may be "${unknown}"`;
    }
    case "dyn":
      return undefined;
    case "string":
      return from.kind === "string" || from.kind === "enum" ? undefined : different;
    default:
      return from.kind === to.kind ? undefined : different;
  }
}

/** The same in both directions. */
export function sameType(a: ExpressionType, b: ExpressionType): boolean {
  return whyNotAssignable(a, b) === undefined && whyNotAssignable(b, a) === undefined;
}

/** A made record under the name of the stream it is written to, and those made inside it. */
export function renameRecord(type: ExpressionType, from: string, to: string): ExpressionType {
  if (type.kind !== "record" || !type.name.startsWith(from)) return type;
  const name = to + type.name.slice(from.length);
  const fields = type.fields.map((field) => ({
    name: field.name,
    type: renameRecord(field.type, from, to),
  }));
  return { kind: "record", name, fields };
}

/** Why records cannot be keyed by it; undefined when they can. */
export function whyNotKey(type: ExpressionType): string | undefined {
  if (["list", "map", "null", "double", "dyn"].includes(type.kind)) {
    return `a key cannot be ${showType(type)}`;
  }
  return type.kind === "nullable" ? whyNotKey(type.type) : fieldWithoutType(type);
}

/** The field that is why, from the value down; empty when it is the value itself. */
export function fieldAtFault(type: ExpressionType): readonly string[] {
  if (type.kind !== "record") return [];
  for (const { name, type: inner } of type.fields) {
    if (inner.kind === "null" || inner.kind === "dyn") return [name];
    const path = fieldAtFault(inner);
    if (path.length > 0) return [name, ...path];
  }
  return [];
}

/** Why it cannot be what a stage makes; undefined when it can. */
export function whyNotValue(type: ExpressionType): string | undefined {
  if (type.kind === "null" || type.kind === "nullable") {
    return `a value cannot be null, this is ${showType(type)}: filter it first`;
  }
  return fieldWithoutType(type);
}

function fieldWithoutType(type: ExpressionType): string | undefined {
  if (type.kind !== "record") return undefined;
  for (const field of type.fields) {
    if (field.type.kind === "null") return `"${field.name}" is always null, which has no type`;
    if (field.type.kind === "dyn") {
      return `"${field.name}" is untyped json, which has no schema: convert it, as in int(value.n)`;
    }
    const inner = fieldWithoutType(field.type);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
