/**
 * The typed expression tree: what the checker makes of an expression's text, and what both back
 * ends (generated code, closures) consume. Plain data; every node knows its type.
 *
 * @module
 */

/** Types of expressions. `nullable` never nests; an enum is a string whose symbols are known. */
export type ExpressionType =
  | { readonly kind: "int" | "double" | "string" | "bool" | "bytes" | "null" }
  | { readonly kind: "enum"; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: "list"; readonly element: ExpressionType }
  | { readonly kind: "map"; readonly value: ExpressionType }
  | {
      readonly kind: "record";
      readonly name: string;
      /** In declaration order. */
      readonly fields: readonly { readonly name: string; readonly type: ExpressionType }[];
    }
  | { readonly kind: "nullable"; readonly type: ExpressionType }
  /** Whatever JSON can say, null included: fields can be named, everything else needs a conversion. */
  | { readonly kind: "dyn" }
  /** An unscaled integer in bytes, times ten to the power of `-scale`. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  /** 16 bytes; the name is the fixed type's. A uuid in a string is a string. */
  | { readonly kind: "uuid"; readonly name: string }
  /** Part of a schema that expressions cannot use yet; whatever names it is a fault, with this reason. */
  | { readonly kind: "unsupported"; readonly reason: string };

/** Character offsets into the expression's own text, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type UnaryOperator = "!" | "-";
export type MacroName = "all" | "exists" | "exists_one" | "filter" | "map";
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "in";

/** A typed node. `type` is the static type after narrowing. */
export type Expression = { readonly type: ExpressionType; readonly span: Span } & (
  | { readonly op: "const"; readonly value: number | string | boolean | null }
  /**
   * A variable of the scope followed by record fields: `value.customer.name` is root `value`, path
   * `["customer", "name"]`. A whole variable has an empty path. Anything selected from something
   * that is not a variable is `select`.
   */
  | { readonly op: "path"; readonly root: string; readonly path: readonly string[] }
  | { readonly op: "select"; readonly operand: Expression; readonly field: string }
  /** `list[int]` or `map[string]`; a missing element is an evaluation error. */
  | { readonly op: "index"; readonly operand: Expression; readonly index: Expression }
  | { readonly op: "unary"; readonly operator: UnaryOperator; readonly operand: Expression }
  /** Arithmetic on ints is checked (error outside ±(2^53−1)); both sides have one type. */
  | {
      readonly op: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** CEL's commutative `&&` / `||` with error absorption. */
  | { readonly op: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly op: "conditional";
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | { readonly op: "list"; readonly elements: readonly Expression[] }
  | {
      readonly op: "map";
      readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
    }
  /** A function or method of the library; for a method the receiver is the first argument. */
  | { readonly op: "call"; readonly name: string; readonly arguments: readonly Expression[] }
  /**
   * A loop over a list: inside `predicate` and `result` the element is the variable, as the root of
   * paths, and hides whatever else has its name. `result` is there in `map` alone, which may do without
   * a predicate.
   */
  | {
      readonly op: "macro";
      readonly macro: MacroName;
      readonly range: Expression;
      readonly variable: string;
      readonly predicate?: Expression;
      readonly result?: Expression;
    }
);

/** Names an expression may use, with their types. `nullable` entries narrowed earlier are given narrowed. */
export type Scope = ReadonlyMap<string, ExpressionType>;

/** A fault in one expression, positioned in its own text. */
export interface ExpressionFault {
  /** A diagnostic code, e.g. `UNKNOWN_FIELD`. */
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  readonly hint?: string;
}
