/**
 * The untyped syntax tree.
 *
 * @module
 */

import type { BinaryOperator, Span, UnaryOperator } from "./tree.ts";

export type SyntaxNode = { readonly span: Span } & (
  | { readonly op: "literal"; readonly kind: "int" | "double"; readonly value: number }
  /** Bytes are one character each. */
  | { readonly op: "literal"; readonly kind: "string" | "bytes"; readonly value: string }
  | { readonly op: "literal"; readonly kind: "bool"; readonly value: boolean }
  | { readonly op: "literal"; readonly kind: "null"; readonly value: null }
  | { readonly op: "name"; readonly name: string }
  | {
      readonly op: "select";
      readonly operand: SyntaxNode;
      readonly field: string;
      readonly fieldSpan: Span;
    }
  | { readonly op: "index"; readonly operand: SyntaxNode; readonly index: SyntaxNode }
  | { readonly op: "unary"; readonly operator: UnaryOperator; readonly operand: SyntaxNode }
  | {
      readonly op: "binary";
      readonly operator: BinaryOperator | "&&" | "||";
      readonly operatorSpan: Span;
      readonly left: SyntaxNode;
      readonly right: SyntaxNode;
    }
  | {
      readonly op: "conditional";
      readonly condition: SyntaxNode;
      readonly then: SyntaxNode;
      readonly otherwise: SyntaxNode;
    }
  | { readonly op: "list"; readonly elements: readonly SyntaxNode[] }
  | {
      readonly op: "map";
      readonly entries: readonly { readonly key: SyntaxNode; readonly value: SyntaxNode }[];
    }
  | {
      readonly op: "call";
      readonly name: string;
      readonly nameSpan: Span;
      /** The receiver of a method call. */
      readonly receiver?: SyntaxNode;
      readonly arguments: readonly SyntaxNode[];
    }
);
