/** The field specs as statements about the types of the object form, for the TypeScript compiler. */

import { CONFIGURATION_OBJECTS } from "../../../../topology/language/fields/configuration.ts";
import { type FieldSpec, type FieldType, OBJECTS } from "../../../../topology/language/mod.ts";

/** Types of objects that have another name, or none, in `definition.ts`. */
const NAMES: Readonly<Record<string, string>> = {
  AvroFile: "Extract<M.ValueType, { avro: string }>",
  Subject: "Extract<M.ValueType, { subject: string }>",
  JsonFile: "Extract<M.ValueType, { json: string }>",
  WindowedKey: "Extract<M.KeyType, { window: unknown }>",
  Branch: 'M.StageBodies["branch"][number]',
  Reduce: 'M.StageBodies["reduce"]',
  Peek: 'M.StageBodies["peek"]',
  Sink: 'Exclude<M.StageBodies["sink"], string>',
  Window: 'Exclude<M.Window, "same">',
  SentRecord: "M.Sent",
  ExpectedRecord: "M.Expected[string][number]",
};

const HEAD = `/** Made by json_schema_test.ts from the field specs: \`tsc\` compares them with the types of the object form. */

import type * as M from "../../../../topology/language/definition.ts";

/** Assignable both ways. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Keys<T> = T extends unknown ? keyof T : never;
type Field<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never;
type Optional<T, K> = T extends unknown ? (K extends keyof T ? (Record<never, never> extends Pick<T, K> ? true : false) : true) : never;
`;

/** A module in which every statement is of the type \`true\`, if it holds. */
export function typeChecks(): string {
  // The configuration is no part of a definition.
  const objects = [...OBJECTS].filter(([name]) => !Object.hasOwn(CONFIGURATION_OBJECTS, name));
  const checks = objects.map(([name, { fields, exactlyOne }]) => {
    const type = typeName(name);
    const keys = Object.keys(fields).map((key) => JSON.stringify(key));
    const lines = Object.entries(fields).flatMap(([key, field]) =>
      checksOf(key, type, field, exactlyOne === undefined),
    );
    return `export const ${name}: readonly [\n${[
      `Same<Keys<${type}>, ${keys.join(" | ")}>`,
      ...lines,
    ]
      .map((line) => `  ${line},\n`)
      .join("")}] = [${Array.from({ length: lines.length + 1 }, () => "true").join(", ")}];\n`;
  });
  return [HEAD, ...checks].join("\n");
}

function checksOf(key: string, type: string, field: FieldSpec, isPlain: boolean): string[] {
  const name = JSON.stringify(key);
  const same = `Same<Field<${type}, ${name}>, ${written(field.type)}>`;
  if (field.required) return [same, `Same<Optional<${type}, ${name}>, false>`];
  return isPlain ? [same, `Optional<${type}, ${name}>`] : [same];
}

function typeName(object: string): string {
  return NAMES[object] ?? `M.${object}`;
}

function written(type: FieldType): string {
  switch (type.kind) {
    case "expression":
      return "M.Expression";
    case "made":
      return "M.Made";
    case "text":
      return "M.Text";
    case "instant":
      return "M.Instant";
    case "string":
    case "name":
      return "string";
    case "integer":
      return "number";
    case "data":
      return "unknown";
    case "duration":
      return ["M.Duration", ...(type.words ?? []).map((word) => JSON.stringify(word))].join(" | ");
    case "literal":
      return type.values.map((value) => JSON.stringify(value)).join(" | ");
    case "list": {
      const of = written(type.of);
      if (type.length === undefined) return `readonly (${of})[]`;
      return `readonly [${Array.from({ length: type.length }, () => of).join(", ")}]`;
    }
    case "oneOrMany":
      return `M.OneOrMany<${written(type.of)}>`;
    case "fields":
      return `M.Fields<${written(type.of)}>`;
    case "object":
      return typeName(type.name);
    case "union":
      return type.of.map(written).join(" | ");
    case "notBuilt":
      return written(type.type);
  }
}
