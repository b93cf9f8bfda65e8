/**
 * The field specs as tables for readers, in Markdown.
 *
 * @module
 */

import { isBuilt } from "./json_schema.ts";
import { OBJECTS } from "./objects.ts";
import type { FieldSpec, FieldType, ObjectSpec } from "./types.ts";

const HEAD = `# Reference of the topology language

Every key of a definition, from the specs that \`check\` uses. Made by \`npm run generate\`; the README tells
what it is about.

An **expression** is CEL text, a number or a boolean; text inside one stands in single quotes. **Made** is an
expression, or a map of expressions, nested like the record that is made. A **duration** is a whole number with
a unit (\`400ms\`, \`1s\`, \`5m\`, \`1h\`, \`7d\`), an **instant** a duration since 1970 or ISO 8601 with an offset.
A **text** is one text, or one per language: \`{ zh: 购物人数, en: Shoppers }\`. A **name** is made of \`a-z\`, \`0-9\` and \`_\`
and begins with a letter.`;

/** A heading and a table for each object, the definition first. */
export function formatReference(): string {
  const sections = [...OBJECTS].filter(([name]) => isReached(name)).map(section);
  return `${[HEAD, ...sections].join("\n\n")}\n`;
}

function section([name, spec]: readonly [string, ObjectSpec]): string {
  const { doc, exactlyOne, fields } = spec;
  const built = Object.entries(fields).filter(([, { type }]) => isBuilt(type));
  const keys = (exactlyOne ?? []).filter((key) => built.some(([other]) => other === key));
  const rule = keys.length === 0 ? "" : ` Exactly one of ${keys.map(code).join(", ")}.`;
  return [
    `## ${name}`,
    "",
    `${doc}${rule}`,
    "",
    "| key | value | default | what it is | example |",
    "|---|---|---|---|---|",
    ...built.map(([key, field]) => row(key, field, keys)),
  ].join("\n");
}

function row(key: string, field: FieldSpec, alternatives: readonly string[]): string {
  const { type, unit, required, default: preset, doc, beside, example } = field;
  const value = showType(type) + (unit === undefined ? "" : `, ${unit}`);
  const missing = required || beside?.some((other) => field.requiredBeside?.includes(other));
  const absent = preset ?? (missing ? "required" : alternatives.includes(key) ? "" : "none");
  const where = beside === undefined ? "" : ` Beside ${beside.map(code).join(" or ")}.`;
  const cells = [code(key), value, absent, doc + where, code(example)];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function showType(type: FieldType): string {
  switch (type.kind) {
    case "literal":
      return type.values.map((value) => code(String(value))).join(", ");
    case "duration":
      return [...(type.words ?? []).map(code), "duration"].join(", ");
    case "integer":
      return type.maximum === Number.MAX_SAFE_INTEGER
        ? `integer, ${type.minimum} or more`
        : `integer, ${type.minimum} to ${type.maximum}`;
    case "list":
      return `list of ${type.length ?? ""} ${showType(type.of)}`.replace("  ", " ");
    case "oneOrMany":
      return `${showType(type.of)}, or a list of them`;
    case "fields":
      return `map of ${showType(type.of)}`;
    case "object":
      return `[${type.name}](#${type.name.toLowerCase()})`;
    case "union":
      return type.of.filter(isBuilt).map(showType).join(", ");
    case "data":
      return "what the type takes";
    case "notBuilt":
      throw new TypeError(`Cannot describe what is not built: ${type.what}`);
    default:
      return type.kind;
  }
}

/** Whether it can be written today: roots, and what stands in them. */
function isReached(name: string): boolean {
  const reached = new Set(["Topology", "TestFile"]);
  // A set that grows is walked to its end.
  for (const object of reached) {
    for (const { type } of Object.values(OBJECTS.get(object)!.fields)) {
      for (const inside of objectsIn(type)) reached.add(inside);
    }
  }
  return reached.has(name);
}

function objectsIn(type: FieldType): readonly string[] {
  switch (type.kind) {
    case "object":
      return [type.name];
    case "list":
    case "oneOrMany":
    case "fields":
      return objectsIn(type.of);
    case "union":
      return type.of.flatMap(objectsIn);
    default:
      return [];
  }
}

function code(text: string): string {
  return `\`${text}\``;
}
