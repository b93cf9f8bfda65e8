/**
 * What is meant by a name that an expression does not know.
 *
 * @module
 */

import { suggest } from "../suggest.ts";
import type { ExpressionType, Scope } from "./tree.ts";

/** What other tools call them. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ...["this", "self", "it", "record", "row", "message", "msg", "event", "payload", "data"].map(
    (name) => [name, "value"] as const,
  ),
  ...["timestamp", "time", "ts", "rowtime"].map((name) => [name, "eventTime"] as const),
]);

/** Types are looked through for symbols this deep. */
const MAX_DEPTH = 3;

/** @param isWhole Nothing else stands in the expression. */
export function unknownNameHint(name: string, scope: Scope, isWhole: boolean): string {
  const value = scope.get("value");
  if (value?.kind === "record" && value.fields.some((field) => field.name === name)) {
    return `did you mean value.${name}?`;
  }
  const close = suggest(name, [...scope.keys()]) ?? OTHER_NAMES.get(name.toLowerCase());
  if (close !== undefined && scope.has(close)) return `did you mean ${close}?`;
  if (isWhole) return `text is quoted twice: "'${name}'"`;
  if (value !== undefined && hasSymbol(value, name, 0)) return `did you mean '${name}'?`;
  if (name === "window")
    return "there is a window behind a windowedReduce, and where keys are windowed";
  return `there is ${[...scope.keys()].join(", ")}; text is written in 'single quotes'`;
}

function hasSymbol(type: ExpressionType, name: string, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  switch (type.kind) {
    case "enum":
      return type.symbols.includes(name);
    case "nullable":
      return hasSymbol(type.type, name, depth);
    case "record":
      return type.fields.some((field) => hasSymbol(field.type, name, depth + 1));
    default:
      return false;
  }
}
