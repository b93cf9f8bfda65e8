/**
 * Expression types: names for messages, equality, null.
 *
 * @module
 */

import type { ExpressionType } from "./tree.ts";

export const INT: ExpressionType = { kind: "int" };
export const DOUBLE: ExpressionType = { kind: "double" };
export const STRING: ExpressionType = { kind: "string" };
export const BOOL: ExpressionType = { kind: "bool" };
export const BYTES: ExpressionType = { kind: "bytes" };
export const NULL: ExpressionType = { kind: "null" };
export const DYN: ExpressionType = { kind: "dyn" };

/** As users know it: `list(string)`, `record Order`, `string or null`. */
export function describeType(type: ExpressionType): string {
  switch (type.kind) {
    case "enum":
      return `enum ${shortName(type.name)}`;
    case "list":
      return `list(${describeType(type.element)})`;
    case "map":
      return `map(string, ${describeType(type.value)})`;
    case "record":
      return `record ${shortName(type.name)}`;
    case "nullable":
      return `${describeType(type.type)} or null`;
    case "dyn":
      return "untyped json";
    case "decimal":
      return `decimal(${type.precision}, ${type.scale})`;
    default:
      return type.kind;
  }
}

/** Of a full name, without its namespace. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Record names do not matter: a record is its fields, in their order. */
export function sameType(left: ExpressionType, right: ExpressionType): boolean {
  switch (left.kind) {
    case "enum":
      return right.kind === "enum" && sameNames(left.symbols, right.symbols);
    case "list":
      return right.kind === "list" && sameType(left.element, right.element);
    case "map":
      return right.kind === "map" && sameType(left.value, right.value);
    case "nullable":
      return right.kind === "nullable" && sameType(left.type, right.type);
    case "decimal":
      return (
        right.kind === "decimal" && left.precision === right.precision && left.scale === right.scale
      );
    case "record":
      return (
        right.kind === "record" &&
        left.fields.length === right.fields.length &&
        left.fields.every((field, n) => {
          const other = right.fields[n]!;
          return field.name === other.name && sameType(field.type, other.type);
        })
      );
    default:
      return left.kind === right.kind;
  }
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, n) => name === right[n]);
}

/** An enum's values are strings. */
export function isText(type: ExpressionType): boolean {
  return type.kind === "string" || type.kind === "enum";
}

/** Is a value compared with `===`: a number, a text, a bool, null? */
export function isPlain(type: ExpressionType): boolean {
  switch (type.kind) {
    case "int":
    case "double":
    case "string":
    case "enum":
    case "bool":
    case "null":
      return true;
    case "nullable":
      return isPlain(type.type);
    default:
      return false;
  }
}

/** Is it a decimal, or is one in it? */
export function holdsDecimal(type: ExpressionType): boolean {
  switch (type.kind) {
    case "decimal":
      return true;
    case "nullable":
      return holdsDecimal(type.type);
    case "list":
      return holdsDecimal(type.element);
    case "map":
      return holdsDecimal(type.value);
    case "record":
      return type.fields.some((field) => holdsDecimal(field.type));
    default:
      return false;
  }
}

/** Why a type, or what is inside it, cannot be used; undefined when all of it can. */
export function whyUnsupported(type: ExpressionType): string | undefined {
  switch (type.kind) {
    case "unsupported":
      return type.reason;
    case "nullable":
      return whyUnsupported(type.type);
    case "list":
      return whyUnsupported(type.element);
    case "map":
      return whyUnsupported(type.value);
    case "record":
      for (const field of type.fields) {
        const why = whyUnsupported(field.type);
        if (why !== undefined) return why;
      }
      return undefined;
    default:
      return undefined;
  }
}

/** True when a part of what a type holds has no type of its own. A value that is all untyped does not count. */
export function holdsUntyped(type: ExpressionType): boolean {
  const isUntyped = (part: ExpressionType) => part.kind === "dyn" || holdsUntyped(part);
  switch (type.kind) {
    case "nullable":
      return isUntyped(type.type);
    case "list":
      return isUntyped(type.element);
    case "map":
      return isUntyped(type.value);
    case "record":
      return type.fields.some((field) => isUntyped(field.type));
    default:
      return false;
  }
}

/** One type for both, or undefined: equal ones, two texts, null beside anything. */
export function commonType(
  left: ExpressionType,
  right: ExpressionType,
): ExpressionType | undefined {
  if (sameType(left, right)) return left;
  // Null is among what JSON can say.
  if (left.kind === "dyn" && right.kind === "null") return left;
  if (right.kind === "dyn" && left.kind === "null") return right;
  if (isText(left) && isText(right)) return STRING;
  if (left.kind === "null")
    return right.kind === "nullable" ? right : { kind: "nullable", type: right };
  if (right.kind === "null") return commonType(right, left);
  if (left.kind === "nullable" || right.kind === "nullable") {
    const inner = commonType(
      left.kind === "nullable" ? left.type : left,
      right.kind === "nullable" ? right.type : right,
    );
    return inner === undefined ? undefined : { kind: "nullable", type: inner };
  }
  if (left.kind === "list" && right.kind === "list") {
    const element = commonType(left.element, right.element);
    return element === undefined ? undefined : { kind: "list", element };
  }
  if (left.kind === "map" && right.kind === "map") {
    const value = commonType(left.value, right.value);
    return value === undefined ? undefined : { kind: "map", value };
  }
  return undefined;
}
