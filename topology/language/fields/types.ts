/**
 * What may stand in a definition, as data: from these specs come the checks, and the JSON Schema and
 * documentation that editors and readers use.
 *
 * @module
 */

export type FieldType =
  /** CEL text, or a bare number or boolean. */
  | { readonly kind: "expression" }
  /** An expression, or a map of what is made, field by field. */
  | { readonly kind: "made" }
  /** `words` may stand instead of a duration: `never`, `forever`. */
  | { readonly kind: "duration"; readonly words?: readonly string[]; readonly positive?: true }
  | { readonly kind: "instant" }
  /** One text, or one per language. */
  | { readonly kind: "text" }
  /** A secret is any scalar's text, and no message shows it. */
  | { readonly kind: "string"; readonly secret?: true }
  /** `[a-z][a-z0-9_]*` */
  | { readonly kind: "name" }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  | {
      readonly kind: "literal";
      readonly values: readonly (string | boolean)[];
      /**
       * What people write instead, with the hint they get, in which `%` is what they wrote. `.avsc` stands
       * for every text that ends so.
       */
      readonly otherWords?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "list";
      readonly of: FieldType;
      readonly length?: number;
      readonly notEmpty?: true;
    }
  /** One stands for a list of one. */
  | { readonly kind: "oneOrMany"; readonly of: FieldType }
  /** A map from names the user chooses. `names: "any"` takes any text as a name. */
  | {
      readonly kind: "fields";
      readonly of: FieldType;
      readonly names: "name" | "field" | "any";
      readonly notEmpty?: true;
      /** As in {@link ObjectSpec}. */
      readonly shortFor?: string;
    }
  /** One of `OBJECTS`. */
  | { readonly kind: "object"; readonly name: string }
  | { readonly kind: "union"; readonly of: readonly FieldType[] }
  /** Test data: whatever JSON can say. */
  | { readonly kind: "data" }
  /** Stands in the model, not in the engine yet; `instead` says what does. */
  | {
      readonly kind: "notBuilt";
      readonly type: FieldType;
      readonly what: string;
      readonly instead?: string;
    };

export interface FieldSpec {
  readonly type: FieldType;
  readonly required?: true;
  /** As it would be written. */
  readonly default?: string;
  /** Of what a number counts, where its type does not say so. */
  readonly unit?: string;
  /** A value as it would be written behind the key, in one line. */
  readonly example: string;
  readonly doc: string;
  /** Allowed only beside one of these keys. */
  readonly beside?: readonly string[];
  /** Required beside one of these keys. */
  readonly requiredBeside?: readonly string[];
}

export interface ObjectSpec {
  readonly doc: string;
  /** What is meant where one value `%` stands instead: `{ tumbling: %, grace: 0s }`. */
  readonly shortFor?: string;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** Exactly one of these keys must be there. */
  readonly exactlyOne?: readonly string[];
}

export const expression: FieldType = { kind: "expression" };
export const made: FieldType = { kind: "made" };
export const text: FieldType = { kind: "text" };
export const name: FieldType = { kind: "name" };
export const duration: FieldType = { kind: "duration" };
export const positiveDuration: FieldType = { kind: "duration", positive: true };

export function literal(...values: (string | boolean)[]): FieldType {
  return { kind: "literal", values };
}

export function object(objectName: string): FieldType {
  return { kind: "object", name: objectName };
}

export function list(of: FieldType): FieldType {
  return { kind: "list", of };
}

export function union(...of: FieldType[]): FieldType {
  return { kind: "union", of };
}

export function notBuilt(type: FieldType, what: string, instead?: string): FieldType {
  return { kind: "notBuilt", type, what, ...(instead !== undefined && { instead }) };
}
