import { describe, expect, test } from "vitest";
import {
  checkExpression,
  describeType,
  type ExpressionType,
  pathsOf,
  type Scope,
} from "../../../../topology/language/mod.ts";
import { FRAME, faultsOf, generated, interpreted, SCOPE, treeOf } from "./_check.ts";

const typeOf = (text: string): string => describeType(treeOf(text).type);
const messageOf = (text: string): string | undefined =>
  checkExpression(text, SCOPE, { valueName: "orders" }).faults[0]?.message;

describe("types", () => {
  test.each([
    ["1", "int"],
    ["1.0", "double"],
    ["value.d + 1", "double"],
    ["1 - value.d", "double"],
    ["value.n + 1", "int"],
    ["value.s + value.gender", "string"],
    ["value.raw + value.raw", "bytes"],
    ["value.gender", "enum Gender"],
    ["value.note", "string or null"],
    ["value.ok ? value.note : 'x'", "string or null"],
    ["value.ok ? null : 1", "int or null"],
    ["value.ok ? 1 : value.d", "double"],
    ["value.ok ? value.gender : 'x'", "string"],
    ["value.ok ? (value.ok ? 1 : 2) : 0.5", "double"],
    ["[1, 2.5]", "list(double)"],
    ["[2.5, 1]", "list(double)"],
    ["[null, 1, 2.5]", "list(double or null)"],
    ["[[1], [], [2.5]]", "list(list(double))"],
    ["value.ok ? [] : value.list", "list(int)"],
    ["value.list + []", "list(int)"],
    ["{'a': 1, 'b': 2.5}", "map(string, double)"],
    ["{value.s: value.note}", "map(string, string or null)"],
    ["value.ok ? {} : value.map", "map(string, int)"],
    ["value.map.a", "int"],
    ["value.customer", "record Customer or null"],
    ["value.customer != null ? value.customer.age : 0", "int or null"],
    ["value.list[0]", "int"],
    ["'a' < value.gender", "bool"],
  ])("%s is %s", (text, type) => {
    expect(typeOf(text)).toBe(type);
  });

  test.each([
    ["value.d in [1, 2]", "double"],
    ["1 in [1.5, 2]", "double"],
    ["value.d == 1", "double"],
    ["value.ok ? 1 : value.d", "double"],
    ["[1, 2.5] == [value.d]", "double"],
  ])("in %s no int is left", (text, kind) => {
    const kinds = new Set(JSON.stringify(treeOf(text)).match(/"kind":"(int|double)"/g));
    expect([...kinds]).toEqual([`"kind":"${kind}"`]);
  });

  test.each([
    ["size([])", ["TYPE_MISMATCH 5-7"]],
    ["[[], []]", ["TYPE_MISMATCH 1-3", "TYPE_MISMATCH 5-7"]],
    ["{}", ["TYPE_MISMATCH 0-2"]],
    ["{1: 2}", ["TYPE_MISMATCH 1-2"]],
    ["{'a': 1, 'b': 'c'}", ["TYPE_MISMATCH 14-17"]],
    ["{'a': 1, 'a': 2}", ["DUPLICATE_KEY 9-12"]],
    ["value.n in [1.5]", ["TYPE_MISMATCH 8-10"]],
    ["value.n == 1.5", ["TYPE_MISMATCH 8-10"]],
    ["value.note in ['a']", ["NULLABLE 0-10"]],
    ["value.note != value.note", ["NULLABLE 0-10", "NULLABLE 14-24"]],
    ["value.note == 1", ["NULLABLE 0-10"]],
    ["null + 1", ["TYPE_MISMATCH 0-4"]],
    ["null < 1", ["TYPE_MISMATCH 0-4"]],
    ["(value.ok ? value.note : 'x') == 'y'", ["NULLABLE 0-29"]],
    ["'FEMAL' == value.gender", ["UNKNOWN_SYMBOL 0-7"]],
    ["value.gender != 'FEMAL'", ["UNKNOWN_SYMBOL 16-23"]],
    [
      "value.gender == (value.ok ? 'MAL' : 'FEMAL')",
      ["UNKNOWN_SYMBOL 28-33", "UNKNOWN_SYMBOL 36-43"],
    ],
    ["'FEMAL' in [value.gender]", ["UNKNOWN_SYMBOL 0-7"]],
    ["has(value.nope)", ["UNKNOWN_FIELD 10-14"]],
    ["has(value.n, value.m)", ["TYPE_MISMATCH 0-3"]],
    ["value.s.size(1)", ["TYPE_MISMATCH 8-12"]],
    ["value.s.string()", ["UNKNOWN_FUNCTION 8-14"]],
    ["value.n.contains('a')", ["TYPE_MISMATCH 8-16"]],
    ["value.list['a']", ["TYPE_MISMATCH 0-15"]],
    ["value.map[0]", ["TYPE_MISMATCH 0-12"]],
    ["value.s[0]", ["TYPE_MISMATCH 0-10"]],
    ["value + 1", ["TYPE_MISMATCH 6-7"]],
    ["value.list + ['a']", ["TYPE_MISMATCH 11-12"]],
    ["value.list < value.list", ["TYPE_MISMATCH 11-12"]],
    ["value.n && value.s", ["TYPE_MISMATCH 0-7", "TYPE_MISMATCH 11-18"]],
  ])("%s: %j", (text, expected) => {
    expect(faultsOf(text)).toEqual(expected);
  });

  test.each([
    ["value.s.toLowerCase()", 'there is no function "toLowerCase"; did you mean "lowerAscii"?'],
    ["value.s.containz('a')", 'there is no function "containz"; did you mean "contains"?'],
    ["contains('a', 'b')", "contains is a method: write x.contains(…)"],
    ["value.n + value.d", "+ does not take int and double"],
    ["value.s + 1", "+ does not take string and int"],
    ["value.gender == 1", "== cannot compare enum Gender with int"],
    ["value.note + 'x'", "value.note may be null"],
    ["keey", 'nothing here is named "keey"'],
  ])("%s: %s", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  test("an expression full of mistakes is not read to its end", () => {
    const text = Array.from({ length: 500 }, (_, n) => `x${n}`).join(", ");
    expect(faultsOf(`[${text}]`)).toHaveLength(20);
  });
});

describe("has()", () => {
  test.each([
    ["has(value.note)", false],
    ["has(value.n)", true],
    ["has(value.map.a)", true],
    ["has(value.map.b)", false],
    ["has(headers.h)", true],
    ["has(headers.toString)", false],
  ])("%s is %j", (text, expected) => {
    expect(generated(treeOf(text), FRAME)).toEqual({ value: expected });
    expect(interpreted(treeOf(text), FRAME)).toEqual({ value: expected });
  });

  test("proves what it has found", () => {
    expect(faultsOf("has(value.note) && value.note == 'x'")).toEqual([]);
    expect(faultsOf("has(value.note) || value.note == 'x'")).toEqual(["NULLABLE 19-29"]);
  });
});

describe("what a schema holds and expressions cannot use yet", () => {
  const amount: ExpressionType = { kind: "unsupported", reason: "it is a decimal" };
  const order: ExpressionType = {
    kind: "record",
    name: "Order",
    fields: [
      { name: "id", type: { kind: "int" } },
      { name: "amount", type: amount },
      { name: "amounts", type: { kind: "list", element: amount } },
    ],
  };
  const scope: Scope = new Map([["value", order]]);

  test.each([
    ["value.id == 1", []],
    ["value.amount", ["NOT_BUILT 0-12"]],
    ["value.amount == value.amount", ["NOT_BUILT 0-12", "NOT_BUILT 16-28"]],
    ["value.amounts[0]", ["NOT_BUILT 0-16"]],
    ["value.amounts", ["NOT_BUILT 0-13"]],
    ["value", ["NOT_BUILT 0-5"]],
    ["size(value.amounts)", []],
  ])("%s: %j", (text, expected) => {
    expect(faultsOf(text, scope)).toEqual(expected);
  });

  test("says why", () => {
    expect(checkExpression("value.amount", scope).faults[0]?.message).toBe(
      "value.amount cannot be used in expressions yet: it is a decimal",
    );
  });
});

test("an expression knows the fields it reads, each once, however they are used", () => {
  const text =
    "value.n in [value.m, value.n] || key == 'a' ? {key: size(value.s)} : {'x': -value.list[eventTime]}";
  expect(pathsOf(treeOf(text)).map(({ root, path }) => [root, ...path].join("."))).toEqual([
    "value.n",
    "value.m",
    "key",
    "value.s",
    "value.list",
    "eventTime",
  ]);
});
