/**
 * Functions of a reducer that is written as expressions over `a` and `b`.
 *
 * @module
 */

import {
  expressionLibrary,
  generateExpression,
  type Made,
  type ReducerPlan,
} from "../../../topology/language/mod.ts";
import type { ReducerFunctions } from "../aggregators/mod.ts";

export function compileReducer({ combine, inverse, lower }: ReducerPlan): ReducerFunctions {
  return {
    combine: compileMade(combine),
    ...(inverse && { inverse: compileMade(inverse) }),
    ...(lower && { lower: compileMade(lower) }),
  };
}

function compileMade(made: Made): (a: unknown, b?: unknown) => unknown {
  // Built from the plan only: names of fields pass JSON.stringify.
  const make = new Function("X", `"use strict"; return (a, b) => ${sourceOf(made)};`);
  return make(expressionLibrary) as (a: unknown, b?: unknown) => unknown;
}

function sourceOf(made: Made): string {
  if (made.kind === "expression") {
    return generateExpression(made.expression, {
      library: "X",
      path: (root, path) =>
        path.reduce((record, name) => `${record}[${JSON.stringify(name)}]`, root),
    });
  }
  const fields = made.fields.map(({ name, made }) => `${JSON.stringify(name)}: ${sourceOf(made)}`);
  return `({ ${fields.join(", ")} })`;
}
