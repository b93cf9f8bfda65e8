/**
 * Canonical forms: equal for parts of two plans that mean the same, whatever white space, brackets,
 * names of types or places in the file they were written with.
 *
 * @module
 */

import type { AvroType } from "../avro.ts";
import type { Expression, ExpressionType } from "../expression/mod.ts";
import type { AggregatorPlan, EmitPlan, Format, LoopPlan, Made } from "../plan.ts";

/** An expression without spans: white space and brackets do not matter. */
export function canonicalExpression(expression: Expression): unknown {
  return JSON.parse(
    JSON.stringify(expression, (name, value: unknown) =>
      name === "span" || name === "type" ? undefined : value,
    ),
  ) as unknown;
}

export function canonicalMade(made: Made): unknown {
  if (made.kind === "expression") return canonicalExpression(made.expression);
  return made.fields.map(({ name, made }) => [name, canonicalMade(made)]);
}

function canonicalList(list: LoopPlan["list"]): unknown {
  return list.op === "function" ? [list.fn, list.version] : canonicalExpression(list);
}

/** How a stage makes the key, the lists it loops over included; undefined where it leaves it. */
export function canonicalKeys(emits: readonly EmitPlan[]): unknown {
  if (emits.every(({ key }) => key === undefined)) return undefined;
  return emits.map(({ for: loops, key }) => {
    const made = key && canonicalMade(key);
    return loops ? [made, loops.map(({ name, list }) => [name, canonicalList(list)])] : made;
  });
}

export function canonicalAggregator(aggregator: AggregatorPlan): unknown {
  switch (aggregator.name) {
    case "count":
    case "sum":
    case "min":
    case "max":
    case "avg": {
      const argument = aggregator.name === "count" ? aggregator.predicate : aggregator.argument;
      // The accumulator of a double is another one than that of an int.
      return [
        aggregator.name,
        argument === undefined ? null : [argument.type.kind, canonicalExpression(argument)],
      ];
    }
    case "function":
      return [aggregator.name, aggregator.fn, aggregator.version];
    case "reducer": {
      const { name, partial, lift, combine, ordered = false } = aggregator;
      // `lower` and `inverse` leave what is kept as it is.
      return [name, canonicalType(partial), canonicalMade(lift), canonicalMade(combine), ordered];
    }
    default: {
      const { name, argument } = aggregator;
      const by = "by" in aggregator ? aggregator.by : undefined;
      return [
        name,
        ...[argument, ...(by === undefined ? [] : [by])].map((part) => [
          canonicalType(part.type),
          canonicalExpression(part),
        ]),
        // A list that has been cut to some length cannot become longer; `mostFrequent` keeps all counts.
        "limit" in aggregator && name !== "mostFrequent" ? aggregator.limit : null,
      ];
    }
  }
}

/** What the changelog holds of a type: names and symbols do not matter. */
function canonicalType(type: ExpressionType): unknown {
  switch (type.kind) {
    case "enum":
      return "string";
    case "list":
      return ["list", canonicalType(type.element)];
    case "map":
      return ["map", canonicalType(type.value)];
    case "nullable":
      return ["nullable", canonicalType(type.type)];
    case "record":
      return ["record", type.fields.map(({ name, type }) => [name, canonicalType(type)])];
    default:
      return type.kind;
  }
}

export function canonicalFormat(format: Format): unknown {
  if (!("schema" in format) || format.schema === undefined) return format.kind;
  const schema = canonicalSchema(format.schema, new Set());
  return format.kind === "avro" ? schema : [format.kind, schema];
}

/** Avro's canonical idea of a schema: no docs, defaults or aliases. A named type is written once. */
function canonicalSchema(type: AvroType, seen: Set<AvroType>): unknown {
  if (seen.has(type)) return "name" in type ? type.name : type.kind;
  seen.add(type);
  switch (type.kind) {
    case "record": {
      const fields = type.fields.map((field) => [field.name, canonicalSchema(field.type, seen)]);
      return ["record", type.name, fields];
    }
    case "enum":
      return ["enum", type.name, type.symbols];
    case "fixed":
      return ["fixed", type.name, type.sizeBytes];
    case "array":
      return ["array", canonicalSchema(type.items, seen)];
    case "map":
      return ["map", canonicalSchema(type.values, seen)];
    case "union":
      return ["union", type.branches.map((branch) => canonicalSchema(branch, seen))];
    default:
      return type.kind;
  }
}
