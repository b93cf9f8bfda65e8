/**
 * Literals take the type of what stands beside them: `value.price > 10` compares doubles, and the
 * `[]` of `value.tags == []` is a list of what the tags are.
 *
 * @module
 */

import type { Expression, ExpressionType } from "./tree.ts";
import { commonType, DOUBLE, sameType } from "./types.ts";

/** Parts that need one type, each literal among them with the type of the others. */
export function unifyLiterals(parts: readonly Expression[]): Expression[] {
  if (parts.length < 2) return [...parts];
  const ranks = parts.map(openness);
  const model = parts[ranks.indexOf(Math.min(...ranks))];
  return parts.map((part) =>
    model === undefined || part === model ? part : literalAs(part, model.type),
  );
}

/** How much a part leaves open: 0 nothing, 1 int or double, 2 everything. */
function openness(part: Expression): number {
  switch (part.op) {
    case "const":
      return part.type.kind === "int" ? 1 : part.value === null ? 2 : 0;
    case "list":
      return Math.min(2, ...part.elements.map(openness));
    case "map":
      return Math.min(2, ...part.entries.map(({ value }) => openness(value)));
    case "conditional":
      return Math.min(openness(part.then), openness(part.otherwise));
    default:
      return 0;
  }
}

/** An int literal where a double is wanted, alone or inside other literals, is a double. */
export function literalAs(part: Expression, type: ExpressionType): Expression {
  const wanted = type.kind === "nullable" ? type.type : type;
  // Nested literals would be made anew once per level.
  if (sameType(part.type, wanted)) return part;
  switch (part.op) {
    case "const":
      return part.type.kind === "int" && wanted.kind === "double"
        ? { ...part, type: DOUBLE }
        : part;
    case "list": {
      if (wanted.kind !== "list") return part;
      const elements = part.elements.map((element) => literalAs(element, wanted.element));
      const element = typeOfAll(elements) ?? wanted.element;
      return { ...part, elements, type: { kind: "list", element } };
    }
    case "map": {
      if (wanted.kind !== "map") return part;
      const entries = part.entries.map(({ key, value }) => ({
        key,
        value: literalAs(value, wanted.value),
      }));
      const value = typeOfAll(entries.map((entry) => entry.value)) ?? wanted.value;
      return { ...part, entries, type: { kind: "map", value } };
    }
    case "conditional": {
      const then = literalAs(part.then, type);
      const otherwise = literalAs(part.otherwise, type);
      return { ...part, then, otherwise, type: typeOfAll([then, otherwise]) ?? part.type };
    }
    default:
      return part;
  }
}

/** One type for all; undefined when there is none. */
export function typeOfAll(parts: readonly Expression[]): ExpressionType | undefined {
  let type = parts[0]?.type;
  for (const part of parts.slice(1)) type = type && commonType(type, part.type);
  return type;
}
