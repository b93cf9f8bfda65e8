/**
 * What a condition proves: paths that are not null when it is true, or when it is false.
 *
 * @module
 */

import type { Expression, ExpressionType, Scope } from "./tree.ts";

export type NullProof = { readonly root: string; readonly path: readonly string[] };

/** Paths proven non-null when `expression` has the value `outcome`. */
export function provesOf(expression: Expression, outcome: boolean): readonly NullProof[] {
  switch (expression.op) {
    case "unary":
      return expression.operator === "!" ? provesOf(expression.operand, !outcome) : [];
    case "and":
    case "or": {
      const left = provesOf(expression.left, outcome);
      const right = provesOf(expression.right, outcome);
      // `a && b` true: both hold. `a && b` false: one of them failed, so only what both prove.
      return (expression.op === "and") === outcome ? [...left, ...right] : common(left, right);
    }
    case "binary": {
      const { operator, left, right } = expression;
      if (operator !== "==" && operator !== "!=") return [];
      const proven = isNull(right) ? left : isNull(left) ? right : undefined;
      if (proven === undefined || proven.op !== "path") return [];
      return (operator === "!=") === outcome ? [{ root: proven.root, path: proven.path }] : [];
    }
    case "conditional": {
      // Either the condition held and `then` came out, or it did not and `otherwise` did; an arm that
      // is the other constant cannot have been taken.
      const { condition, then, otherwise } = expression;
      const first = [...provesOf(condition, true), ...provesOf(then, outcome)];
      const second = [...provesOf(condition, false), ...provesOf(otherwise, outcome)];
      if (isConstant(then, !outcome)) return second;
      return isConstant(otherwise, !outcome) ? first : common(first, second);
    }
    default:
      return [];
  }
}

function isConstant(expression: Expression, value: boolean): boolean {
  return expression.op === "const" && expression.value === value;
}

function isNull(expression: Expression): boolean {
  return expression.op === "const" && expression.value === null;
}

function common(left: readonly NullProof[], right: readonly NullProof[]): NullProof[] {
  return left.filter((proof) => right.some((other) => nameOf(other) === nameOf(proof)));
}

const nameOf = ({ root, path }: NullProof): string => [root, ...path].join(".");

/** The scope behind a condition that held. */
export function narrowScope(scope: Scope, condition: Expression): Scope {
  return narrowBy(scope, provesOf(condition, true));
}

export function narrowBy(scope: Scope, proofs: readonly NullProof[]): Scope {
  if (proofs.length === 0) return scope;
  const narrowed = new Map(scope);
  for (const { root, path } of proofs) {
    const type = narrowed.get(root);
    if (type !== undefined) narrowed.set(root, narrowType(type, path));
  }
  return narrowed;
}

function narrowType(type: ExpressionType, path: readonly string[]): ExpressionType {
  const [first, ...rest] = path;
  if (first === undefined) return type.kind === "nullable" ? type.type : type;
  // A field that is not null proves nothing about a record that may be: it could not be asked then.
  if (type.kind !== "record") return type;
  return {
    ...type,
    fields: type.fields.map((field) =>
      field.name === first ? { ...field, type: narrowType(field.type, rest) } : field,
    ),
  };
}
