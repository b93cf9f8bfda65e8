/**
 * TypeScript declarations of the functions that a definition uses: what each is given and has to
 * return, at every place where it stands.
 *
 * @module
 */

import type { ExpressionType } from "./expression/mod.ts";
import type { FunctionPlace } from "./planning/mod.ts";

/** @param file the definition, for people */
export function formatFunctionTypes(file: string, places: readonly FunctionPlace[]): string {
  const names = [...new Set(places.map(({ fn }) => fn))];
  const members = names.map((fn) => {
    const used = places.filter((place) => place.fn === fn);
    const records = unique(used.map(formatRecord));
    if (used.every(({ stage }) => stage === "reduce")) {
      const results = unique(used.map(({ returns }) => formatType(returns)));
      return `  ${propertyName(fn)}: MillraceReducer<${records.join(" | ")}, ${results.join(" & ")}>;`;
    }
    const returned = unique(used.map(formatReturned));
    const result = returned.length === 1 ? returned[0]! : returned.map((r) => `(${r})`).join(" & ");
    return `  ${propertyName(fn)}: (record: ${records.join(" | ")}) => ${result};`;
  });
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return [
    `// Written by millrace from ${name}: do not edit.`,
    "",
    "/** A record as a function sees it. It must not be kept, and changing it changes nothing. */",
    "export interface MillraceRecord<K, V> {",
    "  readonly key: K;",
    "  readonly value: V;",
    "  readonly headers: Readonly<Record<string, string>>;",
    "  /** Where it was first read; of a result: empty, the task's partition, -1. */",
    "  readonly topic: string;",
    "  readonly partition: number;",
    "  readonly offset: number;",
    "  /** Unix epoch ms. */",
    "  readonly eventTime: number;",
    "}",
    "",
    "/** Of a result of a window: Unix epoch ms. */",
    "export interface MillraceWindow {",
    "  readonly window: { readonly start: number; readonly end: number };",
    "}",
    "",
    "/** Partial results are JSON; headers of the record are not there any more. */",
    "export interface MillraceReducer<T, R> {",
    "  lift(record: T): any;",
    "  combine(a: any, b: any): any;",
    "  inverse?(a: any, b: any): any;",
    "  /** Absent: the partial result is the result. */",
    "  lower?(a: any): R;",
    "  /** The order of the records matters; a combine or lift that gives null deletes the key. */",
    "  ordered?: true;",
    "}",
    "",
    "export interface Functions {",
    ...members,
    "}",
    "",
  ].join("\n");
}

function formatRecord({ key, value, hasWindow }: FunctionPlace): string {
  const record = `MillraceRecord<${formatType(key)}, ${formatType(value)}>`;
  return hasWindow ? `${record} & MillraceWindow` : record;
}

function formatReturned({ stage, returns }: FunctionPlace): string {
  const type = formatType(returns);
  return stage === "map" ? type : `Iterable<${type}>`;
}

/** Values as they are in memory: int and double are numbers, bytes a Uint8Array, enums their symbols. */
function formatType(type: ExpressionType): string {
  switch (type.kind) {
    case "int":
    case "double":
      return "number";
    case "string":
      return "string";
    case "bool":
      return "boolean";
    case "bytes":
    case "decimal":
      return "Uint8Array";
    case "null":
      return "null";
    case "enum":
      return type.symbols.map((symbol) => JSON.stringify(symbol)).join(" | ");
    case "list":
      return `readonly (${formatType(type.element)})[]`;
    case "map":
      return `{ readonly [name: string]: ${formatType(type.value)} }`;
    case "nullable":
      return `${formatType(type.type)} | null`;
    case "record": {
      const fields = type.fields.map(
        ({ name, type: field }) => `readonly ${propertyName(name)}: ${formatType(field)}`,
      );
      return `{ ${fields.join("; ")} }`;
    }
    default:
      return "unknown";
  }
}

function propertyName(name: string): string {
  return /^[a-zA-Z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
