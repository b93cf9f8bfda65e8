import { describe, expect, test } from "vitest";
import { checkExpression } from "../../../../topology/language/mod.ts";
import {
  expectedOutcome,
  FRAME,
  faultsOf,
  generated,
  interpreted,
  SCOPE,
  treeOf,
} from "./_check.ts";

/** With the result that CEL's documents give: the string and math extensions, conversions, `matches`. */
const TABLE: readonly (readonly [text: string, result: unknown])[] = [
  // Positions are in code points.
  ["'tacocat'.charAt(3)", "o"],
  ["'tacocat'.charAt(7)", ""],
  ["'tacocat'.charAt(30)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.charAt(-1)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'©αT'.charAt(0)", "©"],
  ["'a😀b'.charAt(1)", "😀"],
  ["'a😀b'.charAt(2)", "b"],
  ["'a😀b'.charAt(3)", ""],
  ["'a😀b'.charAt(4)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.indexOf('')", 0],
  ["'tacocat'.indexOf('ac')", 1],
  ["'tacocat'.indexOf('none')", -1],
  ["'tacocat'.indexOf('', 3)", 3],
  ["'tacocat'.indexOf('a', 3)", 5],
  ["'tacocat'.indexOf('at', 3)", 5],
  ["'tacocat'.indexOf('a', 30)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.indexOf('a', 7)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'ta©o©αT'.indexOf('©', 3)", 4],
  ["''.indexOf('a')", -1],
  ["'😀a😀b'.indexOf('b')", 3],
  ["'😀a😀b'.indexOf('😀', 1)", 2],
  ["'tacocat'.lastIndexOf('')", 7],
  ["'tacocat'.lastIndexOf('at')", 5],
  ["'tacocat'.lastIndexOf('none')", -1],
  ["'tacocat'.lastIndexOf('', 3)", 3],
  ["'tacocat'.lastIndexOf('a', 3)", 1],
  ["'tacocat'.lastIndexOf('a', -1)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.lastIndexOf('a', 30)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'😀a😀'.lastIndexOf('😀')", 2],
  ["'tacocat'.substring(4)", "cat"],
  ["'tacocat'.substring(7)", ""],
  ["'tacocat'.substring(0, 4)", "taco"],
  ["'tacocat'.substring(4, 4)", ""],
  ["'ta©o©αT'.substring(2, 6)", "©o©α"],
  ["'a😀b'.substring(1, 2)", "😀"],
  ["'a😀b'.substring(2)", "b"],
  ["'tacocat'.substring(40)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.substring(-1)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.substring(1, 50)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.substring(49, 50)", "<INDEX_OUT_OF_BOUNDS>"],
  ["'tacocat'.substring(4, 3)", "<INDEX_OUT_OF_BOUNDS>"],
  // Pieces.
  ["'12 days 12 hours'.replace('{0}', '2')", "12 days 12 hours"],
  ["'{0} days {0} hours'.replace('{0}', '2')", "2 days 2 hours"],
  ["'{0} days {0} hours'.replace('{0}', '2', 1).replace('{0}', '23')", "2 days 23 hours"],
  ["'aaa'.replace('a', 'b', 0)", "aaa"],
  ["'aaa'.replace('a', 'b', 2)", "bba"],
  ["'aaa'.replace('a', 'b', -1)", "bbb"],
  ["'aaa'.replace('a', '$&')", "$&$&$&"],
  ["'ab'.replace('', '-')", "-a-b-"],
  ["'ab'.replace('', '-', 2)", "-a-b"],
  ["'😀'.replace('', '-')", "-😀-"],
  ["'hello world'.split(' ')", ["hello", "world"]],
  ["'hello world events!'.split(' ', 0)", []],
  ["'hello world events!'.split(' ', 1)", ["hello world events!"]],
  ["'o©o©o©o'.split('©', 2)", ["o", "o©o©o"]],
  ["'o©o©o©o'.split('©', -1)", ["o", "o", "o", "o"]],
  ["'o©o'.split('©', 9)", ["o", "o"]],
  ["''.split(',')", [""]],
  ["''.split('')", []],
  ["'a😀'.split('')", ["a", "😀"]],
  ["'abc'.split('', 2)", ["a", "bc"]],
  ["['x', 'y'].join()", "xy"],
  ["['x', 'y'].join('-')", "x-y"],
  ["value.tags.filter(t, false).join('-')", ""],
  ["value.tags.reverse().join(' ')", "gift new"],
  ["'a😀b'.reverse()", "b😀a"],
  ["' \\f\\n\\r\\t\\vtext  '.trim()", "text"],
  ["'\\u0085\\u00a0\\u1680\\u2000\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000x'.trim()", "x"],
  ["'\\u180etext\\u200b\\ufeff'.trim()", "\u180etext\u200b\ufeff"],
  ["'  '.trim()", ""],
  // RE2: linear, found anywhere.
  ["'hubba'.matches('ubb')", true],
  ["'hubba'.matches('^ubb')", false],
  ["matches('abcd', 'bc')", true],
  ["'grey'.matches('gr(a|e)y')", true],
  ["'cows'.matches('')", true],
  ["''.matches('a')", false],
  ["'ABC'.matches('(?i)abc')", true],
  ["'a\\nb'.matches('^b$')", false],
  ["'a\\nb'.matches('(?m)^b$')", true],
  ["'é'.matches('^\\\\pL$')", true],
  ["'😀'.matches('^.$')", true],
  ["'a.b'.matches(r'a\\.b')", true],
  // math.
  ["math.round(1.5)", 2],
  ["math.round(2.5)", 3],
  ["math.round(-1.5)", -2],
  ["math.round(-2.5)", -3],
  ["math.round(1.4999)", 1],
  ["math.round(0.49999999999999994)", 0],
  ["math.round(4503599627370497.0)", 4503599627370497],
  ["math.isNaN(math.round(0.0 / 0.0))", true],
  ["math.round(1.0 / 0.0)", Infinity],
  ["math.ceil(1.2)", 2],
  ["math.ceil(-1.2)", -1],
  ["math.floor(1.8)", 1],
  ["math.floor(-1.2)", -2],
  ["math.trunc(-1.8)", -1],
  ["math.abs(-3)", 3],
  ["math.abs(-1.5)", 1.5],
  ["math.sign(-7)", -1],
  ["math.sign(0)", 0],
  ["math.sign(2.5)", 1],
  ["math.sqrt(81.0)", 9],
  ["math.sqrt(81)", 9],
  ["math.isNaN(math.sqrt(-1.0))", true],
  ["math.isInf(-1.0 / 0.0)", true],
  ["math.isFinite(1.0 / 0.0)", false],
  ["math.greatest(1, 3, 2)", 3],
  ["math.least(-0.5, -1.5)", -1.5],
  ["math.least(5)", 5],
  ["int(math.round(value.d))", 2],
  // Conversions.
  ["bool('true')", true],
  ["bool('TRUE')", true],
  ["bool('t')", true],
  ["bool('0')", false],
  ["bool('False')", false],
  ["bool('tRuE')", "<BAD_CONVERSION>"],
  ["bool('')", "<BAD_CONVERSION>"],
  ["bool(value.ok)", true],
  ["bytes('é') == b'\\xc3\\xa9'", true],
  ["b'é' == b'\\303\\251'", true],
  ["size(b'\\xff')", 1],
  ["rb'\\xff' == bytes(r'\\xff')", true],
  ["string(b'\\xff')", "<BAD_CONVERSION>"],
  ["b'a' + b'b' == b'ab'", true],
];

describe("both back ends give the documented results", () => {
  test.each(TABLE)("%s is %j", (text, result) => {
    const expected = expectedOutcome(result);
    expect(interpreted(treeOf(text), FRAME)).toEqual(expected);
    expect(generated(treeOf(text), FRAME)).toEqual(expected);
  });
});

describe("what a function cannot do is said where it stands", () => {
  test.each([
    ["math.round(value.n)", ["TYPE_MISMATCH 5-10"]],
    ["math.rond(value.d)", ["UNKNOWN_FUNCTION 5-9"]],
    ["math.greatest()", ["TYPE_MISMATCH 5-13"]],
    ["math.greatest(value.n, value.d)", ["TYPE_MISMATCH 5-13"]],
    ["round(value.d)", ["UNKNOWN_FUNCTION 0-5"]],
    ["value.list.join(',')", ["TYPE_MISMATCH 11-15"]],
    ["value.s.substring('a')", ["TYPE_MISMATCH 8-17"]],
    ["value.s.replace('a')", ["TYPE_MISMATCH 8-15"]],
    ["bool(value.n)", ["TYPE_MISMATCH 0-4"]],
    ["timestamp('2020-01-01T00:00:00Z')", ["UNKNOWN_FUNCTION 0-9"]],
    ["duration('1s')", ["UNKNOWN_FUNCTION 0-8"]],
    ["uint(value.n)", ["UNKNOWN_FUNCTION 0-4"]],
    ["dyn(value.n)", ["UNKNOWN_FUNCTION 0-3"]],
    ["value.s.matches('a' + 'b')", ["BAD_PATTERN 16-25"]],
    ["value.s.matches('a' == 'a' ? 'a' : 'b')", ["BAD_PATTERN 16-38"]],
    ["value.s.matches('(?=a)')", ["BAD_PATTERN 16-23"]],
    ["value.s.matches('(a)\\\\1')", ["BAD_PATTERN 16-24"]],
    ["value.s.matches('[z-a]')", ["BAD_PATTERN 16-23"]],
    ["value.s.matches('*')", ["BAD_PATTERN 16-19"]],
    ["value.s.matches('a{1001}')", ["BAD_PATTERN 16-25"]],
    ["value.s.matches('(a{100}){9}')", ["BAD_PATTERN 16-29"]],
    [`value.s.matches('${"a".repeat(1001)}')`, ["BAD_PATTERN 16-1019"]],
  ])("%s: %j", (text, expected) => {
    expect(faultsOf(text)).toEqual(expected);
  });

  test.each([
    ["value.s.toLowerCase()", "lowerAscii"],
    ["round(value.d)", "math.round"],
    ["max(value.n, 1)", "math.greatest"],
    ["value.list.some(x, x > 1)", "exists"],
    ["value.s.replaceAll('a', 'b')", "replace"],
  ])("%s: did you mean %s?", (text, name) => {
    expect(faultsOf(text)).toHaveLength(1);
    expect(checkExpression(text, SCOPE).faults[0]!.message).toContain(`did you mean "${name}"?`);
  });

  test("a name called math hides the functions behind it", () => {
    const scope = new Map([["math", { kind: "string" } as const]]);
    expect(faultsOf("math.size() > 0", scope)).toEqual([]);
    expect(faultsOf("math.round(1.5) > 0.0", scope)).toEqual(["UNKNOWN_FUNCTION 5-10"]);
  });
});
