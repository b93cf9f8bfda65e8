import { describe, expect, test } from "vitest";
import {
  MAX_EXPRESSION_DEPTH,
  parseExpression,
  type SyntaxNode,
} from "../../../../topology/language/mod.ts";

function parsed(text: string): SyntaxNode {
  const { tree, faults } = parseExpression(text);
  if (tree === undefined) throw new Error(`${text}: ${JSON.stringify(faults)}`);
  return tree;
}

/** Each node as the text it spans, the outer ones first. */
function texts(text: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("op" in value) {
      const { start, end } = (value as SyntaxNode).span;
      found.push(text.slice(start, end));
    }
    for (const [name, part] of Object.entries(value)) if (!/span$/i.test(name)) visit(part);
  };
  visit(parsed(text));
  return found;
}

/** `<from>-<to> <message> (<hint>)` of the faults. */
function faults(text: string): string[] {
  return parseExpression(text).faults.map(
    ({ span, message, hint }) =>
      `${span.start}-${span.end} ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
}

describe("every node spans its own text", () => {
  test.each([
    ["a + b * -c", ["a + b * -c", "a", "b * -c", "b", "-c", "c"]],
    ["( a + b ) * c", ["( a + b ) * c", "( a + b )", "a", "b", "c"]],
    ["a . b [ 1 ]", ["a . b [ 1 ]", "a . b", "a", "1"]],
    ["a.f(b, 'x').g()", ["a.f(b, 'x').g()", "a.f(b, 'x')", "a", "b", "'x'"]],
    [
      "f( a ) ? [b,] : {c: 1}",
      ["f( a ) ? [b,] : {c: 1}", "f( a )", "a", "[b,]", "b", "{c: 1}", "c", "1"],
    ],
    ["a in['x']", ["a in['x']", "a", "['x']", "'x'"]],
    ["!a // not\n && b", ["!a // not\n && b", "!a", "a", "b"]],
  ])("%j", (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  test("names and operators have spans of their own", () => {
    expect(parsed("a.bc == d")).toMatchObject({
      operatorSpan: { start: 5, end: 7 },
      left: { fieldSpan: { start: 2, end: 4 } },
    });
    expect(parsed("a.bc(d)")).toMatchObject({ nameSpan: { start: 2, end: 4 } });
  });
});

describe("literals", () => {
  test.each<[string, unknown]>([
    ["007", 7],
    ["0xFf", 255],
    ["-0x10", -16],
    ["9007199254740991", 9007199254740991],
    ["-9007199254740991", -9007199254740991],
    [".5", 0.5],
    ["1e-2", 0.01],
    ["6.02E+23", 6.02e23],
    ["-0", 0],
    ["-0.0", -0],
    [`'\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\'\\"\\\`'`, "\x07\b\f\n\r\t\v\\?'\"`"],
    ["'\\U0001F600\\u00E9\\x41\\X41\\101'", "😀éAAA"],
    ["'\\U0010ffff'", "\u{10ffff}"],
    [`"it's"`, "it's"],
    [`'''it's'''`, "it's"],
    [`r'\\d+\\n'`, "\\d+\\n"],
    [`R"\\U"`, "\\U"],
    [`""""""`, ""],
    ["''", ""],
  ])("%s is %j", (text, value) => {
    expect(parsed(text)).toMatchObject({ op: "literal", value });
  });

  test.each([
    ["9007199254740992", "0-16 this integer is beyond 2^53-1"],
    ["1e400", "0-5 this number is too large"],
    [
      "1 + 2u",
      '4-6 a number cannot be followed by "u" (ints have no unsigned form: leave the u off)',
    ],
    ["'a\nb'", "0-2 this text has no closing '"],
    ["x == 'abc", "5-9 this text has no closing '"],
    ["'''a'", "0-5 this text has no closing '''"],
    ["'a\\", "0-3 this text has no closing '"],
    ["'\\q'", "1-3 there is no escape \\q (a backslash itself is \\\\)"],
    ["'\\ud800'", "1-3 there is no escape \\u (a backslash itself is \\\\)"],
    ["'\\U00110000'", "1-3 there is no escape \\U (a backslash itself is \\\\)"],
    ["b'\\u0041'", "2-4 there is no escape \\u in bytes (a backslash itself is \\\\)"],
  ])("%j: %s", (text, expected) => {
    expect(faults(text)[0]).toBe(expected);
  });
});

describe("mistakes are shown where they are, with what was probably meant", () => {
  test.each([
    ["a = 1", "2-3 there is no operator = (did you mean ==?)"],
    ["a === 1", "2-5 there is no operator === (did you mean ==?)"],
    ["a !== 1", "2-5 there is no operator !== (did you mean !=?)"],
    ["a <> 1", "2-4 there is no operator <> (did you mean !=?)"],
    ["a & b", "2-3 there is no operator & (did you mean &&?)"],
    ["a | b", "2-3 there is no operator | (did you mean ||?)"],
    ["a ?? b", "2-4 there is no operator ?? (write x != null ? x : …)"],
    ["a and b", '2-5 this does not belong to what is before it: "and" (did you mean &&?)'],
    ["(a OR b)", '3-5 a ")" is missing before "OR" (did you mean ||?)'],
    ["[a and b]", '3-6 a "]" is missing before "and" (did you mean &&?)'],
    ["not a", '4-5 this does not belong to what is before it: "a" (did you mean !?)'],
    ["a inn ['x']", '2-5 this does not belong to what is before it: "inn"'],
    ["a b", '2-3 this does not belong to what is before it: "b"'],
    ["1 +", '3-4 a value is missing after "+"'],
    ["1 + * 2", '4-5 a value is missing before "*"'],
    ["", "0-1 the expression is empty"],
    ["  ", "2-3 the expression is empty"],
    ["a + (b * (c", '9-10 this "(" is never closed'],
    ["f(a, g(b)", '1-2 this "(" is never closed'],
    ["x[1", '1-2 this "[" is never closed'],
    ["[1, 2", '0-1 this "[" is never closed'],
    ["{a: 1", '0-1 this "{" is never closed'],
    ["(a]", '2-3 a ")" is missing before "]"'],
    ["a)", '1-2 this does not belong to what is before it: ")"'],
    ["a ? b", '5-6 a ":" is missing between the two values of ? :, before the end'],
    ["a ? b ? 1 : 2 : 3", "6-7 a ? : between ? and : needs parentheses around it"],
    ["{a 1}", '3-4 a ":" is missing between key and value, before 1'],
    ["a.'b'", '2-5 a field name must follow the dot, not "b"'],
    ["in [1]", '0-2 "in" is a word of the language, not a name'],
    ["a + while", '4-9 "while" is a word of the language, not a name'],
  ])("%j: %s", (text, expected) => {
    expect(faults(text)).toEqual([expected]);
  });

  test("every wrong character is shown, up to a bound", () => {
    expect(faults("a = 'x' & b = 'y'").map((fault) => fault.split(" ")[0])).toEqual([
      "2-3",
      "8-9",
      "12-13",
    ]);
    expect(faults("@".repeat(9000))).toHaveLength(20);
  });
});

describe("depth is bounded, at equality allowed", () => {
  const n = MAX_EXPRESSION_DEPTH;
  test.each<[string, (depth: number) => string]>([
    // The whole is one level, each bracket one more.
    ["brackets", (depth) => `${"(".repeat(depth - 1)}a${")".repeat(depth - 1)}`],
    ["lists", (depth) => `${"[".repeat(depth - 1)}a${"]".repeat(depth - 1)}`],
    ["calls", (depth) => `${"f(".repeat(depth - 1)}a${")".repeat(depth - 1)}`],
    ["negations", (depth) => `${"!".repeat(depth - 1)}a`],
    ["sums", (depth) => `a${" + a".repeat(depth - 1)}`],
    ["conditions", (depth) => `a${" && a".repeat(depth - 1)}`],
    ["fields", (depth) => `a${".a".repeat(depth - 1)}`],
    ["indexes", (depth) => `a${"[a]".repeat(depth - 1)}`],
    ["methods", (depth) => `a${".f()".repeat(depth - 1)}`],
    ["conditionals", (depth) => `${"a ? a : ".repeat(depth - 1)}a`],
  ])("%s", (_, make) => {
    expect(parseExpression(make(n)).faults).toEqual([]);
    expect(parseExpression(make(n + 1)).faults).toMatchObject([{ code: "EXPRESSION_TOO_DEEP" }]);
  });

  test("brackets do not hide the height of what they hold", () => {
    const half = `a${" + a".repeat(n / 2)}`;
    expect(parseExpression(`(${half})${" * a".repeat(n / 2)}`).faults).toMatchObject([
      { code: "EXPRESSION_TOO_DEEP" },
    ]);
  });
});
