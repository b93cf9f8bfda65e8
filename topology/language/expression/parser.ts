/**
 * A Pratt parser for expressions, with the precedence of the CEL specification:
 *
 *     ?:   then ||   then &&   then == != < <= > >= in   then + -   then * / %   then ! -   then . [] ()
 *
 * @module
 */

import { type Token, tokenize } from "./lexer.ts";
import type { SyntaxNode } from "./syntax.ts";
import type { BinaryOperator, ExpressionFault, Span } from "./tree.ts";

/** Characters (UTF-16 units) of one expression. */
export const MAX_EXPRESSION_LENGTH = 10_000;
/**
 * Parts inside parts: of the tree (`a + b + c` is two deep over `a`), and of brackets in the text.
 * Keeps every walk over the tree, and the code made from it, far from the end of the stack.
 */
export const MAX_EXPRESSION_DEPTH = 100;

const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]].flatMap(
    (operators, level) => operators.map((operator) => [operator, level + 1] as const),
  ),
);

/** Words of other languages. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["and", "did you mean &&?"],
  ["or", "did you mean ||?"],
  ["not", "did you mean !?"],
  ["is", "did you mean ==?"],
  ["like", "there is x.contains('…'), x.startsWith('…') and x.matches('…')"],
  ["between", "write x >= a && x <= b"],
]);

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
    const message = `this expression has ${text.length} characters, ${MAX_EXPRESSION_LENGTH} are allowed`;
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
  readonly #heights = new Map<SyntaxNode, number>();
  #at = 0;
  #nesting = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): SyntaxNode {
    const tree = this.#expression();
    const rest = this.#peek();
    if (rest.kind !== "end") {
      this.#fail(
        rest,
        `this does not belong to what is before it: ${shown(rest)}`,
        this.#wordHint(),
      );
    }
    return tree;
  }

  /** `Or ["?" Or ":" Expression]`: as in CEL, a `? :` between `?` and `:` needs parentheses. */
  #expression(): SyntaxNode {
    return this.#nested(() => {
      const condition = this.#binary(1);
      const question = this.#peek();
      if (!this.#take("?")) return condition;
      const then = this.#binary(1);
      if (this.#isAt("?")) {
        this.#fail(this.#peek(), "a ? : between ? and : needs parentheses around it");
      }
      this.#expect(":", "between the two values of ? :");
      const otherwise = this.#expression();
      const span = { start: condition.span.start, end: otherwise.span.end };
      const node: SyntaxNode = { op: "conditional", condition, then, otherwise, span };
      return this.#made(node, [condition, then, otherwise], question);
    });
  }

  #binary(lowest: number): SyntaxNode {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const isOperator =
        token.kind === "operator" || (token.kind === "name" && token.value === "in");
      const precedence = isOperator ? PRECEDENCE.get(token.value) : undefined;
      if (precedence === undefined || precedence < lowest) return left;
      this.#at++;
      const right = this.#binary(precedence + 1);
      const node: SyntaxNode = {
        op: "binary",
        operator: token.value as BinaryOperator,
        operatorSpan: { start: token.start, end: token.end },
        left,
        right,
        span: { start: left.span.start, end: right.span.end },
      };
      left = this.#made(node, [left, right], token);
    }
  }

  #unary(): SyntaxNode {
    const token = this.#peek();
    if (token.kind !== "operator" || (token.value !== "!" && token.value !== "-")) {
      return this.#postfix(this.#primary());
    }
    this.#at++;
    const operator = token.value;
    const operand = this.#nested(() => this.#unary());
    const span = { start: token.start, end: operand.span.end };
    if (operator === "-" && operand.op === "literal") {
      // An int has no negative zero, a double has.
      if (operand.kind === "int") return { ...operand, value: 0 - operand.value, span };
      if (operand.kind === "double") return { ...operand, value: -operand.value, span };
    }
    return this.#made({ op: "unary", operator, operand, span }, [operand], token);
  }

  #postfix(operand: SyntaxNode): SyntaxNode {
    let node = operand;
    for (;;) {
      const token = this.#peek();
      if (this.#take(".")) {
        node = this.#member(node, token);
      } else if (this.#take("[")) {
        const index = this.#expression();
        const end = this.#close("]", token);
        const span = { start: node.span.start, end };
        node = this.#made({ op: "index", operand: node, index, span }, [node, index], token);
      } else {
        return node;
      }
    }
  }

  #member(operand: SyntaxNode, dot: Token): SyntaxNode {
    const token = this.#peek();
    if (token.kind !== "name") {
      return this.#fail(token, `a field name must follow the dot, not ${shown(token)}`);
    }
    this.#at++;
    const { value: name, start, end } = token;
    const nameSpan = { start, end };
    const { start: from } = operand.span;
    if (!this.#isAt("(")) {
      const span = { start: from, end };
      const node: SyntaxNode = { op: "select", operand, field: name, fieldSpan: nameSpan, span };
      return this.#made(node, [operand], dot);
    }
    const list = this.#list(")");
    const call = { op: "call", name, nameSpan, receiver: operand, arguments: list.parts } as const;
    const node: SyntaxNode = { ...call, span: { start: from, end: list.end } };
    return this.#made(node, [operand, ...list.parts], token);
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
      case "bytes":
        this.#at++;
        return { op: "literal", kind: token.kind, value: token.value, span };
      case "name":
        return this.#name(token, span);
      case "operator":
        return this.#bracketed(token);
      case "end": {
        const last = this.#tokens[this.#at - 1];
        return this.#fail(
          token,
          last === undefined
            ? "the expression is empty"
            : `a value is missing after ${shown(last)}`,
        );
      }
    }
  }

  #name(token: Token & { readonly kind: "name" }, span: Span): SyntaxNode {
    const name = token.value;
    if (name === "in" || RESERVED.has(name)) {
      return this.#fail(token, `"${name}" is a word of the language, not a name`);
    }
    this.#at++;
    if (name === "true" || name === "false") {
      return { op: "literal", kind: "bool", value: name === "true", span };
    }
    if (name === "null") return { op: "literal", kind: "null", value: null, span };
    if (!this.#isAt("(")) return { op: "name", name, span };
    const { parts, end } = this.#list(")");
    const call = { op: "call", name, nameSpan: span, arguments: parts } as const;
    return this.#made({ ...call, span: { start: span.start, end } }, parts, token);
  }

  #bracketed(token: Token): SyntaxNode {
    if (this.#take("(")) {
      const inner = this.#expression();
      const end = this.#close(")", token);
      const node = { ...inner, span: { start: token.start, end } };
      this.#heights.set(node, this.#heights.get(inner) ?? 1);
      return node;
    }
    if (this.#isAt("[")) {
      const { parts, end } = this.#list("]");
      const node: SyntaxNode = { op: "list", elements: parts, span: { start: token.start, end } };
      return this.#made(node, parts, token);
    }
    if (this.#take("{")) return this.#map(token);
    return this.#fail(token, `a value is missing before ${shown(token)}`);
  }

  #map(opening: Token): SyntaxNode {
    const entries: { key: SyntaxNode; value: SyntaxNode }[] = [];
    while (!this.#isAt("}")) {
      const key = this.#expression();
      this.#expect(":", "between key and value");
      entries.push({ key, value: this.#expression() });
      if (!this.#take(",")) break;
    }
    const end = this.#close("}", opening);
    const parts = entries.flatMap(({ key, value }) => [key, value]);
    const span = { start: opening.start, end };
    return this.#made({ op: "map", entries, span }, parts, opening);
  }

  /** From the opening bracket to the closing one; a comma may stand before that. */
  #list(closing: ")" | "]"): { parts: SyntaxNode[]; end: number } {
    const opening = this.#peek();
    this.#at++;
    const parts: SyntaxNode[] = [];
    while (!this.#isAt(closing)) {
      parts.push(this.#expression());
      if (!this.#take(",")) break;
    }
    return { parts, end: this.#close(closing, opening) };
  }

  /** Guards the parser's own stack: nothing is made before its parts are parsed. */
  #nested(parse: () => SyntaxNode): SyntaxNode {
    if (++this.#nesting > MAX_EXPRESSION_DEPTH) this.#tooDeep(this.#peek());
    const node = parse();
    this.#nesting--;
    return node;
  }

  #made(node: SyntaxNode, parts: readonly SyntaxNode[], token: Token): SyntaxNode {
    let height = 1;
    for (const part of parts) height = Math.max(height, 1 + (this.#heights.get(part) ?? 1));
    if (height > MAX_EXPRESSION_DEPTH) this.#tooDeep(token);
    this.#heights.set(node, height);
    return node;
  }

  #tooDeep({ start, end }: Token): never {
    const message = `this expression is more than ${MAX_EXPRESSION_DEPTH} parts deep`;
    this.faults.push({ code: "EXPRESSION_TOO_DEEP", message, span: { start, end } });
    throw new Unparsable();
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #isAt(operator: string): boolean {
    const token = this.#peek();
    return token.kind === "operator" && token.value === operator;
  }

  #take(operator: string): boolean {
    if (!this.#isAt(operator)) return false;
    this.#at++;
    return true;
  }

  #expect(operator: string, why: string): void {
    const token = this.#peek();
    if (this.#take(operator)) return;
    const message = `a "${operator}" is missing ${why}, before ${shown(token)}`;
    this.#fail(token, message, this.#wordHint());
  }

  /** @returns the end of the closing bracket; where there is none, the fault is the opening one's. */
  #close(closing: string, opening: Token): number {
    const token = this.#peek();
    if (this.#take(closing)) return token.end;
    if (token.kind === "end") return this.#fail(opening, `this ${shown(opening)} is never closed`);
    const message = `a "${closing}" is missing before ${shown(token)}`;
    const isList = closing === ")" && opening.value === "(" && token.value === ",";
    return this.#fail(token, message, isList ? "a list is written in brackets" : this.#wordHint());
  }

  /** What is meant by the word here, or by the one just taken for a name: `not x`. */
  #wordHint(): string | undefined {
    for (const token of [this.#tokens[this.#at], this.#tokens[this.#at - 1]]) {
      if (token?.kind !== "name") continue;
      const hint = WORDS.get(token.value.toLowerCase());
      if (token.value.toLowerCase() === "not" && this.#tokens[this.#at + 1]?.value === "in") {
        return "write !(x in list)";
      }
      if (hint !== undefined) return hint;
    }
    return undefined;
  }

  #fail({ start, end }: Token, message: string, hint?: string): never {
    // The end of the text is shown as one column behind it.
    const place = { code: "SYNTAX", message, span: { start, end: Math.max(end, start + 1) } };
    this.faults.push(hint === undefined ? place : { ...place, hint });
    throw new Unparsable();
  }
}

function shown(token: Token): string {
  return token.kind === "end" ? "the end" : JSON.stringify(token.value);
}
