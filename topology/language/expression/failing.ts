/**
 * Which expressions can fail. Where the left side of `&&` or `||` cannot, no error has to be absorbed
 * and both back ends use JavaScript's own.
 *
 * @module
 */

import { FALLIBLE } from "./library/mod.ts";
import { partsOf } from "./parts.ts";
import type { Expression } from "./tree.ts";

/**
 * May evaluating it throw? True when in doubt. The end of the budget (`COST_LIMIT`) is no such failure:
 * nothing absorbs it.
 */
export function canFail(expression: Expression): boolean {
  return (
    failsItself(expression) ||
    partsOf(expression).some((part) => canFail(part) && !(isComparison(expression) && isKey(part)))
  );
}

function failsItself(expression: Expression): boolean {
  switch (expression.op) {
    case "path":
      // A record's key can be null whatever its type says.
      return expression.root === "key";
    case "index":
      return true;
    case "binary":
      return expression.left.type.kind === "int" && "+-*/%".includes(expression.operator);
    case "map":
      return (
        expression.entries.length > 1 && expression.entries.some(({ key }) => key.op !== "const")
      );
    case "call":
      return FALLIBLE.has(expression.name);
    default:
      return false;
  }
}

function isComparison(expression: Expression): boolean {
  return expression.op === "binary" && ["==", "!=", "in"].includes(expression.operator);
}

function isKey(part: Expression): boolean {
  return part.op === "path" && part.root === "key" && part.path.length === 0;
}
