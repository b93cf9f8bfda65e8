/**
 * A Pratt parser for expressions, with the precedence of the CEL specification:
 *
 *     ?:   then ||   then &&   then == != < <= > >= in   then + -   then * / %   then ! -   then . [] ()
 *
 * @module
 */

import { type Token, tokenize } from "./lexer.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { BinaryOperator, ExpressionFault } from "./tree.ts";

/** Characters of one expression. */
export const MAX_EXPRESSION_LENGTH = 10_000;
/** Nested parts of one expression. */
export const MAX_EXPRESSION_DEPTH = 100;

const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  in: 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
};

/** Words of other languages. */
const WORDS: Readonly<Record<string, string>> = { and: "&&", or: "||", not: "!", is: "==" };

const RESERVED = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/** Unwinds to `parseExpression` after the first fault of the grammar. */
class Unparsable extends Error {}

/** @returns the tree, or the faults that keep it from being one */
export function parseExpression(text: string): {
  readonly tree?: SyntaxNode;
  readonly faults: readonly ExpressionFault[];
} {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    const message = `This expression has ${text.length} characters, ${MAX_EXPRESSION_LENGTH} are allowed`;
    const span = { start: 0, end: text.length };
    return { faults: [{ code: "EXPRESSION_TOO_LONG", message, span }] };
  }
  const { tokens, faults } = tokenize(text);
  if (faults.length > 0) return { faults };
  const parser = new Parser(tokens);
  try {
    const tree = parser.whole();
    return { tree, faults: [] };
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error;
    return { faults: parser.faults };
  }
}

class Parser {
  readonly faults: ExpressionFault[] = [];
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): SyntaxNode {
    const tree = this.#expression();
    const rest = this.#peek();
    if (rest.kind !== "end") {
      const word = rest.kind === "name" ? WORDS[rest.value.toLowerCase()] : undefined;
      this.#fail(
        rest,
        `This does not belong to the expression before it: ${shown(rest)}`,
        word === undefined ? undefined : `did you mean ${word}?`,
      );
    }
    return tree;
  }

  #expression(): SyntaxNode {
    return this.#nested(() => {
      const condition = this.#binary(1);
      if (!this.#take("?")) return condition;
      const then = this.#expression();
      this.#expect(":", "between the two values of ? :");
      const otherwise = this.#expression();
      const span = { start: condition.span.start, end: otherwise.span.end };
      return { op: "conditional", condition, then, otherwise, span };
    });
  }

  #binary(lowest: number): SyntaxNode {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const isOperator =
        token.kind === "operator" || (token.kind === "name" && token.value === "in");
      const precedence = isOperator ? PRECEDENCE[token.value] : undefined;
      if (precedence === undefined || precedence < lowest) return left;
      this.#at++;
      const right = this.#nested(() => this.#binary(precedence + 1));
      left = {
        op: "binary",
        operator: token.value as BinaryOperator,
        operatorSpan: { start: token.start, end: token.end },
        left,
        right,
        span: { start: left.span.start, end: right.span.end },
      };
    }
  }

  #unary(): SyntaxNode {
    const token = this.#peek();
    if (token.kind === "operator" && (token.value === "!" || token.value === "-")) {
      this.#at++;
      const operator = token.value;
      const operand = this.#nested(() => this.#unary());
      const span = { start: token.start, end: operand.span.end };
      if (operator === "-" && operand.op === "literal" && operand.kind !== "string") {
        if (operand.kind === "int" || operand.kind === "double") {
          return { ...operand, value: -operand.value, span };
        }
      }
      return { op: "unary", operator, operand, span };
    }
    return this.#postfix(this.#primary());
  }

  #postfix(operand: SyntaxNode): SyntaxNode {
    let node = operand;
    for (;;) {
      if (this.#take(".")) {
        const token = this.#peek();
        if (token.kind !== "name")
          this.#fail(token, `A field name must follow the dot, not ${shown(token)}`);
        this.#at++;
        const nameSpan = { start: token.start, end: token.end };
        if (this.#take("(")) {
          const { list, end } = this.#list(")");
          const span = { start: node.span.start, end };
          node = {
            op: "call",
            name: token.value as string,
            nameSpan,
            receiver: node,
            arguments: list,
            span,
          };
        } else {
          const span = { start: node.span.start, end: token.end };
          node = {
            op: "select",
            operand: node,
            field: token.value as string,
            fieldSpan: nameSpan,
            span,
          };
        }
      } else if (this.#take("[")) {
        const index = this.#expression();
        const end = this.#expect("]", "after the index");
        node = { op: "index", operand: node, index, span: { start: node.span.start, end } };
      } else {
        return node;
      }
    }
  }

  #primary(): SyntaxNode {
    const token = this.#peek();
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case "int":
      case "double":
        this.#at++;
        return { op: "literal", kind: token.kind, value: token.value, span };
      case "string":
        this.#at++;
        return { op: "literal", kind: "string", value: token.value, span };
      case "name":
        return this.#name(token.value, span);
      case "operator":
        return this.#bracketed(token);
      case "end":
        return this.#fail(
          token,
          this.#at === 0 ? "The expression is empty" : "The expression ends too early",
        );
    }
  }

  #name(name: string, span: { start: number; end: number }): SyntaxNode {
    this.#at++;
    if (name === "true" || name === "false") {
      return { op: "literal", kind: "bool", value: name === "true", span };
    }
    if (name === "null") return { op: "literal", kind: "null", value: null, span };
    if (name === "in" || RESERVED.has(name)) {
      return this.#fail(
        { kind: "name", value: name, ...span },
        `"${name}" is a word of the language, not a name`,
      );
    }
    if (this.#take("(")) {
      const { list, end } = this.#list(")");
      return {
        op: "call",
        name,
        nameSpan: span,
        arguments: list,
        span: { start: span.start, end },
      };
    }
    return { op: "name", name, span };
  }

  #bracketed(token: Token): SyntaxNode {
    if (this.#take("(")) {
      const inner = this.#expression();
      const end = this.#expect(")", "to close the parenthesis");
      return { ...inner, span: { start: token.start, end } };
    }
    if (this.#take("[")) {
      const { list, end } = this.#list("]");
      return { op: "list", elements: list, span: { start: token.start, end } };
    }
    if (this.#take("{")) return this.#map(token.start);
    return this.#fail(token, `A value is missing before ${shown(token)}`);
  }

  #map(start: number): SyntaxNode {
    const entries: { key: SyntaxNode; value: SyntaxNode }[] = [];
    while (!this.#at_("}")) {
      const key = this.#expression();
      this.#expect(":", "between key and value");
      entries.push({ key, value: this.#expression() });
      if (!this.#take(",")) break;
    }
    const end = this.#expect("}", "to close the map");
    return { op: "map", entries, span: { start, end } };
  }

  #list(closing: string): { list: SyntaxNode[]; end: number } {
    const list: SyntaxNode[] = [];
    while (!this.#at_(closing)) {
      list.push(this.#expression());
      if (!this.#take(",")) break;
    }
    return { list, end: this.#expect(closing, "to close the list") };
  }

  #nested(parse: () => SyntaxNode): SyntaxNode {
    if (++this.#depth > MAX_EXPRESSION_DEPTH * 2) {
      const { start, end } = this.#peek();
      this.faults.push({
        code: "EXPRESSION_TOO_DEEP",
        message: `This expression is nested more than ${MAX_EXPRESSION_DEPTH} deep`,
        span: { start, end },
      });
      throw new Unparsable();
    }
    const node = parse();
    this.#depth--;
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #at_(operator: string): boolean {
    const token = this.#peek();
    return token.kind === "operator" && token.value === operator;
  }

  #take(operator: string): boolean {
    if (!this.#at_(operator)) return false;
    this.#at++;
    return true;
  }

  /** @returns the end of the token */
  #expect(operator: string, why: string): number {
    const token = this.#peek();
    if (!this.#take(operator))
      this.#fail(token, `A "${operator}" is missing ${why}, before ${shown(token)}`);
    return token.end;
  }

  #fail(token: Token, message: string, hint?: string): never {
    const end = Math.max(token.end, token.start + 1);
    this.faults.push({
      code: "SYNTAX",
      message,
      span: { start: token.start, end },
      ...(hint === undefined ? {} : { hint }),
    });
    throw new Unparsable();
  }
}

function shown(token: Token): string {
  return token.kind === "end" ? "the end" : JSON.stringify(token.value);
}
