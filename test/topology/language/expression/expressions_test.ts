import { describe, expect, test } from "vitest";
import {
  checkExpression,
  type Expression,
  MAX_EXPRESSION_LENGTH,
} from "../../../../topology/language/mod.ts";
import { evaluated, FRAME, faultsOf, generated, interpreted, SCOPE, treeOf } from "./_check.ts";

/** A tree as text with every grouping in parentheses. */
function grouped(expression: Expression): string {
  switch (expression.op) {
    case "const":
      return JSON.stringify(expression.value);
    case "path":
      return [expression.root, ...expression.path].join(".");
    case "unary":
      return `(${expression.operator}${grouped(expression.operand)})`;
    case "binary":
      return `(${grouped(expression.left)} ${expression.operator} ${grouped(expression.right)})`;
    case "and":
    case "or":
      return `(${grouped(expression.left)} ${expression.op} ${grouped(expression.right)})`;
    case "conditional":
      return `(${grouped(expression.condition)} ? ${grouped(expression.then)} : ${grouped(expression.otherwise)})`;
    case "index":
      return `${grouped(expression.operand)}[${grouped(expression.index)}]`;
    case "list":
      return `[${expression.elements.map(grouped).join(", ")}]`;
    case "call":
      return `${expression.name}(${expression.arguments.map(grouped).join(", ")})`;
    default:
      return expression.op;
  }
}

describe("precedence", () => {
  test.each([
    ["1 + 2 * 3", "(1 + (2 * 3))"],
    ["1 * 2 + 3", "((1 * 2) + 3)"],
    ["1 - 2 - 3", "((1 - 2) - 3)"],
    ["8 / 4 / 2", "((8 / 4) / 2)"],
    ["8 % 5 * 2", "((8 % 5) * 2)"],
    ["-value.n + 1", "((-value.n) + 1)"],
    ["-value.n * 2", "((-value.n) * 2)"],
    ["- -value.n", "(-(-value.n))"],
    ["!value.ok || value.ok", "((!value.ok) or value.ok)"],
    ["!!value.ok", "(!(!value.ok))"],
    ["value.ok || value.ok && !value.ok", "(value.ok or (value.ok and (!value.ok)))"],
    ["value.ok && value.ok || value.ok", "((value.ok and value.ok) or value.ok)"],
    ["1 + 2 < 4 && 2 > 1", "(((1 + 2) < 4) and (2 > 1))"],
    ["1 < 2 == true", "((1 < 2) == true)"],
    ["value.n in [1] == true", "((value.n in [1]) == true)"],
    ["1 + 1 in [2]", "((1 + 1) in [2])"],
    ["value.ok ? 1 : value.ok ? 2 : 3", "(value.ok ? 1 : (value.ok ? 2 : 3))"],
    ["value.ok || value.ok ? 1 : 2", "((value.ok or value.ok) ? 1 : 2)"],
    ["(1 + 2) * 3", "((1 + 2) * 3)"],
    ["-value.list[0]", "(-value.list[0])"],
    ["value.s.size() + 1", "(sizeText(value.s) + 1)"],
    ["value.s + value.t == 'abb'", '((value.s + value.t) == "abb")'],
  ])("%s is %s", (text, expected) => {
    expect(grouped(treeOf(text))).toBe(expected);
  });

  test.each([
    ["value.n  +  value.m", [0, 19]],
    [" value.n", [1, 8]],
    ["(value.n)", [0, 9]],
    ["value.customer != null && value.customer.name == 'x'", [0, 52]],
    ["'é' + key", [0, 9]],
  ])("the span of %j is %j", (text, [start, end]) => {
    expect(treeOf(text).span).toEqual({ start, end });
  });
});

describe("values", () => {
  test.each<[string, unknown]>([
    ["1 + 2 * 3", 7],
    ["7 / 2", 3],
    ["-7 / 2", -3],
    ["-7 % 3", -1],
    ["7 % -3", 1],
    ["7.0 / 2", 3.5],
    ["value.d * 2", 3],
    ["0x10 + 1", 17],
    ["1e3", 1000],
    ["'a' + \"b\"", "ab"],
    ["'\\n\\x41\\u00e9\\U0001F600\\101'", "\nAé😀A"],
    ["r'\\n'", "\\n"],
    ["'''a\nb'''", "a\nb"],
    ["size('😀a')", 2],
    ["value.raw.size()", 2],
    ["string(value.raw)", "hi"],
    ["'Ä' < '😀'", true],
    ["'\\uFFFD' < '😀'", true],
    ["value.gender == 'MALE'", true],
    ["value.gender in ['FEMALE']", false],
    ["'a' in value.map", true],
    ["value.map.a", 1],
    ["headers.h", "x"],
    ["headers['h']", "x"],
    ["value.note == null", true],
    ["[1, 2] + [3] == value.list", true],
    ["int('12') + int(1.9)", 13],
    ["double('1.5e1')", 15],
    ["string(1) + string(true)", "1true"],
    ["'aBc'.upperAscii() + 'aBc'.lowerAscii()", "ABCabc"],
    ["'abc'.contains('bc') && 'abc'.startsWith('a') && 'abc'.endsWith('c')", true],
    ["value.n / 0 == 1 || true", true],
    ["false && value.n / 0 == 1", false],
    ["value.n / 0 == 1 && false", false],
    ["true // a comment", true],
    ["0 - 0", 0],
    ["0 * -1", 0],
  ])("%s is %j, by both back ends", (text, expected) => {
    expect(interpreted(treeOf(text), FRAME)).toEqual({ value: expected });
    expect(generated(treeOf(text), FRAME)).toEqual({ value: expected });
  });

  test.each([
    ["value.n / 0", "DIVISION_BY_ZERO"],
    ["value.n % 0", "DIVISION_BY_ZERO"],
    ["9007199254740991 + value.n", "OVERFLOW"],
    ["9007199254740991 * value.n", "OVERFLOW"],
    ["-9007199254740991 - value.n", "OVERFLOW"],
    ["value.list[3]", "INDEX_OUT_OF_BOUNDS"],
    ["value.list[-1]", "INDEX_OUT_OF_BOUNDS"],
    ["value.map['zz']", "NO_SUCH_KEY"],
    ["value.map['__proto__']", "NO_SUCH_KEY"],
    ["int('x')", "BAD_CONVERSION"],
    ["int('1e3')", "BAD_CONVERSION"],
    ["int('')", "BAD_CONVERSION"],
    ["double('')", "BAD_CONVERSION"],
    ["int(1e300)", "BAD_CONVERSION"],
    ["value.n / 0 == 1 || false", "DIVISION_BY_ZERO"],
    ["value.n / 0 == 1 && true", "DIVISION_BY_ZERO"],
  ])("%s fails with %s, by both back ends", (text, code) => {
    expect(interpreted(treeOf(text), FRAME)).toEqual({ error: code });
    expect(generated(treeOf(text), FRAME)).toEqual({ error: code });
  });

  test("doubles divide by zero as IEEE says", () => {
    expect(evaluated("value.d / 0.0")).toBe(Number.POSITIVE_INFINITY);
    expect(evaluated("string(value.d / 0.0 - value.d / 0.0)")).toBe("NaN");
  });
});

describe("faults stand where the mistake is", () => {
  test.each([
    ["value.gendr == 'MALE'", ["UNKNOWN_FIELD 6-11"]],
    ["value.n == value.foo", ["UNKNOWN_FIELD 17-20"]],
    ["value.customer != null && value.customer.nme == 'x'", ["UNKNOWN_FIELD 41-44"]],
    ["value.gender == 'FEMAL'", ["UNKNOWN_SYMBOL 16-23"]],
    ["value.gender in ['MALE', 'X', 'Y']", ["UNKNOWN_SYMBOL 25-28", "UNKNOWN_SYMBOL 30-33"]],
    ["valu.n == 1", ["UNKNOWN_NAME 0-4"]],
    ["n + 1", ["UNKNOWN_NAME 0-1"]],
    ["valu.n + vlue.n", ["UNKNOWN_NAME 0-4", "UNKNOWN_NAME 9-13"]],
    ["value.n + value.d", ["TYPE_MISMATCH 8-9"]],
    ["value.n + 'a'", ["TYPE_MISMATCH 8-9"]],
    ["value.s == 1", ["TYPE_MISMATCH 8-10"]],
    ["value.n ? 1 : 2", ["TYPE_MISMATCH 0-7"]],
    ["!value.n", ["TYPE_MISMATCH 1-8"]],
    ["-value.s", ["TYPE_MISMATCH 0-8"]],
    ["value.ok ? 1 : 'a'", ["TYPE_MISMATCH 0-18"]],
    ["[1, 'a']", ["TYPE_MISMATCH 4-7"]],
    ["[]", ["TYPE_MISMATCH 0-2"]],
    ["value.d % 2.0", ["TYPE_MISMATCH 8-9"]],
    ["value.n in 3", ["TYPE_MISMATCH 8-10"]],
    ["value.n.x", ["TYPE_MISMATCH 8-9"]],
    ["size(value.n)", ["TYPE_MISMATCH 0-4"]],
    ["value.note + 'x'", ["NULLABLE 0-10"]],
    ["size(value.note) > 0", ["NULLABLE 5-15"]],
    ["value.customer.name", ["NULLABLE 0-14"]],
    ["foo(1)", ["UNKNOWN_FUNCTION 0-3"]],
    ["value.s.foo()", ["UNKNOWN_FUNCTION 8-11"]],
    ["contains('a', 'b')", ["UNKNOWN_FUNCTION 0-8"]],
    ["value.s.matches('(a')", ["BAD_PATTERN 16-20"]],
    ["value.s.matches(value.t)", ["BAD_PATTERN 16-23"]],
    ["has(value)", ["TYPE_MISMATCH 0-3"]],
    ["value.note == 'x'", ["NULLABLE 0-10"]],
    ["value.list.all(x, x > 0.5)", ["TYPE_MISMATCH 20-21"]],
    ["value.n = 1", ["SYNTAX 8-9"]],
    ["value.n and true", ["SYNTAX 8-11"]],
    ["value.", ["SYNTAX 6-7"]],
    ["", ["SYNTAX 0-1"]],
    ["1 +", ["SYNTAX 3-4"]],
    ["(1", ["SYNTAX 0-1"]],
    ["'abc", ["SYNTAX 0-4"]],
    ["'a\\q'", ["SYNTAX 2-4"]],
    ["12abc", ["SYNTAX 0-5"]],
    ["9007199254740992", ["SYNTAX 0-16"]],
    ["`x`", ["SYNTAX 0-1", "SYNTAX 2-3"]],
    ["if", ["SYNTAX 0-2"]],
    ["value.ok ? 1", ["SYNTAX 12-13"]],
  ])("%s: %j", (text, expected) => {
    expect(faultsOf(text)).toEqual(expected);
  });

  test("messages name the stream and what was probably meant", () => {
    const [field] = checkExpression("value.gendr", SCOPE, { valueName: "orders" }).faults;
    expect(field?.message).toBe('orders has no field "gendr"; did you mean "gender"?');
    const [symbol] = checkExpression("value.gender == 'FEMAL'", SCOPE).faults;
    expect(symbol?.message).toBe('Gender has no symbol "FEMAL"; did you mean "FEMALE"?');
    const [mixed] = checkExpression("value.n + value.d", SCOPE).faults;
    expect(mixed?.hint).toBe("write double(value.n)");
  });

  test("the length of an expression is bounded, at equality allowed", () => {
    const most = `'${"x".repeat(MAX_EXPRESSION_LENGTH - 2)}'`;
    expect(faultsOf(most)).toEqual([]);
    expect(faultsOf(`${most} `)).toEqual([`EXPRESSION_TOO_LONG 0-${MAX_EXPRESSION_LENGTH + 1}`]);
  });

  test.each([
    ["(", ")"],
    ["[", "]"],
    ["!", ""],
    ["- ", ""],
    ["true ? 1 : ", ""],
  ])("nesting %s is bounded", (opening, closing) => {
    const text = `${opening.repeat(500)}1${closing.repeat(500)}`;
    expect(faultsOf(text)).toEqual([expect.stringMatching(/^EXPRESSION_TOO_DEEP \d+-\d+$/)]);
  });
});

describe("null must be ruled out", () => {
  test.each([
    "value.note != null && size(value.note) > 0",
    "null != value.note && size(value.note) > 0",
    "value.note == null || size(value.note) > 0",
    "!(value.note == null) && size(value.note) > 0",
    "!(value.note == null || value.n == 1) && size(value.note) > 0",
    "value.note != null ? size(value.note) : 0",
    "value.note == null ? 0 : size(value.note)",
    "value.customer != null && value.customer.name == 'x'",
    "value.customer != null && value.customer.age != null && value.customer.age > 3",
    "has(value.note) && size(value.note) > 0",
    "value.note != null && value.note == 'x'",
    "value.note == null",
  ])("%s", (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  test.each([
    "value.note != null || size(value.note) > 0",
    "value.note == null && size(value.note) > 0",
    "size(value.note) > 0 && value.note != null",
    "(value.note != null || value.ok) && size(value.note) > 0",
    "value.note != null ? 0 : size(value.note)",
    "!(value.note == null && value.ok) && size(value.note) > 0",
    "value.customer != null && value.customer.age > 3",
    "(value.note != null) == true && size(value.note) > 0",
  ])("%s is not proof", (text) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(/^NULLABLE /)]);
  });
});
