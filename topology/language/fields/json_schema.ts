/**
 * The field specs as JSON Schema (draft-07), for editors.
 *
 * It says what can be said of a file by itself: keys, shapes, words, bounds. What it takes, `check`
 * may still refuse (types of expressions, names of streams); what it refuses, `check` refuses. Parts
 * that are not built are left out: an editor offers what works.
 *
 * @module
 */

import { DURATION, INSTANT } from "../duration.ts";
import { FIELD_NAME, NAME } from "./check_scalar.ts";
import { OBJECTS } from "./objects.ts";
import type { FieldSpec, FieldType, ObjectSpec } from "./types.ts";

/** What a file is as a whole. */
export type SchemaRoot = "Topology" | "TestFile";

export type JsonSchema = { readonly [keyword: string]: unknown };

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** Types that stand in many places, by name. */
const NAMED = {
  Expression: {
    description: "An expression: CEL text (text in it in single quotes), a number or a boolean.",
    type: ["string", "number", "boolean"],
    pattern: "\\S",
    examples: ["value.action == 'BUY'", "'all'", 1],
  },
  Made: {
    description: "An expression, or what is made field by field, nested like the record.",
    anyOf: [
      reference("Expression"),
      {
        type: "object",
        minProperties: 1,
        propertyNames: { pattern: FIELD_NAME.source },
        additionalProperties: reference("Made"),
      },
    ],
  },
  Duration: {
    description: "A whole number and a unit: ms, s, m, h or d.",
    type: "string",
    pattern: DURATION.source,
    examples: ["400ms", "1s", "5m", "1h", "7d"],
  },
  PositiveDuration: {
    description: "A whole number above 0 and a unit: ms, s, m, h or d.",
    type: "string",
    pattern: "^0*[1-9]\\d*(ms|s|m|h|d)$",
    examples: ["400ms", "1s", "5m", "1h", "7d"],
  },
  Instant: {
    description: "Since 1970, or ISO 8601 with an offset.",
    anyOf: [
      { type: "string", pattern: DURATION.source },
      { type: "string", pattern: INSTANT.source },
    ],
    examples: ["400ms", "2015-11-11T00:00:00+08:00"],
  },
  Text: {
    description: "One text, or one per language.",
    anyOf: [{ type: "string" }, { type: "object", additionalProperties: { type: "string" } }],
    examples: ["Shoppers", { zh: "购物人数", en: "Shoppers" }],
  },
  Name: { type: "string", pattern: NAME.source },
  Variable: {
    description: "What a variable of the environment holds.",
    type: "string",
    pattern: "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}",
    examples: ["$" + "{STAGE}", "$" + "{SIZE:-10s}"],
  },
} as const satisfies Record<string, JsonSchema>;

/** @param root What the file is: a definition, or tests of one. */
export function jsonSchema(root: SchemaRoot): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const wanted = new Set<string>();
  const body = objectSchema(OBJECTS.get(root)!, want);
  // A set that grows is walked to its end.
  for (const name of wanted) {
    definitions[name] = Object.hasOwn(NAMED, name)
      ? NAMED[name as keyof typeof NAMED]
      : objectSchema(OBJECTS.get(name)!, want);
    if (name === "Made") wanted.add("Expression");
  }
  const sorted = Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    $schema: DRAFT,
    title: root === "Topology" ? "Millrace topology" : "Millrace tests",
    ...body,
    definitions: Object.fromEntries(sorted),
  };

  function want(name: string): JsonSchema {
    wanted.add(name);
    return reference(name);
  }
}

type Want = (name: string) => JsonSchema;

function objectSchema(spec: ObjectSpec, want: Want): JsonSchema {
  const built = Object.entries(spec.fields).filter(([, { type }]) => isBuilt(type));
  const here = new Set(built.map(([key]) => key));
  const alternatives = (spec.exactlyOne ?? []).filter((key) => here.has(key));
  const required = built.filter(([, field]) => field.required).map(([key]) => key);
  const dependencies = dependenciesOf(built, here);
  return {
    description: spec.doc,
    type: "object",
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    ...(alternatives.length > 0 && { oneOf: alternatives.map((key) => ({ required: [key] })) }),
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
    properties: Object.fromEntries(
      built
        // A key that stands beside nothing that is built.
        .filter(([, { beside }]) => beside === undefined || beside.some((key) => here.has(key)))
        .map(([key, field]) => [key, fieldSchema(field, want)]),
    ),
  };
}

/** Keys that ask for others beside them. */
function dependenciesOf(
  fields: readonly (readonly [string, FieldSpec])[],
  here: ReadonlySet<string>,
): Readonly<Record<string, readonly string[] | JsonSchema>> {
  const dependencies: Record<string, string[] | JsonSchema> = {};
  for (const [key, { requiredBeside = [] }] of fields) {
    for (const other of requiredBeside.filter((name) => here.has(name))) {
      dependencies[other] = [...((dependencies[other] as string[] | undefined) ?? []), key];
    }
  }
  for (const [key, { beside = [] }] of fields) {
    const others = beside.filter((name) => here.has(name));
    if (others.length === 1) dependencies[key] = others;
    else if (others.length > 1) {
      dependencies[key] = { anyOf: others.map((other) => ({ required: [other] })) };
    }
  }
  return dependencies;
}

/** A sibling of `$ref` counts for nothing in draft-07, so the reference stands in an `allOf`. */
function fieldSchema(field: FieldSpec, want: Want): JsonSchema {
  const schema = typeSchema(field.type, want);
  const preset = presetOf(field);
  return {
    description: describeField(field),
    ...(preset !== undefined && { default: preset }),
    ...("$ref" in schema ? { allOf: [schema] } : schema),
  };
}

function describeField({ doc, unit, default: preset, example }: FieldSpec): string {
  return [
    doc,
    ...(unit === undefined ? [] : [`Unit: ${unit}.`]),
    ...(preset === undefined ? [] : [`Default: ${preset}.`]),
    `Example: ${example}`,
  ].join("\n");
}

/** The default as a value, where it is one and not a rule such as "the stream's name". */
function presetOf({ type, default: preset }: FieldSpec): string | number | undefined {
  if (preset === undefined) return undefined;
  if (type.kind === "integer" && /^\d+$/.test(preset)) return Number(preset);
  if (type.kind === "literal" && type.values.includes(preset)) return preset;
  const isDuration = type.kind === "duration" && DURATION.test(preset);
  const isWord = type.kind === "duration" && type.words?.includes(preset);
  return isDuration || isWord ? preset : undefined;
}

function orVariable(schema: JsonSchema, want: Want): JsonSchema {
  return { anyOf: [schema, want("Variable")] };
}

function typeSchema(type: FieldType, want: Want): JsonSchema {
  switch (type.kind) {
    case "expression":
      return want("Expression");
    case "made":
      return want("Made");
    case "text":
      return want("Text");
    case "instant":
      return want("Instant");
    case "name":
      return orVariable(want("Name"), want);
    case "string":
      return { type: "string" };
    case "duration": {
      const plain = want(type.positive ? "PositiveDuration" : "Duration");
      const words = type.words === undefined ? [] : [{ enum: type.words }];
      return { anyOf: [...words, plain, want("Variable")] };
    }
    case "integer":
      return orVariable({ type: "integer", minimum: type.minimum, maximum: type.maximum }, want);
    case "literal":
      return orVariable({ enum: type.values }, want);
    case "list":
      return {
        type: "array",
        ...((type.length ?? (type.notEmpty && 1)) && { minItems: type.length ?? 1 }),
        ...(type.length !== undefined && { maxItems: type.length }),
        items: typeSchema(type.of, want),
      };
    case "oneOrMany": {
      const one = typeSchema(type.of, want);
      return { anyOf: [one, { type: "array", minItems: 1, items: one }] };
    }
    case "fields":
      return {
        type: "object",
        ...(type.notEmpty && { minProperties: 1 }),
        ...(type.names !== "any" && {
          propertyNames: { pattern: (type.names === "name" ? NAME : FIELD_NAME).source },
        }),
        additionalProperties: typeSchema(type.of, want),
      };
    case "object":
      return want(type.name);
    case "union": {
      const variants = type.of.filter(isBuilt).map((variant) => typeSchema(variant, want));
      return variants.length === 1 ? variants[0]! : { anyOf: variants };
    }
    case "data":
      return {};
    case "notBuilt":
      throw new TypeError(`Cannot describe what is not built: ${type.what}`);
  }
}

/** Whether anything of it can be written today. */
export function isBuilt(type: FieldType): boolean {
  if (type.kind === "notBuilt") return false;
  return type.kind === "union" ? type.of.some(isBuilt) : true;
}

function reference(name: string): JsonSchema {
  return { $ref: `#/definitions/${name}` };
}
